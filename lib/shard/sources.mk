# Files of lib/shard/.
libflatspan_a_SOURCES += \
	lib/shard/check.c lib/shard/check.h \
	lib/shard/days.c lib/shard/days.h \
	lib/shard/disk.c lib/shard/disk.h \
	lib/shard/lines.c \
	lib/shard/mutants.c lib/shard/mutants.h \
	lib/shard/root.c lib/shard/root.h \
	lib/shard/shard.c lib/shard/shard.h \
	lib/shard/task.c lib/shard/task.h \
	lib/shard/tree.c lib/shard/tree.h

if MUTANTS
AM_CPPFLAGS += -DFLATSPAN_MUTANTS=1
endif
