# Files of lib/json/.
libflatspan_a_SOURCES += \
	lib/json/check.c \
	lib/json/order.c lib/json/order.h \
	lib/json/read.c lib/json/read.h \
	lib/json/text.c \
	lib/json/value.c \
	lib/json/write.c lib/json/write.h
