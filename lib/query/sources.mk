# Files of lib/query/.
libflatspan_a_SOURCES += \
	lib/query/bits.c lib/query/bits.h \
	lib/query/bits_avx2.c \
	lib/query/collect.c lib/query/collect.h \
	lib/query/engine.c lib/query/engine.h \
	lib/query/group.c \
	lib/query/match.c lib/query/match.h \
	lib/query/order.c lib/query/order.h \
	lib/query/path.c lib/query/path.h \
	lib/query/query.c lib/query/query.h \
	lib/query/rollup.c lib/query/rollup.h \
	lib/query/rows.c lib/query/rows.h \
	lib/query/scan.c lib/query/scan.h \
	lib/query/session.c \
	lib/query/sort.h \
	lib/query/table.c lib/query/table.h \
	lib/query/text.c lib/query/text.h \
	lib/query/text_find.c \
	lib/query/trace.c
