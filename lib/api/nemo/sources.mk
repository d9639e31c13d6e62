# Files of lib/api/nemo/.
libflatspan_a_SOURCES += \
	lib/api/nemo/annotations.c \
	lib/api/nemo/filter.c lib/api/nemo/filter.h \
	lib/api/nemo/filter_apply.c \
	lib/api/nemo/filter_brackets.c \
	lib/api/nemo/filter_fields.c \
	lib/api/nemo/filter_text.c \
	lib/api/nemo/groups.c \
	lib/api/nemo/ingest.c lib/api/nemo/ingest.h \
	lib/api/nemo/ingest_chat.c \
	lib/api/nemo/ingest_spans.c \
	lib/api/nemo/list.c \
	lib/api/nemo/metrics.c \
	lib/api/nemo/nemo.c lib/api/nemo/nemo.h \
	lib/api/nemo/notes.c lib/api/nemo/notes.h \
	lib/api/nemo/render.c lib/api/nemo/render.h \
	lib/api/nemo/results.c \
	lib/api/nemo/sessions.c \
	lib/api/nemo/traces.c
