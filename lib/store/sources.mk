# Files of lib/store/.
libflatspan_a_SOURCES += \
	lib/store/append.c lib/store/append.h \
	lib/store/backup.c lib/store/backup.h \
	lib/store/backup_copy.c lib/store/backup_copy.h \
	lib/store/backup_restore.c \
	lib/store/compact.c lib/store/compact.h \
	lib/store/erase.c \
	lib/store/maintain.h \
	lib/store/notes.c lib/store/notes.h \
	lib/store/orphans.c lib/store/orphans.h \
	lib/store/projects.c lib/store/projects.h \
	lib/store/prune.c lib/store/prune.h \
	lib/store/rewrite.c lib/store/rewrite.h \
	lib/store/rewrite_heal.c \
	lib/store/rewrite_rows.c \
	lib/store/rewrite_sweep.c \
	lib/store/seal.c lib/store/seal.h \
	lib/store/use.c lib/store/use.h
