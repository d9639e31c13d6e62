# Files of lib/api/opik/.
libflatspan_a_SOURCES += \
	lib/api/opik/body.c lib/api/opik/body.h \
	lib/api/opik/fields.c lib/api/opik/fields.h \
	lib/api/opik/images.c \
	lib/api/opik/list.c lib/api/opik/list.h \
	lib/api/opik/list_query.c \
	lib/api/opik/merge.c lib/api/opik/merge.h \
	lib/api/opik/misc.c \
	lib/api/opik/opik.c lib/api/opik/opik.h \
	lib/api/opik/render.c lib/api/opik/render.h \
	lib/api/opik/routes.c \
	lib/api/opik/trace_ids.c lib/api/opik/trace_ids.h \
	lib/api/opik/unserved.c
