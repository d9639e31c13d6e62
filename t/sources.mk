# Tests. Each folder lists its own.

AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)' top_builddir='$(top_builddir)' CC='$(CC)'; \
	: $${CK_FORK:=no} $${FLATSPAN_TEST_STEP:=19}; \
	export top_srcdir top_builddir CC CK_FORK FLATSPAN_TEST_STEP;
LOG_DRIVER = $(SHELL) $(top_srcdir)/t/driver.sh
TEST_LOG_DRIVER = $(LOG_DRIVER)
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
TEST_LIBS = $(FLATSPAN_LIBS) $(CHECK_LIBS) $(JANSSON_LIBS)

EXTRA_DIST += t/captures

include t/unit/sources.mk
include t/api/sources.mk
include t/cli/sources.mk
include t/store/sources.mk
include t/oracle/sources.mk
include t/fuzz/sources.mk
include t/clients/sources.mk
include t/nginx/sources.mk
include t/perf/sources.mk
include t/soak/sources.mk
include t/system/sources.mk

# The rules of HACKING.md that a script can judge.
STRUCTURE_TESTS = t/doc_rules.test t/format.sh t/headers.sh t/layers.sh t/names.sh t/prose.test
TESTS += $(STRUCTURE_TESTS)

EXTRA_DIST += $(STRUCTURE_TESTS) t/doc_rules.py t/prose.py t/prose_words.txt t/driver.sh t/run nginx/packages.sh

# After all, which is another make: two at once would write the same files.
check-programs: all
	$(MAKE) $(check_LIBRARIES) $(check_PROGRAMS)
.PHONY: check-programs

# make check tries some of what is much alike (each 19th step of a long loop, some API files behind some servers) and keeps
# each Check program in one process. This is the same tests with everything, a process a test, and leaks in all of them.
check-long:
	FLATSPAN_TEST_STEP=1 CK_FORK=yes $(MAKE) check
.PHONY: check-long

# The unit tests under valgrind, each in one process, as many at once as there are processors. Not with --enable-asan.
# Without that of the sandbox: valgrind ends when an execve is refused.
check-valgrind: $(check_PROGRAMS)
	@printf '%s\n' $(UNIT_TESTS) | grep -v sandbox_test | FLATSPAN_TEST_STEP=97 CK_FORK=no xargs -P "$$(nproc)" -n 1 \
		valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite \
		--errors-for-leak-kinds=definite
.PHONY: check-valgrind
