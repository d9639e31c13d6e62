# Files of lib/query/filter/.
libflatspan_a_SOURCES += \
	lib/query/filter/counted.c lib/query/filter/counted.h \
	lib/query/filter/filter.c lib/query/filter/filter.h \
	lib/query/filter/predicate.c \
	lib/query/filter/search.c lib/query/filter/search.h \
	lib/query/filter/search_area.c lib/query/filter/search_area.h \
	lib/query/filter/search_rows.c \
	lib/query/filter/snapshot.c lib/query/filter/snapshot.h \
	lib/query/filter/verify.c lib/query/filter/verify.h
