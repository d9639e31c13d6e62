# Fuzz entries (see t/fuzz/fuzz.h). To add one: a replay_NAME for make check, a fuzz_NAME for
# libFuzzer, and seeds in t/fuzz/corpus/NAME.

EXTRA_DIST += t/fuzz/corpus
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer

FUZZ_REPLAYS = \
	t/fuzz/replay_conf \
	t/fuzz/replay_gzip \
	t/fuzz/replay_json \
	t/fuzz/replay_keys \
	t/fuzz/replay_nemo_filter \
	t/fuzz/replay_otlp \
	t/fuzz/replay_pb \
	t/fuzz/replay_push \
	t/fuzz/replay_request \
	t/fuzz/replay_scale \
	t/fuzz/replay_sealed \
	t/fuzz/replay_shard \
	t/fuzz/replay_utime \
	t/fuzz/replay_terms
check_PROGRAMS += $(FUZZ_REPLAYS)
TESTS += $(FUZZ_REPLAYS)

if FUZZ
noinst_PROGRAMS += \
	t/fuzz/fuzz_conf \
	t/fuzz/fuzz_gzip \
	t/fuzz/fuzz_json \
	t/fuzz/fuzz_keys \
	t/fuzz/fuzz_nemo_filter \
	t/fuzz/fuzz_otlp \
	t/fuzz/fuzz_pb \
	t/fuzz/fuzz_push \
	t/fuzz/fuzz_request \
	t/fuzz/fuzz_scale \
	t/fuzz/fuzz_sealed \
	t/fuzz/fuzz_shard \
	t/fuzz/fuzz_utime \
	t/fuzz/fuzz_terms
endif

t_fuzz_replay_conf_SOURCES = t/fuzz/fuzz_conf.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_conf_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/conf"'
t_fuzz_replay_conf_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_conf_SOURCES = t/fuzz/fuzz_conf.c t/fuzz/fuzz.h
t_fuzz_fuzz_conf_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_conf_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_gzip_SOURCES = t/fuzz/fuzz_gzip.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_gzip_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/gzip"'
t_fuzz_replay_gzip_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_gzip_SOURCES = t/fuzz/fuzz_gzip.c t/fuzz/fuzz.h
t_fuzz_fuzz_gzip_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_gzip_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_json_SOURCES = t/fuzz/fuzz_json.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_json_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/json"'
t_fuzz_replay_json_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_json_SOURCES = t/fuzz/fuzz_json.c t/fuzz/fuzz.h
t_fuzz_fuzz_json_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_json_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_nemo_filter_SOURCES = t/fuzz/fuzz_nemo_filter.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_nemo_filter_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/nemo_filter"'
t_fuzz_replay_nemo_filter_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_nemo_filter_SOURCES = t/fuzz/fuzz_nemo_filter.c t/fuzz/fuzz.h
t_fuzz_fuzz_nemo_filter_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_nemo_filter_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_otlp_SOURCES = t/fuzz/fuzz_otlp.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_otlp_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/otlp"'
t_fuzz_replay_otlp_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_otlp_SOURCES = t/fuzz/fuzz_otlp.c t/fuzz/fuzz.h
t_fuzz_fuzz_otlp_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_otlp_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_pb_SOURCES = t/fuzz/fuzz_pb.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_pb_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/pb"'
t_fuzz_replay_pb_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_pb_SOURCES = t/fuzz/fuzz_pb.c t/fuzz/fuzz.h
t_fuzz_fuzz_pb_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_pb_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_utime_SOURCES = t/fuzz/fuzz_utime.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_utime_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/utime"'
t_fuzz_replay_utime_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_utime_SOURCES = t/fuzz/fuzz_utime.c t/fuzz/fuzz.h
t_fuzz_fuzz_utime_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_utime_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_keys_SOURCES = t/fuzz/fuzz_keys.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_keys_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/keys"'
t_fuzz_replay_keys_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_keys_SOURCES = t/fuzz/fuzz_keys.c t/fuzz/fuzz.h
t_fuzz_fuzz_keys_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_keys_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_request_SOURCES = t/fuzz/fuzz_request.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_request_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/request"'
t_fuzz_replay_request_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_request_SOURCES = t/fuzz/fuzz_request.c t/fuzz/fuzz.h
t_fuzz_fuzz_request_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_request_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_sealed_SOURCES = t/fuzz/fuzz_sealed.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_sealed_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/sealed"'
t_fuzz_replay_sealed_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_sealed_SOURCES = t/fuzz/fuzz_sealed.c t/fuzz/fuzz.h
t_fuzz_fuzz_sealed_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_sealed_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_shard_SOURCES = t/fuzz/fuzz_shard.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_shard_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/shard"'
t_fuzz_replay_shard_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_shard_SOURCES = t/fuzz/fuzz_shard.c t/fuzz/fuzz.h
t_fuzz_fuzz_shard_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_shard_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_scale_SOURCES = t/fuzz/fuzz_scale.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_scale_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/scale"'
t_fuzz_replay_scale_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_scale_SOURCES = t/fuzz/fuzz_scale.c t/fuzz/fuzz.h
t_fuzz_fuzz_scale_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_scale_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_push_SOURCES = t/fuzz/fuzz_push.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_push_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/push"'
t_fuzz_replay_push_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_push_SOURCES = t/fuzz/fuzz_push.c t/fuzz/fuzz.h
t_fuzz_fuzz_push_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_push_LDADD = $(FLATSPAN_LIBS)

t_fuzz_replay_terms_SOURCES = t/fuzz/fuzz_terms.c t/fuzz/replay_main.c t/fuzz/fuzz.h
t_fuzz_replay_terms_CPPFLAGS = $(AM_CPPFLAGS) -DFUZZ_CORPUS='"t/fuzz/corpus/terms"'
t_fuzz_replay_terms_LDADD = $(FLATSPAN_LIBS)
t_fuzz_fuzz_terms_SOURCES = t/fuzz/fuzz_terms.c t/fuzz/fuzz.h
t_fuzz_fuzz_terms_LDFLAGS = $(FUZZ_LINK)
t_fuzz_fuzz_terms_LDADD = $(FLATSPAN_LIBS)
