# Files of lib/api/opik/filter/.
libflatspan_a_SOURCES += \
	lib/api/opik/filter/apply.c \
	lib/api/opik/filter/filter.c lib/api/opik/filter/filter.h \
	lib/api/opik/filter/letters.c lib/api/opik/filter/letters.h \
	lib/api/opik/filter/order.c lib/api/opik/filter/order.h \
	lib/api/opik/filter/range.c lib/api/opik/filter/range.h \
	lib/api/opik/filter/roots.c lib/api/opik/filter/roots.h \
	lib/api/opik/filter/sort.c lib/api/opik/filter/sort.h
