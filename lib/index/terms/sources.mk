# Files of lib/index/terms/.
libflatspan_a_SOURCES += \
	lib/index/terms/build.c \
	lib/index/terms/choose.c lib/index/terms/choose.h \
	lib/index/terms/cursor.c \
	lib/index/terms/cut.h \
	lib/index/terms/day.c \
	lib/index/terms/file.h \
	lib/index/terms/find.c \
	lib/index/terms/merge.c \
	lib/index/terms/pack.c lib/index/terms/pack.h \
	lib/index/terms/postings.c lib/index/terms/postings.h \
	lib/index/terms/row_sizes.c lib/index/terms/row_sizes.h \
	lib/index/terms/subset.c lib/index/terms/subset.h \
	lib/index/terms/terms.c lib/index/terms/terms.h \
	lib/index/terms/write.c
