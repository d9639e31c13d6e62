# Files of lib/query/.
libflatspan_a_SOURCES += \
	lib/query/bits.c lib/query/bits.h \
	lib/query/bits_avx2.c \
	lib/query/block.c lib/query/block.h \
	lib/query/block_made.c lib/query/block_made.h \
	lib/query/collect.c lib/query/collect.h \
	lib/query/column.c lib/query/column.h \
	lib/query/engine.c lib/query/engine.h \
	lib/query/explain.c lib/query/explain.h \
	lib/query/group.c \
	lib/query/group_codes.c \
	lib/query/group_index.c lib/query/group_index.h \
	lib/query/match.c lib/query/match.h \
	lib/query/order.c lib/query/order.h \
	lib/query/page.c lib/query/page.h \
	lib/query/page_bound.c \
	lib/query/page_numbers.c \
	lib/query/page_refine.c \
	lib/query/page_texts.c \
	lib/query/path.c lib/query/path.h \
	lib/query/query.c lib/query/query.h \
	lib/query/rollup.c lib/query/rollup.h \
	lib/query/rollup_index.c \
	lib/query/rows.c lib/query/rows.h \
	lib/query/scan.c lib/query/scan.h \
	lib/query/search.c lib/query/search.h \
	lib/query/search_area.c lib/query/search_area.h \
	lib/query/search_rows.c \
	lib/query/session.c \
	lib/query/session_index.c \
	lib/query/shared.c lib/query/shared.h \
	lib/query/sieve.c lib/query/sieve.h \
	lib/query/sieve_pred.c \
	lib/query/sort.h \
	lib/query/stock.c lib/query/stock.h \
	lib/query/table.c lib/query/table.h \
	lib/query/text.c lib/query/text.h \
	lib/query/trace.c \
	lib/query/trace_index.c lib/query/trace_index.h \
	lib/query/trace_places.c lib/query/trace_places.h \
	lib/query/trace_rootless.c lib/query/trace_rootless.h \
	lib/query/trace_roots.c \
	lib/query/verify.c lib/query/verify.h
