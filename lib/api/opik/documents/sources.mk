# Files of lib/api/opik/documents/.
libflatspan_a_SOURCES += \
	lib/api/opik/documents/documents.c lib/api/opik/documents/documents.h \
	lib/api/opik/documents/environments.c \
	lib/api/opik/documents/feedback.c \
	lib/api/opik/documents/handlers.c \
	lib/api/opik/documents/list.c \
	lib/api/opik/documents/prompts.c lib/api/opik/documents/prompts.h \
	lib/api/opik/documents/routes.c
