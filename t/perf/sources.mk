# Programs of t/perf/: figures for doc/performance.md. Never part of make check; `make perf` builds them.
perf_programs = \
	t/perf/answer_time \
	t/perf/append_rate \
	t/perf/first_time \
	t/perf/gen_sessions \
	t/perf/gen_spans \
	t/perf/hello \
	t/perf/http_time \
	t/perf/index_build \
	t/perf/index_load \
	t/perf/ingest_load \
	t/perf/kernels \
	t/perf/post_lines \
	t/perf/query_time \
	t/perf/search_time \
	t/perf/visible
if HAVE_SQLITE
perf_programs += t/perf/peers/sqlite_fcgi
endif
CLEANFILES += $(perf_programs)
EXTRA_PROGRAMS += $(perf_programs)
EXTRA_DIST += t/perf/nemo_pages.mjs

t_perf_answer_time_SOURCES = t/perf/answer_time.c
t_perf_answer_time_LDADD = $(FLATSPAN_LIBS)

t_perf_append_rate_SOURCES = t/perf/append_rate.c
t_perf_append_rate_LDADD = $(FLATSPAN_LIBS)

t_perf_first_time_SOURCES = t/perf/first_time.c

t_perf_gen_sessions_SOURCES = t/perf/gen_sessions.c
t_perf_gen_sessions_LDADD = $(FLATSPAN_LIBS)

t_perf_gen_spans_SOURCES = t/perf/gen_spans.c
t_perf_gen_spans_LDADD = $(FLATSPAN_LIBS)

t_perf_hello_SOURCES = t/perf/hello.c
t_perf_hello_LDADD = -lfcgi

t_perf_http_time_SOURCES = t/perf/http_time.c

t_perf_index_build_SOURCES = t/perf/index_build.c
t_perf_index_build_LDADD = $(FLATSPAN_LIBS)

t_perf_index_load_SOURCES = t/perf/index_load.c
t_perf_index_load_LDADD = $(FLATSPAN_LIBS)

t_perf_ingest_load_SOURCES = t/perf/ingest_load.c

t_perf_kernels_SOURCES = t/perf/kernels.c
t_perf_kernels_LDADD = $(FLATSPAN_LIBS)

t_perf_post_lines_SOURCES = t/perf/post_lines.c
t_perf_post_lines_LDADD = $(FLATSPAN_LIBS)

t_perf_query_time_SOURCES = t/perf/query_time.c
t_perf_query_time_LDADD = $(FLATSPAN_LIBS)

t_perf_search_time_SOURCES = t/perf/search_time.c
t_perf_search_time_LDADD = $(FLATSPAN_LIBS)

t_perf_visible_SOURCES = t/perf/visible.c

t_perf_peers_sqlite_fcgi_SOURCES = t/perf/peers/sqlite_fcgi.c
t_perf_peers_sqlite_fcgi_CFLAGS = $(AM_CFLAGS) $(SQLITE_CFLAGS)
t_perf_peers_sqlite_fcgi_LDADD = -lfcgi $(SQLITE_LIBS)

EXTRA_DIST += t/perf/growth.sh t/perf/query_bench.sh t/perf/sealed.sh t/perf/kernel_counts.sh t/perf/compare.sh t/perf/compare_table.py t/perf/peers/chdb.cjs \
	t/perf/peers/duckdb.mjs t/perf/peers/package.json t/perf/peers/sqlite.py

perf: $(perf_programs)
.PHONY: perf

# Acknowledged spans are there for every question while others arrive: 4 seconds of it.
check-visible: all t/perf/visible
	@top_srcdir='$(top_srcdir)' top_builddir='$(top_builddir)' $(srcdir)/t/perf/visible.test
.PHONY: check-visible
EXTRA_DIST += t/perf/visible.test

# What a worker has resident when it has nothing to do, 300,000 spans: 10 seconds.
check-idle: all t/perf/first_time t/perf/gen_spans
	@top_builddir='$(top_builddir)' $(srcdir)/t/perf/idle.test
.PHONY: check-idle
EXTRA_DIST += t/perf/idle.test
