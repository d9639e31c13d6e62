# Files of lib/index/segment/.
libflatspan_a_SOURCES += \
	lib/index/segment/bloom.c lib/index/segment/bloom.h \
	lib/index/segment/build.c lib/index/segment/build.h \
	lib/index/segment/column.c \
	lib/index/segment/draft.c lib/index/segment/draft.h \
	lib/index/segment/find.c \
	lib/index/segment/keys.c lib/index/segment/keys.h \
	lib/index/segment/make.c lib/index/segment/make.h \
	lib/index/segment/merge.c lib/index/segment/merge.h \
	lib/index/segment/segment.c lib/index/segment/segment.h \
	lib/index/segment/traces.c lib/index/segment/traces.h \
	lib/index/segment/write.c lib/index/segment/write.h
