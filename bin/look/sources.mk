# Files of bin/look/.
bin_libverbs_a_SOURCES += \
	bin/look/diff.c \
	bin/look/explain.c \
	bin/look/grep.c \
	bin/look/list.c \
	bin/look/look.h \
	bin/look/show.c \
	bin/look/stats.c \
	bin/look/tail.c \
	bin/look/tail_url.c bin/look/tail_url.h \
	bin/look/top.c
