# Files of lib/web/schema/.
libflatspan_a_SOURCES += \
	lib/web/schema/body.c \
	lib/web/schema/scalar.c \
	lib/web/schema/schema.c lib/web/schema/schema.h
