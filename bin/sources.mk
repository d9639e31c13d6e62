# Files of bin/: the command line, one file a family of verbs.
bin_PROGRAMS += bin/flatspan

# What the tools of MCP need of it, which programs for web servers have too.
noinst_LIBRARIES += bin/libtools.a
bin_libtools_a_SOURCES = \
	bin/columns.c bin/columns.h \
	bin/filter.c bin/filter.h \
	bin/fit.c bin/fit.h \
	bin/markdown.c bin/markdown.h \
	bin/mcp.c bin/mcp.h \
	bin/mcp_http.c bin/mcp_http.h \
	bin/mcp_spans.c \
	bin/mcp_tools.c \
	bin/mcp_trace.c \
	bin/otlp.c bin/otlp.h \
	bin/printable.c bin/printable.h \
	bin/report.c bin/report.h \
	bin/row.c bin/row.h \
	bin/stats.c bin/stats.h \
	bin/table.c bin/table.h \
	bin/tree.c bin/tree.h \
	bin/value.c bin/value.h \
	bin/waterfall.c bin/waterfall.h

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
bin_flatspan_LDADD = bin/libverbs.a bin/libtools.a $(FLATSPAN_LIBS)
bin/transfer/sample.$(OBJEXT): $(srcdir)/data/sample/coding.json $(srcdir)/data/sample/research.json $(srcdir)/data/sample/support.json

dist_man1_MANS = doc/flatspan.1
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = bin/flatspan.bash
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = bin/flatspan.fish
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = bin/_flatspan
