# Files of lib/api/scale/.
libflatspan_a_SOURCES += \
	lib/api/scale/assessments.c \
	lib/api/scale/cursor.c lib/api/scale/cursor.h \
	lib/api/scale/filter.c lib/api/scale/filter.h \
	lib/api/scale/names.c \
	lib/api/scale/render.c \
	lib/api/scale/scale.c lib/api/scale/scale.h \
	lib/api/scale/search.c \
	lib/api/scale/span.c lib/api/scale/span.h \
	lib/api/scale/text.c \
	lib/api/scale/write.c
