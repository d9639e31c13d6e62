# Files of bin/: the command line, one file a family of verbs.
bin_PROGRAMS += bin/flatspan

bin_flatspan_SOURCES = \
	bin/cli.c bin/cli.h \
	bin/export.c \
	bin/filter.c bin/filter.h \
	bin/flatspan.c \
	bin/help.c \
	bin/import.c \
	bin/init.c \
	bin/input.c bin/input.h \
	bin/intake.c bin/intake.h \
	bin/key.c bin/key.h \
	bin/known.c bin/known.h \
	bin/list.c \
	bin/row.c bin/row.h \
	bin/say.c \
	bin/show.c \
	bin/tree.c bin/tree.h \
	bin/value.c \
	bin/verb.h bin/verbs.h \
	bin/web_dir.c bin/web_dir.h \
	bin/workspace.c
bin_flatspan_LDADD = $(FLATSPAN_LIBS)

dist_man1_MANS = doc/flatspan.1
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = bin/flatspan.bash
