# The engine over a data directory: its rules one by one, and random queries against answers found
# the simple way.

if HAVE_CHECK
ORACLE_TESTS = \
	t/oracle/engine_test \
	t/oracle/oracle_test
check_PROGRAMS += $(ORACLE_TESTS)
TESTS += $(ORACLE_TESTS)
endif

ORACLE_CPPFLAGS = $(STORE_CPPFLAGS) -I$(top_srcdir)/t/store

t_oracle_engine_test_SOURCES = t/oracle/engine_test.c $(STORE_SCENE)
t_oracle_engine_test_CPPFLAGS = $(ORACLE_CPPFLAGS)
t_oracle_engine_test_CFLAGS = $(TEST_CFLAGS)
t_oracle_engine_test_LDADD = $(TEST_LIBS)

t_oracle_oracle_test_SOURCES = \
	t/oracle/ask.c \
	t/oracle/corpus.c t/oracle/corpus.h \
	t/oracle/oracle.c t/oracle/oracle.h \
	t/oracle/oracle_test.c \
	$(STORE_SCENE)
t_oracle_oracle_test_CPPFLAGS = $(ORACLE_CPPFLAGS)
t_oracle_oracle_test_CFLAGS = $(TEST_CFLAGS)
t_oracle_oracle_test_LDADD = $(TEST_LIBS)
