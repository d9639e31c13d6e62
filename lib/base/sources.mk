# Files of lib/base/.
libflatspan_a_SOURCES += \
	lib/base/arena.c lib/base/arena.h \
	lib/base/array.h \
	lib/base/base64.c lib/base/base64.h \
	lib/base/bitmap.c lib/base/bitmap.h \
	lib/base/buf.c lib/base/buf.h \
	lib/base/conf.c lib/base/conf.h \
	lib/base/cpu.h \
	lib/base/errors.c lib/base/errors.h \
	lib/base/gzip.c lib/base/gzip.h \
	lib/base/hash.c lib/base/hash.h \
	lib/base/io.c lib/base/io.h \
	lib/base/limits.h \
	lib/base/log.c lib/base/log.h \
	lib/base/pb.c lib/base/pb.h \
	lib/base/sandbox.c lib/base/sandbox.h \
	lib/base/simd_text.c lib/base/simd_text.h \
	lib/base/simd_text_x86.c \
	lib/base/str.c lib/base/str.h \
	lib/base/table.c lib/base/table.h \
	lib/base/text_find.c lib/base/text_find.h \
	lib/base/utf8.c lib/base/utf8.h \
	lib/base/utime.c lib/base/utime.h \
	lib/base/uuid.c lib/base/uuid.h \
	lib/base/zone.c lib/base/zone.h \
	lib/base/zst.c lib/base/zst.h
