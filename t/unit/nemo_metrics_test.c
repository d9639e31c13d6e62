/* Buckets of a zone other than UTC; the rest of these figures is tried in t/api/nemo_metrics.t. */
#include "api/api.h"
#include "web.h"

#include <ftw.h>
#include <unistd.h>

static struct fake fake;
static struct conf conf;
static struct app app;
static char directory[] = "/tmp/flatspan-metrics-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

static void begin(void)
{
	memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
	conf_defaults(&conf);
	conf.root = str_from_c(directory);
	conf.free_bytes = 0;
	app = (struct app){ .conf = &conf };
	ck_assert_int_eq(store_open(&app.store, &conf), ERR_OK);
}

static void end(void)
{
	store_close(&app.store);
	ck_assert_int_eq(nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static struct str ask(const char *method, const char *path, struct str body, int want)
{
	struct arena *a = test_arena();
	const char **v = arena_calloc(a, 5, sizeof *v);
	v[0] = arena_copy_c(a, arena_printf(a, "REQUEST_METHOD=%s", method));
	v[1] = arena_copy_c(
		a, arena_printf(a, "REQUEST_URI=/apis/intake/v2/workspaces/default/%s", path));
	v[2] = "REMOTE_ADDR=127.0.0.1";
	v[3] = "CONTENT_TYPE=application/json";
	fake_init(&fake, v, body);
	fake.conf = conf;
	fake.request.app = &app;
	struct str reason;
	ck_assert_int_eq(request_read_target(&fake.request, &reason), ERR_OK);
	route_request(&fake.request, api_tables, PROGRAM_ALL);
	ck_assert_int_eq(fake.response.status, want);
	return buf_str(&fake.response.body);
}

/* The bucket_start of each row, with blanks between. */
static struct str buckets(const char *bucket)
{
	struct arena *a = test_arena();
	struct buf b;
	char *path = arena_copy_c(
		a, arena_printf(a,
			   "traces/metrics?bucket=%s&timezone=Europe/Berlin&filter[started_at]"
			   "[gte]=2026-01-01",
			   bucket));
	struct json data = json_get(json_open(ask("GET", path, STR(""), 200)), STR("data"));
	buf_init(&b, a);
	for (struct json_iter it = json_elements(data); json_next(&it);) {
		if (b.len)
			buf_add_char(&b, ' ');
		buf_add(&b, json_body(json_get(it.value, STR("bucket_start"))));
	}
	return buf_str(&b);
}

START_TEST(buckets_begin_where_they_do_in_the_zone)
	{
		/* The clock is put on 29 March at 01:00 and on 25 October at 01:00 UTC. */
		static const char *const starts[] = { "2026-03-28T23:30:00Z",
			"2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T22:30:00Z",
			"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z" };
		struct buf b;
		if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
			return; /* a host without zones */
		begin();
		buf_init(&b, test_arena());
		buf_add(&b, STR("{\"source\":\"s\",\"spans\":["));
		for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
			buf_printf(&b,
				"%s{\"span_id\":\"%zu\",\"trace_id\":\"%zu\",\"started_at\":\"%s\"}",
				i ? "," : "", i, i, starts[i]);
		buf_add(&b, STR("]}"));
		(void)ask("POST", "ingest/spans", buf_str(&b), 201);
		ck_assert_str_is(buckets("day"),
			STR("2026-03-28T23:00:00Z 2026-03-29T22:00:00Z 2026-10-24T22:00:00Z"));
		ck_assert_str_is(buckets("week"),
			STR("2026-03-22T23:00:00Z 2026-03-29T22:00:00Z 2026-10-18T22:00:00Z"));
		ck_assert_str_is(
			buckets("month"), STR("2026-02-28T23:00:00Z 2026-09-30T22:00:00Z"));
		ck_assert_str_is(buckets("hour"),
			STR("2026-03-28T23:00:00Z 2026-03-29T00:00:00Z 2026-03-29T01:00:00Z "
			    "2026-03-29T22:00:00Z 2026-10-25T00:00:00Z 2026-10-25T01:00:00Z"));
		end();
	}
END_TEST

UNIT_MAIN("nemo_metrics", buckets_begin_where_they_do_in_the_zone)
