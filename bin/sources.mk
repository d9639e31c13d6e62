# Files of bin/: the command line, one file a family of verbs.
bin_PROGRAMS += bin/flatspan

# What the tools of MCP need of it, which programs for web servers have too.
noinst_LIBRARIES += bin/libtools.a
bin_libtools_a_SOURCES = \
	bin/columns.c bin/columns.h \
	bin/filter.c bin/filter.h \
	bin/mcp.c bin/mcp.h \
	bin/mcp_http.c bin/mcp_http.h \
	bin/mcp_spans.c \
	bin/mcp_tools.c \
	bin/mcp_trace.c \
	bin/options.c \
	bin/otlp.c bin/otlp.h \
	bin/printable.c bin/printable.h \
	bin/row.c bin/row.h \
	bin/say.c \
	bin/show.c bin/show.h \
	bin/show_fit.c bin/show_fit.h \
	bin/show_markdown.c \
	bin/stats.c bin/stats.h \
	bin/table.c bin/table.h \
	bin/value.c \
	bin/waterfall.c bin/waterfall.h

# All of it but main(), for tests that call it.
noinst_LIBRARIES += bin/libverbs.a
bin_libverbs_a_SOURCES = \
	bin/cli.c bin/cli.h \
	bin/backup.c \
	bin/chore.c bin/chore.h \
	bin/convert.c bin/convert.h \
	bin/convert_chat.c \
	bin/convert_claude.c \
	bin/convert_codex.c \
	bin/convert_export.c \
	bin/convert_opik.c \
	bin/cron.c \
	bin/demo.c \
	bin/diff.c \
	bin/doctor.c bin/doctor.h \
	bin/doctor_bodies.c \
	bin/doctor_files.c \
	bin/doctor_url.c \
	bin/du.c \
	bin/erase.c bin/erase.h \
	bin/erase_hide.c \
	bin/erase_order.c bin/erase_order.h \
	bin/explain.c \
	bin/export.c bin/export.h \
	bin/fetch.c bin/fetch.h \
	bin/fetch_curl.c \
	bin/grep.c \
	bin/help.c \
	bin/hive.c \
	bin/htaccess.c bin/htaccess.h \
	bin/http.c bin/http.h \
	bin/import.c \
	bin/index.c \
	bin/init.c \
	bin/input.c bin/input.h \
	bin/intake.c bin/intake.h \
	bin/key.c bin/key.h \
	bin/known.c bin/known.h \
	bin/list.c \
	bin/local.c bin/local.h \
	bin/mcp_stdio.c \
	bin/newest.c bin/newest.h \
	bin/pack.c bin/pack.h \
	bin/routes.c \
	bin/sample.c bin/sample.h \
	bin/salvage.c bin/salvage.h \
	bin/seal.c bin/seal.h \
	bin/send_test.c \
	bin/serve.c \
	bin/tail.c \
	bin/tail_url.c bin/tail_url.h \
	bin/tend.c bin/tend.h \
	bin/top.c \
	bin/turn.c bin/turn.h \
	bin/verify.c bin/verify.h \
	bin/verb.h bin/verbs.h \
	bin/web_dir.c bin/web_dir.h \
	bin/workspace.c
bin_flatspan_SOURCES = bin/flatspan.c
bin_flatspan_LDADD = bin/libverbs.a bin/libtools.a $(FLATSPAN_LIBS)
bin/sample.$(OBJEXT): $(srcdir)/data/sample/coding.json $(srcdir)/data/sample/research.json $(srcdir)/data/sample/support.json

dist_man1_MANS = doc/flatspan.1
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = bin/flatspan.bash
fishcompletiondir = $(datadir)/fish/vendor_completions.d
dist_fishcompletion_DATA = bin/flatspan.fish
zshcompletiondir = $(datadir)/zsh/site-functions
dist_zshcompletion_DATA = bin/_flatspan
