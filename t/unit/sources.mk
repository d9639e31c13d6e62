# Unit tests: a Check program a module, NAME_test.c. A line here, a file there.
# To add one: append its name to UNIT_TESTS and give it a _SOURCES and _CFLAGS/_LDADD line below.

if HAVE_CHECK
UNIT_TESTS = \
	t/unit/admin_test \
	t/unit/auth_test \
	t/unit/base64_test \
	t/unit/bits_test \
	t/unit/conf_test \
	t/unit/cost_test \
	t/unit/gateway_test \
	t/unit/gzip_test \
	t/unit/hash_test \
	t/unit/io_fault_test \
	t/unit/io_lock_test \
	t/unit/io_test \
	t/unit/json_check_test \
	t/unit/json_oracle_test \
	t/unit/json_read_test \
	t/unit/json_write_test \
	t/unit/log_test \
	t/unit/mask_test \
	t/unit/match_test \
	t/unit/nemo_metrics_test \
	t/unit/opik_filter_test \
	t/unit/opik_id_test \
	t/unit/otlp_test \
	t/unit/params_test \
	t/unit/path_test \
	t/unit/pb_test \
	t/unit/price_test \
	t/unit/pydantic_test \
	t/unit/request_test \
	t/unit/response_test \
	t/unit/rescue_test \
	t/unit/route_test \
	t/unit/sandbox_test \
	t/unit/scale_test \
	t/unit/semconv_test \
	t/unit/simd_text_test \
	t/unit/heap_test \
	t/unit/span_test \
	t/unit/str_test \
	t/unit/table_test \
	t/unit/target_test \
	t/unit/text_test \
	t/unit/utf8_test \
	t/unit/utime_test \
	t/unit/uuid_test \
	t/unit/zone_test \
	t/unit/zst_test
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

t_unit_admin_test_SOURCES = t/unit/admin_test.c t/unit/unit.h t/unit/web.h
t_unit_admin_test_CFLAGS = $(TEST_CFLAGS)
t_unit_admin_test_LDADD = $(TEST_LIBS)

t_unit_auth_test_SOURCES = t/unit/auth_test.c t/unit/unit.h t/unit/web.h
t_unit_auth_test_CFLAGS = $(TEST_CFLAGS)
t_unit_auth_test_LDADD = $(TEST_LIBS)

t_unit_base64_test_SOURCES = t/unit/base64_test.c t/unit/unit.h
t_unit_base64_test_CFLAGS = $(TEST_CFLAGS)
t_unit_base64_test_LDADD = $(TEST_LIBS)

t_unit_bits_test_SOURCES = t/unit/bits_test.c t/unit/random.h t/unit/unit.h
t_unit_bits_test_CFLAGS = $(TEST_CFLAGS)
t_unit_bits_test_LDADD = $(TEST_LIBS)

t_unit_conf_test_SOURCES = t/unit/conf_test.c t/unit/unit.h
t_unit_conf_test_CFLAGS = $(TEST_CFLAGS)
t_unit_conf_test_LDADD = $(TEST_LIBS)

t_unit_cost_test_SOURCES = t/unit/cost_test.c t/unit/unit.h
t_unit_cost_test_CFLAGS = $(TEST_CFLAGS)
t_unit_cost_test_LDADD = $(TEST_LIBS)

t_unit_gateway_test_SOURCES = t/unit/gateway_test.c t/unit/unit.h t/unit/web.h
t_unit_gateway_test_CFLAGS = $(TEST_CFLAGS)
t_unit_gateway_test_LDADD = $(TEST_LIBS)

t_unit_gzip_test_SOURCES = t/unit/gzip_test.c t/unit/unit.h
t_unit_gzip_test_CFLAGS = $(TEST_CFLAGS)
t_unit_gzip_test_LDADD = $(TEST_LIBS)

t_unit_hash_test_SOURCES = t/unit/hash_test.c t/unit/unit.h
t_unit_hash_test_CFLAGS = $(TEST_CFLAGS)
t_unit_hash_test_LDADD = $(TEST_LIBS)


t_unit_io_fault_test_SOURCES = t/unit/io_fault_test.c t/unit/io_scene.c t/unit/io_scene.h t/unit/unit.h
t_unit_io_fault_test_CFLAGS = $(TEST_CFLAGS)
t_unit_io_fault_test_LDADD = $(TEST_LIBS)

t_unit_io_lock_test_SOURCES = t/unit/io_lock_test.c t/unit/io_scene.c t/unit/io_scene.h t/unit/unit.h
t_unit_io_lock_test_CFLAGS = $(TEST_CFLAGS)
t_unit_io_lock_test_LDADD = $(TEST_LIBS)

t_unit_io_test_SOURCES = t/unit/io_test.c t/unit/io_scene.c t/unit/io_scene.h t/unit/unit.h
t_unit_io_test_CFLAGS = $(TEST_CFLAGS)
t_unit_io_test_LDADD = $(TEST_LIBS)

t_unit_json_check_test_SOURCES = t/unit/json_check_test.c t/unit/unit.h
t_unit_json_check_test_CFLAGS = $(TEST_CFLAGS)
t_unit_json_check_test_LDADD = $(TEST_LIBS)

t_unit_json_oracle_test_SOURCES = t/unit/json_oracle_test.c t/unit/jansson_oracle.c t/unit/jansson_oracle.h t/unit/random.h t/unit/unit.h
t_unit_json_oracle_test_CFLAGS = $(TEST_CFLAGS)
t_unit_json_oracle_test_LDADD = $(TEST_LIBS)

t_unit_json_read_test_SOURCES = t/unit/json_read_test.c t/unit/unit.h
t_unit_json_read_test_CFLAGS = $(TEST_CFLAGS)
t_unit_json_read_test_LDADD = $(TEST_LIBS)

t_unit_json_write_test_SOURCES = t/unit/json_write_test.c t/unit/random.h t/unit/unit.h
t_unit_json_write_test_CFLAGS = $(TEST_CFLAGS)
t_unit_json_write_test_LDADD = $(TEST_LIBS)

t_unit_log_test_SOURCES = t/unit/log_test.c t/unit/unit.h
t_unit_log_test_CFLAGS = $(TEST_CFLAGS)
t_unit_log_test_LDADD = $(TEST_LIBS)

t_unit_nemo_metrics_test_SOURCES = t/unit/nemo_metrics_test.c t/unit/unit.h t/unit/web.h
t_unit_nemo_metrics_test_CFLAGS = $(TEST_CFLAGS)
t_unit_nemo_metrics_test_LDADD = $(TEST_LIBS)

t_unit_otlp_test_SOURCES = t/unit/otlp_test.c t/unit/unit.h
t_unit_otlp_test_CFLAGS = $(TEST_CFLAGS)
t_unit_otlp_test_LDADD = $(TEST_LIBS)

t_unit_params_test_SOURCES = t/unit/params_test.c t/unit/unit.h t/unit/web.h
t_unit_params_test_CFLAGS = $(TEST_CFLAGS)
t_unit_params_test_LDADD = $(TEST_LIBS)

t_unit_mask_test_SOURCES = t/unit/mask_test.c t/unit/unit.h
t_unit_mask_test_CFLAGS = $(TEST_CFLAGS)
t_unit_mask_test_LDADD = $(TEST_LIBS)

t_unit_match_test_SOURCES = t/unit/match_test.c t/unit/random.h t/unit/unit.h
t_unit_match_test_CFLAGS = $(TEST_CFLAGS)
t_unit_match_test_LDADD = $(TEST_LIBS)

t_unit_path_test_SOURCES = t/unit/path_test.c t/unit/unit.h
t_unit_path_test_CFLAGS = $(TEST_CFLAGS)
t_unit_path_test_LDADD = $(TEST_LIBS)

t_unit_pb_test_SOURCES = t/unit/pb_test.c t/unit/unit.h
t_unit_pb_test_CFLAGS = $(TEST_CFLAGS)
t_unit_pb_test_LDADD = $(TEST_LIBS)

t_unit_price_test_SOURCES = t/unit/price_test.c t/unit/unit.h
t_unit_price_test_CFLAGS = $(TEST_CFLAGS)
t_unit_price_test_LDADD = $(TEST_LIBS)

t_unit_pydantic_test_SOURCES = t/unit/pydantic_test.c t/unit/unit.h
t_unit_pydantic_test_CFLAGS = $(TEST_CFLAGS)
t_unit_pydantic_test_LDADD = $(TEST_LIBS)

t_unit_request_test_SOURCES = t/unit/request_test.c t/unit/unit.h t/unit/web.h
t_unit_request_test_CFLAGS = $(TEST_CFLAGS)
t_unit_request_test_LDADD = $(TEST_LIBS)

t_unit_response_test_SOURCES = t/unit/response_test.c t/unit/unit.h t/unit/web.h
t_unit_response_test_CFLAGS = $(TEST_CFLAGS)
t_unit_response_test_LDADD = $(TEST_LIBS)

t_unit_rescue_test_SOURCES = t/unit/rescue_test.c t/unit/unit.h
t_unit_rescue_test_CFLAGS = $(TEST_CFLAGS)
t_unit_rescue_test_LDADD = $(TEST_LIBS)
t_unit_route_test_SOURCES = t/unit/route_test.c t/unit/unit.h t/unit/web.h
t_unit_route_test_CFLAGS = $(TEST_CFLAGS)
t_unit_route_test_LDADD = $(TEST_LIBS)

t_unit_simd_text_test_SOURCES = t/unit/simd_text_test.c t/unit/random.h t/unit/unit.h
t_unit_simd_text_test_CFLAGS = $(TEST_CFLAGS)
t_unit_simd_text_test_LDADD = $(TEST_LIBS)

t_unit_heap_test_SOURCES = t/unit/heap_test.c t/unit/random.h t/unit/unit.h
t_unit_heap_test_CFLAGS = $(TEST_CFLAGS)
t_unit_heap_test_LDADD = $(TEST_LIBS)

t_unit_span_test_SOURCES = t/unit/random.h t/unit/span_test.c t/unit/unit.h
t_unit_span_test_CFLAGS = $(TEST_CFLAGS)
t_unit_span_test_LDADD = $(TEST_LIBS)

t_unit_str_test_SOURCES = t/unit/str_test.c t/unit/unit.h
t_unit_str_test_CFLAGS = $(TEST_CFLAGS)
t_unit_str_test_LDADD = $(TEST_LIBS)

t_unit_table_test_SOURCES = t/unit/table_test.c t/unit/random.h t/unit/unit.h
t_unit_table_test_CFLAGS = $(TEST_CFLAGS)
t_unit_table_test_LDADD = $(TEST_LIBS)

t_unit_target_test_SOURCES = t/unit/target_test.c t/unit/unit.h t/unit/web.h
t_unit_target_test_CFLAGS = $(TEST_CFLAGS)
t_unit_target_test_LDADD = $(TEST_LIBS)
t_unit_text_test_SOURCES = t/unit/text_test.c t/unit/random.h t/unit/unit.h
t_unit_text_test_CFLAGS = $(TEST_CFLAGS)
t_unit_text_test_LDADD = $(TEST_LIBS)

t_unit_utf8_test_SOURCES = t/unit/utf8_test.c t/unit/random.h t/unit/unit.h
t_unit_utf8_test_CFLAGS = $(TEST_CFLAGS)
t_unit_utf8_test_LDADD = $(TEST_LIBS)

t_unit_utime_test_SOURCES = t/unit/utime_test.c t/unit/unit.h
t_unit_utime_test_CFLAGS = $(TEST_CFLAGS)
t_unit_utime_test_LDADD = $(TEST_LIBS)

EXTRA_DIST += doc/otlp.md t/unit/semconv_cases.jsonl
t_unit_sandbox_test_SOURCES = t/unit/sandbox_test.c t/unit/unit.h
t_unit_sandbox_test_CFLAGS = $(TEST_CFLAGS)
t_unit_sandbox_test_LDADD = $(TEST_LIBS)

t_unit_scale_test_SOURCES = t/unit/scale_test.c t/unit/unit.h
t_unit_scale_test_CFLAGS = $(TEST_CFLAGS)
t_unit_scale_test_LDADD = $(TEST_LIBS)

t_unit_semconv_test_SOURCES = t/unit/semconv_test.c t/unit/unit.h
t_unit_semconv_test_CFLAGS = $(TEST_CFLAGS)
t_unit_semconv_test_LDADD = $(TEST_LIBS)

t_unit_uuid_test_SOURCES = t/unit/uuid_test.c t/unit/unit.h
t_unit_uuid_test_CFLAGS = $(TEST_CFLAGS)
t_unit_uuid_test_LDADD = $(TEST_LIBS)

t_unit_zone_test_SOURCES = t/unit/zone_test.c t/unit/unit.h
t_unit_zone_test_CFLAGS = $(TEST_CFLAGS)
t_unit_zone_test_LDADD = $(TEST_LIBS)

t_unit_zst_test_SOURCES = t/unit/zst_test.c t/unit/unit.h
t_unit_zst_test_CFLAGS = $(TEST_CFLAGS)
t_unit_zst_test_LDADD = $(TEST_LIBS)

t_unit_opik_filter_test_SOURCES = t/unit/opik_filter_test.c t/unit/unit.h
t_unit_opik_filter_test_CFLAGS = $(TEST_CFLAGS)
t_unit_opik_filter_test_LDADD = $(TEST_LIBS)

t_unit_opik_id_test_SOURCES = t/unit/opik_id_test.c t/unit/random.h t/unit/unit.h
t_unit_opik_id_test_CFLAGS = $(TEST_CFLAGS)
t_unit_opik_id_test_LDADD = $(TEST_LIBS)
