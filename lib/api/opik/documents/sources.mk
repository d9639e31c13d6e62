# Files of lib/api/opik/documents/.
libflatspan_a_SOURCES += \
	lib/api/opik/documents/attachments.c \
	lib/api/opik/documents/datasets.c \
	lib/api/opik/documents/documents.c lib/api/opik/documents/documents.h \
	lib/api/opik/documents/environments.c \
	lib/api/opik/documents/experiment_items.c \
	lib/api/opik/documents/experiments.c lib/api/opik/documents/experiments.h \
	lib/api/opik/documents/feedback.c \
	lib/api/opik/documents/handlers.c \
	lib/api/opik/documents/item_list.c \
	lib/api/opik/documents/item_sources.c \
	lib/api/opik/documents/items.c lib/api/opik/documents/items.h \
	lib/api/opik/documents/list.c \
	lib/api/opik/documents/prompts.c lib/api/opik/documents/prompts.h \
	lib/api/opik/documents/rendered.c lib/api/opik/documents/rendered.h \
	lib/api/opik/documents/routes.c \
	lib/api/opik/documents/threads.c
