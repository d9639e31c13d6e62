# Tests of t/api/. To add one: a line here, a file there.

API_TESTS = \
	t/api/dialects.t \
	t/api/langfuse.t \
	t/api/nemo_annotations.t \
	t/api/nemo_damage.t \
	t/api/nemo_filter.t \
	t/api/nemo_filter_canonical.t \
	t/api/nemo_groups.t \
	t/api/nemo_ingest_atif.t \
	t/api/nemo_ingest_atif_tolerant.t \
	t/api/nemo_ingest_chat.t \
	t/api/nemo_ingest_spans.t \
	t/api/nemo_metrics.t \
	t/api/nemo_results.t \
	t/api/nemo_routes.t \
	t/api/nemo_seeds.t \
	t/api/nemo_sessions.t \
	t/api/nemo_spans.t \
	t/api/nemo_traces.t \
	t/api/opik_attachments.t \
	t/api/opik_datasets.t \
	t/api/opik_delete.t \
	t/api/opik_errors.t \
	t/api/opik_metrics.t \
	t/api/opik_more.t \
	t/api/opik_newest.t \
	t/api/opik_notes.t \
	t/api/opik_projects.t \
	t/api/opik_openinference.t \
	t/api/opik_otlp.t \
	t/api/opik_prices.t \
	t/api/opik_prices_default.t \
	t/api/opik_prompts.t \
	t/api/opik_spans.t \
	t/api/opik_thread_state.t \
	t/api/opik_threads.t \
	t/api/opik_updated.t \
	t/api/prices.t \
	t/api/prices_broken.t \
	t/api/scale_assessments.t \
	t/api/scale_broad.t \
	t/api/scale_full.t \
	t/api/scale_keys.t \
	t/api/scale_search.t \
	t/api/scale_spans.t \
	t/api/web_keys.t \
	t/api/web_keys_bad.t \
	t/api/web_requests.t \
	t/api/zipkin.t

TESTS += t/api/api.test t/api/hostile.test t/api/import_files.test t/api/nemo_differential.test t/api/opik.test \
	t/api/runner.test t/api/scale.test
EXTRA_DIST += $(API_TESTS) t/api/README.md t/api/api.test t/api/cases.py t/api/compare.py t/api/hostile.test t/api/hostile_test.py \
	t/api/import_files.test t/api/import_files_test.py \
	t/api/nemo_differential.py t/api/nemo_differential.test t/api/run.py \
	t/api/opik.test t/api/opik_capture_test.py t/api/opik_filters_test.py t/api/opik_oracle.py \
	t/api/opik_oracle_test.py t/api/opik_paging_test.py t/api/opik_repeat_test.py t/api/opik_scene.py t/api/opik_writes_test.py \
	t/api/matrix_test.py t/api/runner.test t/api/runner_test.py t/api/scale.test t/api/scale_large_test.py \
	t/api/scale_model.py t/api/scale_paging_test.py t/api/scale_search_test.py \
	t/api/servers.py t/api/servers_test.py t/api/ways.py

# The random requests at length: over 5,000 spans (some are sent twice) and 2,000 requests, with a new seed each day.
check-differential: all
	python3 $(srcdir)/t/api/nemo_differential.py --programs . --spans 6000 --queries 2000 --seed $$(date +%j)
.PHONY: check-differential

# Scale's search at length: 2,000 searches with a new seed each day, 10,000 spans paged one by one while others write, and
# a page of 10,000 spans of 150 kB (1.6 GB in TMPDIR).
check-scale: all
	python3 $(srcdir)/t/api/scale_search_test.py . --searches 2000 --seed $$(date +%j)
	python3 $(srcdir)/t/api/scale_paging_test.py . --spans 10000
	python3 $(srcdir)/t/api/scale_large_test.py .
.PHONY: check-scale

# The data files behind each web server of nginx/ and server/ that is installed, and what only they can be asked.
check-servers: all
	python3 $(srcdir)/t/api/run.py --programs . --servers
	python3 $(srcdir)/t/api/servers_test.py --programs .
.PHONY: check-servers

# Opik's filters over HTTP, each field with each operator, and its random requests at length.
check-opik: all
	top_builddir=. python3 $(srcdir)/t/api/opik_filters_test.py
	top_builddir=. python3 $(srcdir)/t/api/opik_oracle_test.py $$(date +%j) 2000
.PHONY: check-opik
