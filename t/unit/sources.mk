# Unit tests: a Check program a module, NAME_test.c. A line here, a file there.
# To add one: append its name to UNIT_TESTS and give it a _SOURCES and _CFLAGS/_LDADD line below.

if HAVE_CHECK
UNIT_TESTS = \
	t/unit/conf_test \
	t/unit/gzip_test \
	t/unit/hash_test \
	t/unit/io_test \
	t/unit/log_test \
	t/unit/pb_test \
	t/unit/span_test \
	t/unit/str_test \
	t/unit/utime_test
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

t_unit_conf_test_SOURCES = t/unit/conf_test.c t/unit/unit.h
t_unit_conf_test_CFLAGS = $(TEST_CFLAGS)
t_unit_conf_test_LDADD = $(TEST_LIBS)

t_unit_gzip_test_SOURCES = t/unit/gzip_test.c t/unit/unit.h
t_unit_gzip_test_CFLAGS = $(TEST_CFLAGS)
t_unit_gzip_test_LDADD = $(TEST_LIBS)

t_unit_hash_test_SOURCES = t/unit/hash_test.c t/unit/unit.h
t_unit_hash_test_CFLAGS = $(TEST_CFLAGS)
t_unit_hash_test_LDADD = $(TEST_LIBS)

t_unit_io_test_SOURCES = t/unit/io_test.c t/unit/unit.h
t_unit_io_test_CFLAGS = $(TEST_CFLAGS)
t_unit_io_test_LDADD = $(TEST_LIBS)

t_unit_log_test_SOURCES = t/unit/log_test.c t/unit/unit.h
t_unit_log_test_CFLAGS = $(TEST_CFLAGS)
t_unit_log_test_LDADD = $(TEST_LIBS)

t_unit_pb_test_SOURCES = t/unit/pb_test.c t/unit/unit.h
t_unit_pb_test_CFLAGS = $(TEST_CFLAGS)
t_unit_pb_test_LDADD = $(TEST_LIBS)

t_unit_span_test_SOURCES = t/unit/span_test.c t/unit/unit.h
t_unit_span_test_CFLAGS = $(TEST_CFLAGS)
t_unit_span_test_LDADD = $(TEST_LIBS)

t_unit_str_test_SOURCES = t/unit/str_test.c t/unit/unit.h
t_unit_str_test_CFLAGS = $(TEST_CFLAGS)
t_unit_str_test_LDADD = $(TEST_LIBS)

t_unit_utime_test_SOURCES = t/unit/utime_test.c t/unit/unit.h
t_unit_utime_test_CFLAGS = $(TEST_CFLAGS)
t_unit_utime_test_LDADD = $(TEST_LIBS)
