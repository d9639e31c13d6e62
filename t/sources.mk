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
