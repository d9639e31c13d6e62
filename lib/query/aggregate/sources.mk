# Files of lib/query/aggregate/.
libflatspan_a_SOURCES += \
	lib/query/aggregate/group.c \
	lib/query/aggregate/group_codes.c \
	lib/query/aggregate/group_index.c lib/query/aggregate/group_index.h \
	lib/query/aggregate/rollup_index.c \
	lib/query/aggregate/session.c \
	lib/query/aggregate/session_index.c \
	lib/query/aggregate/shared.c lib/query/aggregate/shared.h \
	lib/query/aggregate/trace.c \
	lib/query/aggregate/trace_index.c lib/query/aggregate/trace_index.h \
	lib/query/aggregate/trace_rootless.c lib/query/aggregate/trace_rootless.h \
	lib/query/aggregate/trace_roots.c
