# Files of lib/store/.
libflatspan_a_SOURCES += \
	lib/store/append.c lib/store/append.h \
	lib/store/backup.c lib/store/backup.h \
	lib/store/backup_copy.c lib/store/backup_copy.h \
	lib/store/backup_restore.c \
	lib/store/compact.c lib/store/compact.h \
	lib/store/dict.c lib/store/dict.h \
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
	lib/store/notes.c lib/store/notes.h \
	lib/store/orphans.c lib/store/orphans.h \
	lib/store/projects.c lib/store/projects.h \
	lib/store/prune.c lib/store/prune.h \
	lib/store/rewrite.c lib/store/rewrite.h \
	lib/store/rewrite_heal.c \
	lib/store/rewrite_rows.c \
	lib/store/rewrite_sweep.c \
	lib/store/row_sizes.c lib/store/row_sizes.h \
	lib/store/seal.c lib/store/seal.h \
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
	lib/store/subset.c lib/store/subset.h \
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
