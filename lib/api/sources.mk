# Files of lib/api/.
libflatspan_a_SOURCES += \
	lib/api/admin.c \
	lib/api/api.c lib/api/api.h \
	lib/api/otlp.h \
	lib/api/otlp_json.c lib/api/otlp_json.h \
	lib/api/otlp_json_value.c \
	lib/api/otlp_pb.c \
	lib/api/otlp_value.c \
	lib/api/plain.c lib/api/plain.h
