# Programs of t/perf/: figures for doc/performance.md. Never part of make check; `make perf` builds them.
PERF_PROGRAMS = t/perf/ingest_load
EXTRA_PROGRAMS = $(PERF_PROGRAMS)
CLEANFILES += $(PERF_PROGRAMS)

t_perf_ingest_load_SOURCES = t/perf/ingest_load.c
t_perf_ingest_load_LDADD = -lpthread

perf: $(PERF_PROGRAMS)
.PHONY: perf
