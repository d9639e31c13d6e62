# The engine over a data directory: its rules one by one, and random queries against answers found
# the simple way.

if HAVE_CHECK
ORACLE_TESTS = \
	t/oracle/engine_test \
	t/oracle/group_test \
	t/oracle/lies_test \
	t/oracle/oracle_test \
	t/oracle/search_test \
	t/oracle/terms_fault_test
check_PROGRAMS += $(ORACLE_TESTS)
TESTS += $(ORACLE_TESTS)
endif

# 20,000 random queries three ways, and workspaces that fill zones and segments: half an hour under sanitizers. A new seed
# each day: FLATSPAN_SEED=N says which.
check-oracle: t/oracle/oracle_test
	seed=$${FLATSPAN_SEED:-$$(date +%Y%m%d)}; \
	FLATSPAN_SEED=$$seed FLATSPAN_ROUNDS=670 t/oracle/oracle_test && \
	FLATSPAN_SEED=$$seed FLATSPAN_ROUNDS=5 FLATSPAN_LARGE=1 t/oracle/oracle_test
.PHONY: check-oracle

ORACLE_CPPFLAGS = $(STORE_CPPFLAGS) -I$(top_srcdir)/t/store

t_oracle_engine_test_SOURCES = t/oracle/engine_test.c
t_oracle_engine_test_CPPFLAGS = $(ORACLE_CPPFLAGS)
t_oracle_engine_test_CFLAGS = $(TEST_CFLAGS)
t_oracle_engine_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_oracle_group_test_SOURCES = t/oracle/group_test.c
t_oracle_group_test_CPPFLAGS = $(ORACLE_CPPFLAGS)
t_oracle_group_test_CFLAGS = $(TEST_CFLAGS)
t_oracle_group_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_oracle_lies_test_SOURCES = \
	t/oracle/ask.c \
	t/oracle/corpus.c t/oracle/corpus.h \
	t/oracle/lies_test.c
t_oracle_lies_test_CPPFLAGS = $(ORACLE_CPPFLAGS)
t_oracle_lies_test_CFLAGS = $(TEST_CFLAGS)
t_oracle_lies_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_oracle_oracle_test_SOURCES = \
	t/oracle/ask.c \
	t/oracle/corpus.c t/oracle/corpus.h \
	t/oracle/oracle.c t/oracle/oracle.h \
	t/oracle/oracle_test.c
t_oracle_oracle_test_CPPFLAGS = $(ORACLE_CPPFLAGS)
t_oracle_oracle_test_CFLAGS = $(TEST_CFLAGS)
t_oracle_oracle_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_oracle_search_test_SOURCES = t/oracle/search_test.c
t_oracle_search_test_CPPFLAGS = $(ORACLE_CPPFLAGS)
t_oracle_search_test_CFLAGS = $(TEST_CFLAGS)
t_oracle_search_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_oracle_terms_fault_test_SOURCES = t/oracle/terms_fault_test.c
t_oracle_terms_fault_test_CPPFLAGS = $(ORACLE_CPPFLAGS)
t_oracle_terms_fault_test_CFLAGS = $(TEST_CFLAGS)
t_oracle_terms_fault_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)
