# Files of lib/api/.
libflatspan_a_SOURCES += \
	lib/api/about.c \
	lib/api/admin.c \
	lib/api/api.c lib/api/api.h \
	lib/api/ingest.c lib/api/ingest.h \
	lib/api/key_set.c lib/api/key_set.h \
	lib/api/mcp.c \
	lib/api/plain.c lib/api/plain.h \
	lib/api/sort.c lib/api/sort.h
