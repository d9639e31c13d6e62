# Files of lib/shard/sealed/.
libflatspan_a_SOURCES += \
	lib/shard/sealed/format.h \
	lib/shard/sealed/frame.h \
	lib/shard/sealed/frame_cache.c lib/shard/sealed/frame_cache.h \
	lib/shard/sealed/read.c \
	lib/shard/sealed/sealed.c lib/shard/sealed/sealed.h \
	lib/shard/sealed/walk.c \
	lib/shard/sealed/write.c
