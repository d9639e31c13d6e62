# Files of lib/base/.
libflatspan_a_SOURCES += \
	lib/base/arena.c lib/base/arena.h \
	lib/base/buf.c lib/base/buf.h \
	lib/base/errors.c lib/base/errors.h \
	lib/base/hash.c lib/base/hash.h \
	lib/base/io.c lib/base/io.h \
	lib/base/limits.h \
	lib/base/str.c lib/base/str.h \
	lib/base/utime.c lib/base/utime.h
