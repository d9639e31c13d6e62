# Tests of t/api/. To add one: a line here, a file there.

API_TESTS =

TESTS += t/api/api.test
EXTRA_DIST += $(API_TESTS) t/api/README.md t/api/api.test t/api/run.py t/api/cases.py t/api/compare.py \
	t/api/ways.py
