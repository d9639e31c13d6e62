# Files of lib/index/terms/.
libflatspan_a_SOURCES += \
	lib/index/terms/build.c lib/index/terms/build.h \
	lib/index/terms/collect.c lib/index/terms/collect.h \
	lib/index/terms/cursor.c lib/index/terms/cursor.h \
	lib/index/terms/file.c lib/index/terms/file.h \
	lib/index/terms/find.c \
	lib/index/terms/format.h \
	lib/index/terms/list.c lib/index/terms/list.h \
	lib/index/terms/merge.c \
	lib/index/terms/postings.c lib/index/terms/postings.h \
	lib/index/terms/terms.c lib/index/terms/terms.h \
	lib/index/terms/tokens.c lib/index/terms/tokens.h \
	lib/index/terms/update.c \
	lib/index/terms/write.c lib/index/terms/write.h
