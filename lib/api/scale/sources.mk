# Files of lib/api/scale/.
libflatspan_a_SOURCES += \
	lib/api/scale/cursor.c lib/api/scale/cursor.h \
	lib/api/scale/filter.c lib/api/scale/filter.h \
	lib/api/scale/filter_text.c \
	lib/api/scale/list.c \
	lib/api/scale/names.c \
	lib/api/scale/notes.c \
	lib/api/scale/render.c \
	lib/api/scale/scale.c lib/api/scale/scale.h \
	lib/api/scale/span.c lib/api/scale/span.h \
	lib/api/scale/write.c
