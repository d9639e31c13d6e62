# Files of bin/: the command line, one file a family of verbs.
bin_PROGRAMS += bin/flatspan

# All of it but main(), for tests that call it.
noinst_LIBRARIES += bin/libverbs.a
bin_libverbs_a_SOURCES = \
	bin/cli.c bin/cli.h \
	bin/help.c \
	bin/key.c bin/key.h \
	bin/local.c bin/local.h \
	bin/mcp_stdio.c \
	bin/options.c \
	bin/routes.c \
	bin/say.c \
	bin/verb.h bin/verbs.h \
	bin/workspace.c
bin_flatspan_SOURCES = bin/flatspan.c
bin_flatspan_LDADD = bin/libverbs.a $(FLATSPAN_LIBS)
bin/transfer/sample.$(OBJEXT): $(srcdir)/data/sample/coding.json $(srcdir)/data/sample/research.json $(srcdir)/data/sample/support.json

dist_man1_MANS = doc/flatspan.1
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = bin/flatspan.bash
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = bin/flatspan.fish
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = bin/_flatspan
