# Files of lib/store/.
libflatspan_a_SOURCES += \
	lib/store/append.c lib/store/append.h \
	lib/store/backup.c lib/store/backup.h \
	lib/store/backup_copy.c lib/store/backup_copy.h \
	lib/store/backup_restore.c \
	lib/store/compact.c lib/store/compact.h \
	lib/store/days.c lib/store/days.h \
	lib/store/dict.c lib/store/dict.h \
	lib/store/disk.c lib/store/disk.h \
	lib/store/erase.c \
	lib/store/index.c lib/store/index.h \
	lib/store/index_admin.h \
	lib/store/index_append.c lib/store/index_append.h \
	lib/store/index_cache.c lib/store/index_cache.h \
	lib/store/index_close.c lib/store/index_close.h \
	lib/store/index_dump.c \
	lib/store/index_format.h \
	lib/store/index_history.c lib/store/index_history.h \
	lib/store/index_live.c lib/store/index_live.h \
	lib/store/index_merge.c lib/store/index_merge.h \
	lib/store/index_moved.c \
	lib/store/index_names.c lib/store/index_names.h \
	lib/store/index_ready.c lib/store/index_ready.h \
	lib/store/index_resolve.c \
	lib/store/index_rivals.c \
	lib/store/index_seed.c \
	lib/store/index_set.h \
	lib/store/index_verify.c \
	lib/store/live.c lib/store/live.h \
	lib/store/live_row.c lib/store/live_row.h \
	lib/store/lookup.c lib/store/lookup.h \
	lib/store/maintain.h \
	lib/store/mutants.c lib/store/mutants.h \
	lib/store/notes.c lib/store/notes.h \
	lib/store/orphans.c lib/store/orphans.h \
	lib/store/projects.c lib/store/projects.h \
	lib/store/prune.c lib/store/prune.h \
	lib/store/rewrite.c lib/store/rewrite.h \
	lib/store/rewrite_heal.c \
	lib/store/rewrite_rows.c \
	lib/store/rewrite_sweep.c \
	lib/store/root.c lib/store/root.h \
	lib/store/row_sizes.c lib/store/row_sizes.h \
	lib/store/seal.c lib/store/seal.h \
	lib/store/sealed.c lib/store/sealed.h \
	lib/store/sealed_format.h \
	lib/store/sealed_frame.h \
	lib/store/sealed_page.c lib/store/sealed_page.h \
	lib/store/sealed_pieces.c lib/store/sealed_pieces.h \
	lib/store/sealed_read.c \
	lib/store/sealed_write.c \
	lib/store/segment.c lib/store/segment.h \
	lib/store/segment_build.c lib/store/segment_build.h \
	lib/store/segment_column.c \
	lib/store/segment_draft.c lib/store/segment_draft.h \
	lib/store/segment_filter.c lib/store/segment_filter.h \
	lib/store/segment_find.c \
	lib/store/segment_keys.c lib/store/segment_keys.h \
	lib/store/segment_make.c lib/store/segment_make.h \
	lib/store/segment_merge.c lib/store/segment_merge.h \
	lib/store/segment_traces.c lib/store/segment_traces.h \
	lib/store/segment_write.c lib/store/segment_write.h \
	lib/store/settings.c lib/store/settings.h \
	lib/store/shard.c lib/store/shard.h \
	lib/store/shard_check.c lib/store/shard_check.h \
	lib/store/shard_expect.c lib/store/shard_expect.h \
	lib/store/subset.c lib/store/subset.h \
	lib/store/tree.c lib/store/tree.h \
	lib/store/use.c lib/store/use.h \
	lib/store/words.c lib/store/words.h \
	lib/store/words_build.c \
	lib/store/words_choose.c lib/store/words_choose.h \
	lib/store/words_cursor.c \
	lib/store/words_cut.h \
	lib/store/words_day.c \
	lib/store/words_file.h \
	lib/store/words_find.c \
	lib/store/words_merge.c \
	lib/store/words_pack.c lib/store/words_pack.h \
	lib/store/words_postings.c lib/store/words_postings.h \
	lib/store/words_write.c

if MUTANTS
AM_CPPFLAGS += -DFLATSPAN_MUTANTS=1
endif
