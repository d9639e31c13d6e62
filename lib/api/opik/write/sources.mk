# Files of lib/api/opik/write/.
libflatspan_a_SOURCES += \
	lib/api/opik/write/comment.c \
	lib/api/opik/write/create.c \
	lib/api/opik/write/delete.c lib/api/opik/write/delete.h \
	lib/api/opik/write/item.c lib/api/opik/write/item.h \
	lib/api/opik/write/score.c \
	lib/api/opik/write/update.c \
	lib/api/opik/write/write.c lib/api/opik/write/write.h
