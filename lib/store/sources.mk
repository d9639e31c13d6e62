# Files of lib/store/.
libflatspan_a_SOURCES += \
	lib/store/append.c lib/store/append.h \
	lib/store/days.c lib/store/days.h \
	lib/store/idcache.c lib/store/idcache.h \
	lib/store/index.h \
	lib/store/index_format.h \
	lib/store/lookup.c lib/store/lookup.h \
	lib/store/mutants.c lib/store/mutants.h \
	lib/store/notes.c lib/store/notes.h \
	lib/store/root.c lib/store/root.h \
	lib/store/shard.c lib/store/shard.h

if MUTANTS
AM_CPPFLAGS += -DFLATSPAN_MUTANTS=1
endif
