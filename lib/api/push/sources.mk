# Files of lib/api/push/.
libflatspan_a_SOURCES += \
	lib/api/push/langfuse_event.c lib/api/push/langfuse_event.h \
	lib/api/push/langfuse_ingest.c \
	lib/api/push/zipkin_ingest.c \
	lib/api/push/zipkin_span.c lib/api/push/zipkin_span.h
