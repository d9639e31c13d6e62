# Files of lib/span/.
libflatspan_a_SOURCES += \
	lib/span/fields.h \
	lib/span/kinds.c \
	lib/span/kinds.h \
	lib/span/line.c \
	lib/span/line.h \
	lib/span/mask.c \
	lib/span/mask.h \
	lib/span/normalise.c \
	lib/span/normalise.h \
	lib/span/price.c \
	lib/span/price.h \
	lib/span/rescue.c \
	lib/span/rescue.h \
	lib/span/span.c \
	lib/span/span.h
