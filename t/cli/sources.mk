# Tests of t/cli/: the command line. To add one: a line here, a file there.

CLI_TESTS = \
	t/cli/files.test \
	t/cli/help.test \
	t/cli/keys.test
TESTS += $(CLI_TESTS)
EXTRA_DIST += $(CLI_TESTS) t/cli/common.sh
