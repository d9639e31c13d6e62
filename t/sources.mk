# Tests. Each folder lists its own.

AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)' top_builddir='$(top_builddir)'; export top_srcdir top_builddir;
TEST_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
TEST_LIBS = $(FLATSPAN_LIBS) $(CHECK_LIBS) $(JANSSON_LIBS)

include t/unit/sources.mk
include t/api/sources.mk
include t/store/sources.mk
include t/oracle/sources.mk
include t/fuzz/sources.mk
include t/clients/sources.mk
include t/perf/sources.mk

EXTRA_DIST += t/run nginx/packages.sh

# The unit tests under valgrind, in one process each. Not with --enable-asan.
check-valgrind: $(check_PROGRAMS)
	@for t in $(UNIT_TESTS); do \
		CK_FORK=no valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite \
			--errors-for-leak-kinds=definite ./$$t || exit 1; \
	done
.PHONY: check-valgrind
