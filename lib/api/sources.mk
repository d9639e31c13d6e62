# Files of lib/api/.
libflatspan_a_SOURCES += \
	lib/api/about.c \
	lib/api/admin.c \
	lib/api/api.c lib/api/api.h \
	lib/api/cost.c lib/api/cost.h \
	lib/api/key_set.c lib/api/key_set.h \
	lib/api/mcp.c \
	lib/api/opik.c lib/api/opik.h \
	lib/api/opik_ask.c \
	lib/api/opik_body.c lib/api/opik_body.h \
	lib/api/opik_comment.c \
	lib/api/opik_create.c \
	lib/api/opik_delete.c lib/api/opik_delete.h \
	lib/api/opik_fields.c lib/api/opik_fields.h \
	lib/api/opik_filter.c lib/api/opik_filter.h \
	lib/api/opik_filter_apply.c \
	lib/api/opik_id.c lib/api/opik_id.h \
	lib/api/opik_images.c \
	lib/api/opik_item.c \
	lib/api/opik_list.c \
	lib/api/opik_merge.c lib/api/opik_merge.h \
	lib/api/opik_misc.c \
	lib/api/opik_notes.c \
	lib/api/opik_print.c lib/api/opik_print.h \
	lib/api/opik_project_stats.c lib/api/opik_project_stats.h \
	lib/api/opik_projects.c \
	lib/api/opik_query.c lib/api/opik_query.h \
	lib/api/opik_range.c lib/api/opik_range.h \
	lib/api/opik_routes.c \
	lib/api/opik_score.c \
	lib/api/opik_scores.c lib/api/opik_scores.h \
	lib/api/opik_sort.c lib/api/opik_sort.h \
	lib/api/opik_stats.c lib/api/opik_stats.h \
	lib/api/opik_sums.c lib/api/opik_sums.h \
	lib/api/opik_threads.c \
	lib/api/opik_update.c \
	lib/api/opik_write.c lib/api/opik_write.h \
	lib/api/plain.c lib/api/plain.h
