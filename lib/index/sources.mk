# Files of lib/index/.
libflatspan_a_SOURCES += \
	lib/index/admin.h \
	lib/index/cache.c lib/index/cache.h \
	lib/index/dict.c lib/index/dict.h \
	lib/index/dump.c \
	lib/index/find.c \
	lib/index/flush.c lib/index/flush.h \
	lib/index/format.h \
	lib/index/history.c lib/index/history.h \
	lib/index/index.c lib/index/index.h \
	lib/index/lookup.c lib/index/lookup.h \
	lib/index/merge.c lib/index/merge.h \
	lib/index/names.c lib/index/names.h \
	lib/index/seed.c \
	lib/index/set.h \
	lib/index/verify.c \
	lib/index/versions.c lib/index/versions.h
