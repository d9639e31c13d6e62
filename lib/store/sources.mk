# Files of lib/store/.
libflatspan_a_SOURCES += \
	lib/store/append.c lib/store/append.h \
	lib/store/aside.c lib/store/aside.h \
	lib/store/attachments.c lib/store/attachments.h \
	lib/store/damage.c lib/store/damage.h \
	lib/store/documents.c lib/store/documents.h \
	lib/store/notes.c lib/store/notes.h \
	lib/store/projects.c lib/store/projects.h \
	lib/store/settings.c lib/store/settings.h
