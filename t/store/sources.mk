# Tests of lib/store: Check programs over a data directory of their own (t/store/scene.h), some
# through a table of system calls that fails (t/store/faults.h), and scripts around t/store/driver.

if HAVE_CHECK
STORE_TESTS = \
	t/store/any_byte_test \
	t/store/append_test \
	t/store/chores_test \
	t/store/damage_test \
	t/store/format_test \
	t/store/frame_cache_test \
	t/store/index_close_test \
	t/store/index_damage_test \
	t/store/index_fault_test \
	t/store/index_segment_test \
	t/store/index_test \
	t/store/rowlog_test \
	t/store/lookup_test \
	t/store/documents_test \
	t/store/notes_test \
	t/store/prefetch_test \
	t/store/projects_test \
	t/store/protocol_test \
	t/store/root_test \
	t/store/seal_fault_test \
	t/store/seal_test \
	t/store/sealed_damage_test \
	t/store/sealed_file_test \
	t/store/sealed_frames_test \
	t/store/sealed_walk_test \
	t/store/torture_test \
	t/store/terms_test \
	t/store/trace_lines_test
check_LIBRARIES += t/store/libscene.a
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
endif

STORE_SHELL_TESTS = t/store/kill.sh
check_PROGRAMS += t/store/driver
TESTS += $(STORE_SHELL_TESTS)
EXTRA_DIST += $(STORE_SHELL_TESTS) t/store/mutants.sh doc/shard-format.md

t_store_driver_SOURCES = t/store/driver.c
t_store_driver_LDADD = $(FLATSPAN_LIBS)

# Each rule of the protocol switched off, in a build of its own: some test must fail.
check-mutants:
	top_srcdir='$(abs_top_srcdir)' $(SHELL) $(top_srcdir)/t/store/mutants.sh
# The same tests, thoroughly: about five minutes. Sealing, pruning, backup, restoring, compacting and erasing are killed
# at every call, export --hive too.
check-torture: t/store/torture_test t/store/seal_fault_test t/store/chores_test t/store/driver t/cli/hive_test
	for test in store/torture store/seal_fault store/chores cli/hive; do \
		FLATSPAN_TORTURE=1 CK_TIMEOUT_MULTIPLIER=60 t/$${test}_test || exit 1; \
	done
	top_builddir=. $(SHELL) $(top_srcdir)/t/store/kill.sh 200
# Each byte of an index flipped and cut off, each call of closing failed and died at: about ten minutes.
check-index: t/store/index_test t/store/index_damage_test t/store/index_fault_test \
		t/oracle/terms_fault_test
	for test in store/index store/index_damage store/index_fault oracle/terms_fault; do \
		FLATSPAN_TORTURE=1 CK_TIMEOUT_MULTIPLIER=60 t/$${test}_test || exit 1; \
	done
# Bytes of the files of a workspace damaged one at a time, and all that is there asked for: FLATSPAN_BYTES=all, each one.
check-damage: t/store/any_byte_test
	FLATSPAN_BYTES=$${FLATSPAN_BYTES:-500} FLATSPAN_TEST_SEED=$${FLATSPAN_SEED:-$$(date +%Y%m%d)} \
		CK_TIMEOUT_MULTIPLIER=600 t/store/any_byte_test
.PHONY: check-damage check-index check-mutants check-torture

STORE_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/t/unit
# The scenes that Check programs play in.
STORE_SCENE = t/store/libscene.a
t_store_libscene_a_SOURCES = \
	t/store/days_scene.c t/store/days_scene.h \
	t/store/faults.c t/store/faults.h \
	t/store/index_scene.c t/store/index_scene.h \
	t/store/scene.c t/store/scene.h \
	t/store/sealed_scene.c t/store/sealed_scene.h
t_store_libscene_a_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_libscene_a_CFLAGS = $(TEST_CFLAGS)

t_store_any_byte_test_SOURCES = t/store/any_byte_test.c
t_store_any_byte_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_any_byte_test_CFLAGS = $(TEST_CFLAGS)
t_store_any_byte_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_append_test_SOURCES = t/store/append_test.c
t_store_append_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_append_test_CFLAGS = $(TEST_CFLAGS)
t_store_append_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_chores_test_SOURCES = t/store/chores_test.c
t_store_chores_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_chores_test_CFLAGS = $(TEST_CFLAGS)
t_store_chores_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_damage_test_SOURCES = t/store/damage_test.c
t_store_damage_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_damage_test_CFLAGS = $(TEST_CFLAGS)
t_store_damage_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_format_test_SOURCES = t/store/format_test.c
t_store_format_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_format_test_CFLAGS = $(TEST_CFLAGS)
t_store_format_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_index_damage_test_SOURCES = t/store/index_damage_test.c
t_store_index_damage_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_index_damage_test_CFLAGS = $(TEST_CFLAGS)
t_store_index_damage_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_index_fault_test_SOURCES = t/store/index_fault_test.c
t_store_index_fault_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_index_fault_test_CFLAGS = $(TEST_CFLAGS)
t_store_index_fault_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_index_segment_test_SOURCES = t/store/index_segment_test.c
t_store_index_segment_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_index_segment_test_CFLAGS = $(TEST_CFLAGS)
t_store_index_segment_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_index_close_test_SOURCES = t/store/index_close_test.c
t_store_index_close_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_index_close_test_CFLAGS = $(TEST_CFLAGS)
t_store_index_close_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_index_test_SOURCES = t/store/index_test.c
t_store_index_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_index_test_CFLAGS = $(TEST_CFLAGS)
t_store_index_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_rowlog_test_SOURCES = t/store/rowlog_test.c
t_store_rowlog_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_rowlog_test_CFLAGS = $(TEST_CFLAGS)
t_store_rowlog_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_lookup_test_SOURCES = t/store/lookup_test.c
t_store_lookup_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_lookup_test_CFLAGS = $(TEST_CFLAGS)
t_store_lookup_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_documents_test_SOURCES = t/store/documents_test.c
t_store_documents_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_documents_test_CFLAGS = $(TEST_CFLAGS)
t_store_documents_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_notes_test_SOURCES = t/store/notes_test.c
t_store_notes_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_notes_test_CFLAGS = $(TEST_CFLAGS)
t_store_notes_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_protocol_test_SOURCES = t/store/protocol_test.c
t_store_protocol_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_protocol_test_CFLAGS = $(TEST_CFLAGS)
t_store_protocol_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_root_test_SOURCES = t/store/root_test.c
t_store_root_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_root_test_CFLAGS = $(TEST_CFLAGS)
t_store_root_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_frame_cache_test_SOURCES = t/store/frame_cache_test.c
t_store_frame_cache_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_frame_cache_test_CFLAGS = $(TEST_CFLAGS)
t_store_frame_cache_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_prefetch_test_SOURCES = t/store/prefetch_test.c
t_store_prefetch_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_prefetch_test_CFLAGS = $(TEST_CFLAGS)
t_store_prefetch_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_seal_test_SOURCES = t/store/seal_test.c
t_store_seal_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_seal_test_CFLAGS = $(TEST_CFLAGS)
t_store_seal_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_seal_fault_test_SOURCES = t/store/seal_fault_test.c
t_store_seal_fault_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_seal_fault_test_CFLAGS = $(TEST_CFLAGS)
t_store_seal_fault_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_sealed_damage_test_SOURCES = t/store/sealed_damage_test.c
t_store_sealed_damage_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_sealed_damage_test_CFLAGS = $(TEST_CFLAGS)
t_store_sealed_damage_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_sealed_file_test_SOURCES = t/store/sealed_file_test.c
t_store_sealed_file_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_sealed_file_test_CFLAGS = $(TEST_CFLAGS)
t_store_sealed_file_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_sealed_frames_test_SOURCES = t/store/sealed_frames_test.c
t_store_sealed_frames_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_sealed_frames_test_CFLAGS = $(TEST_CFLAGS)
t_store_sealed_frames_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_sealed_walk_test_SOURCES = t/store/sealed_walk_test.c
t_store_sealed_walk_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_sealed_walk_test_CFLAGS = $(TEST_CFLAGS)
t_store_sealed_walk_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_torture_test_SOURCES = t/store/torture_test.c
t_store_torture_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_torture_test_CFLAGS = $(TEST_CFLAGS)
t_store_torture_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_projects_test_SOURCES = t/store/projects_test.c
t_store_projects_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_projects_test_CFLAGS = $(TEST_CFLAGS)
t_store_projects_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_trace_lines_test_SOURCES = t/store/trace_lines_test.c
t_store_trace_lines_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_trace_lines_test_CFLAGS = $(TEST_CFLAGS)
t_store_trace_lines_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)

t_store_terms_test_SOURCES = t/store/terms_test.c
t_store_terms_test_CPPFLAGS = $(STORE_CPPFLAGS)
t_store_terms_test_CFLAGS = $(TEST_CFLAGS)
t_store_terms_test_LDADD = $(STORE_SCENE) $(TEST_LIBS)
