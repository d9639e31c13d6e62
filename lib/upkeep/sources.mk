# Files of lib/upkeep/.
libflatspan_a_SOURCES += \
	lib/upkeep/backup.c lib/upkeep/backup.h \
	lib/upkeep/backup_copy.c lib/upkeep/backup_copy.h \
	lib/upkeep/backup_restore.c \
	lib/upkeep/compact.c lib/upkeep/compact.h \
	lib/upkeep/erase.c \
	lib/upkeep/erase_documents.c lib/upkeep/erase_documents.h \
	lib/upkeep/maintain.h \
	lib/upkeep/orphans.c lib/upkeep/orphans.h \
	lib/upkeep/prune.c lib/upkeep/prune.h \
	lib/upkeep/quarantine.c lib/upkeep/quarantine.h \
	lib/upkeep/rewrite.c lib/upkeep/rewrite.h \
	lib/upkeep/rewrite_rows.c \
	lib/upkeep/rewrite_sweep.c \
	lib/upkeep/seal.c lib/upkeep/seal.h \
	lib/upkeep/use.c lib/upkeep/use.h
