# Files of lib/api/otlp/.
libflatspan_a_SOURCES += \
	lib/api/otlp/ingest.c \
	lib/api/otlp/put.c lib/api/otlp/put.h \
	lib/api/otlp/render.c lib/api/otlp/render.h \
	lib/api/otlp/starts.c lib/api/otlp/starts.h
