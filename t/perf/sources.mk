# Programs of t/perf/: figures for doc/performance.md. Never part of make check; `make perf` builds them.
EXTRA_PROGRAMS = \
	t/perf/append_rate \
	t/perf/index_load \
	t/perf/ingest_load
CLEANFILES += $(EXTRA_PROGRAMS)

t_perf_append_rate_SOURCES = t/perf/append_rate.c
t_perf_append_rate_LDADD = $(FLATSPAN_LIBS)

t_perf_index_load_SOURCES = t/perf/index_load.c
t_perf_index_load_LDADD = $(FLATSPAN_LIBS)

t_perf_ingest_load_SOURCES = t/perf/ingest_load.c
t_perf_ingest_load_LDADD = -lpthread

perf: $(EXTRA_PROGRAMS)
.PHONY: perf
