# Tests of t/perf/.
