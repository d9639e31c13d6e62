# Files of lib/api/atif/.
libflatspan_a_SOURCES += \
	lib/api/atif/atif.h \
	lib/api/atif/check.c \
	lib/api/atif/ingest.c \
	lib/api/atif/map.c lib/api/atif/map.h \
	lib/api/atif/model.c lib/api/atif/model.h \
	lib/api/atif/tree.c \
	lib/api/atif/verifier.c
