# Files of lib/otlp/.
libflatspan_a_SOURCES += \
	lib/otlp/json.c lib/otlp/json.h \
	lib/otlp/json_value.c \
	lib/otlp/otlp.h \
	lib/otlp/pb.c \
	lib/otlp/value.c
