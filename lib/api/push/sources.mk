# Files of lib/api/push/.
libflatspan_a_SOURCES += \
	lib/api/push/langfuse.c lib/api/push/langfuse.h \
	lib/api/push/langfuse_ingest.c \
	lib/api/push/zipkin.c lib/api/push/zipkin.h \
	lib/api/push/zipkin_ingest.c
