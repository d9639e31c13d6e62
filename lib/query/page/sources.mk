# Files of lib/query/page/.
libflatspan_a_SOURCES += \
	lib/query/page/collect.c lib/query/page/collect.h \
	lib/query/page/heap.c lib/query/page/heap.h \
	lib/query/page/interval.c lib/query/page/interval.h \
	lib/query/page/key.c lib/query/page/key.h \
	lib/query/page/page.c lib/query/page/page.h
