# Files of lib/semconv/.
libflatspan_a_SOURCES += \
	lib/semconv/cost.c lib/semconv/cost.h \
	lib/semconv/json.c \
	lib/semconv/kind.c \
	lib/semconv/map.h \
	lib/semconv/members.c lib/semconv/members.h \
	lib/semconv/messages.c \
	lib/semconv/openinference.c \
	lib/semconv/opik.c \
	lib/semconv/opik_id.c lib/semconv/opik_id.h \
	lib/semconv/opik_provider.c lib/semconv/opik_provider.h \
	lib/semconv/opik_type.c lib/semconv/opik_type.h \
	lib/semconv/own.c \
	lib/semconv/payload.c \
	lib/semconv/raw.c \
	lib/semconv/repeats.c \
	lib/semconv/semconv.c lib/semconv/semconv.h \
	lib/semconv/table.h \
	lib/semconv/usage.c
