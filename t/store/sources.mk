# Tests of lib/store: Check programs over a data directory of their own (t/store/scene.h).

if HAVE_CHECK
STORE_TESTS = \
	t/store/append_test \
	t/store/notes_test
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
endif

STORE_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit
STORE_SCENE = t/store/scene.c t/store/scene.h

t_store_append_test_SOURCES = t/store/append_test.c $(STORE_SCENE)
t_store_append_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_append_test_CFLAGS = $(TEST_CFLAGS)
t_store_append_test_LDADD = $(TEST_LIBS)

t_store_notes_test_SOURCES = t/store/notes_test.c $(STORE_SCENE)
t_store_notes_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_notes_test_CFLAGS = $(TEST_CFLAGS)
t_store_notes_test_LDADD = $(TEST_LIBS)
