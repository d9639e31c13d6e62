# Files of lib/query/page/.
libflatspan_a_SOURCES += \
	lib/query/page/bound.c \
	lib/query/page/numbers.c \
	lib/query/page/page.c lib/query/page/page.h \
	lib/query/page/refine.c \
	lib/query/page/sort.h \
	lib/query/page/texts.c
