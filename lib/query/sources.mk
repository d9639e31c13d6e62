# Files of lib/query/.
libflatspan_a_SOURCES += \
	lib/query/engine.c lib/query/engine.h \
	lib/query/explain.c lib/query/explain.h \
	lib/query/query.c lib/query/query.h \
	lib/query/source.h
