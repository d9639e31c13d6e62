# Files of bin/chores/.
bin_libverbs_a_SOURCES += \
	bin/chores/backup.c \
	bin/chores/chore.c bin/chores/chore.h \
	bin/chores/cron.c \
	bin/chores/du.c \
	bin/chores/erase.c bin/chores/erase.h \
	bin/chores/erase_hide.c \
	bin/chores/erase_order.c bin/chores/erase_order.h \
	bin/chores/index.c \
	bin/chores/quarantine.c \
	bin/chores/salvage.c bin/chores/salvage.h \
	bin/chores/seal.c bin/chores/seal.h \
	bin/chores/tend.c bin/chores/tend.h \
	bin/chores/verify.c bin/chores/verify.h
