# Files of lib/query/.
libflatspan_a_SOURCES += \
	lib/query/engine.h \
	lib/query/match.c lib/query/match.h \
	lib/query/order.c lib/query/order.h \
	lib/query/path.c lib/query/path.h \
	lib/query/query.c lib/query/query.h \
	lib/query/text.c lib/query/text.h \
	lib/query/text_find.c
