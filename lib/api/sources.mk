# Files of lib/api/.
libflatspan_a_SOURCES += \
	lib/api/about.c \
	lib/api/admin.c \
	lib/api/api.c lib/api/api.h \
	lib/api/atif.h \
	lib/api/atif_check.c \
	lib/api/atif_map.c lib/api/atif_map.h \
	lib/api/atif_model.c lib/api/atif_model.h \
	lib/api/atif_tree.c \
	lib/api/atif_verifier.c \
	lib/api/cost.c lib/api/cost.h \
	lib/api/ingest_atif.c \
	lib/api/ingest_chat.c \
	lib/api/ingest_direct.c \
	lib/api/ingest_langfuse.c \
	lib/api/ingest_nemo.c lib/api/ingest_nemo.h \
	lib/api/ingest_otlp.c lib/api/ingest_otlp.h \
	lib/api/ingest_zipkin.c \
	lib/api/key_set.c lib/api/key_set.h \
	lib/api/langfuse.c lib/api/langfuse.h \
	lib/api/mcp.c \
	lib/api/nemo.c lib/api/nemo.h \
	lib/api/nemo_annotations.c \
	lib/api/nemo_filter.c lib/api/nemo_filter.h \
	lib/api/nemo_filter_apply.c \
	lib/api/nemo_filter_brackets.c \
	lib/api/nemo_filter_fields.c \
	lib/api/nemo_filter_text.c \
	lib/api/nemo_groups.c \
	lib/api/nemo_list.c \
	lib/api/nemo_metrics.c \
	lib/api/nemo_notes.c lib/api/nemo_notes.h \
	lib/api/nemo_render.c lib/api/nemo_render.h \
	lib/api/nemo_results.c \
	lib/api/nemo_sessions.c \
	lib/api/nemo_traces.c \
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
	lib/api/otlp_write.c lib/api/otlp_write.h \
	lib/api/plain.c lib/api/plain.h \
	lib/api/scale.c lib/api/scale.h \
	lib/api/scale_assessments.c \
	lib/api/scale_cursor.c lib/api/scale_cursor.h \
	lib/api/scale_filter.c lib/api/scale_filter.h \
	lib/api/scale_names.c \
	lib/api/scale_render.c \
	lib/api/scale_search.c \
	lib/api/scale_span.c lib/api/scale_span.h \
	lib/api/scale_text.c \
	lib/api/scale_write.c \
	lib/api/zipkin.c lib/api/zipkin.h
