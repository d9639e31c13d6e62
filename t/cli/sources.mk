# Tests of t/cli/: the command line. To add one: a line here, a file there.

CLI_TESTS = \
	t/cli/about.test \
	t/cli/chores.test \
	t/cli/cron.test \
	t/cli/doctor.test \
	t/cli/export.test \
	t/cli/files.test \
	t/cli/help.test \
	t/cli/import.test \
	t/cli/init.test \
	t/cli/keymatrix.test \
	t/cli/keys.test \
	t/cli/look.test \
	t/cli/mask.test \
	t/cli/mcp.test \
	t/cli/mcp_http.test \
	t/cli/otlp.test \
	t/cli/quarantine.test \
	t/cli/salvage.test \
	t/cli/serve.test \
	t/cli/tend.test \
	t/cli/trouble.test
TESTS += $(CLI_TESTS)

if HAVE_CHECK
check_PROGRAMS += t/cli/hive_test
TESTS += t/cli/hive_test
endif
t_cli_hive_test_SOURCES = t/cli/hive_test.c
t_cli_hive_test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/bin -I$(top_srcdir)/t/store -I$(top_srcdir)/t/unit
t_cli_hive_test_CFLAGS = $(TEST_CFLAGS)
t_cli_hive_test_LDADD = bin/libverbs.a $(STORE_SCENE) $(TEST_LIBS)

EXTRA_DIST += $(CLI_TESTS) t/cli/common.sh t/cli/counted.py t/cli/doctor_test.py t/cli/keymatrix_test.py t/cli/mcp_http_test.py t/cli/mcp_test.py t/cli/serve_test.py
