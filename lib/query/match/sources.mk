# Files of lib/query/match/.
libflatspan_a_SOURCES += \
	lib/query/match/match.c lib/query/match/match.h \
	lib/query/match/order.c lib/query/match/order.h \
	lib/query/match/path.c lib/query/match/path.h \
	lib/query/match/text.c lib/query/match/text.h
