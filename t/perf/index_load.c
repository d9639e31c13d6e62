/*
 * Stores spans of a generated data set (one JSON object a line, in NeMo's shape) into workspace
 * "default" and says how fast that went, reading the input not counted.
 *
 *	index_load ROOT SPANS_A_BATCH <LINES
 *
 * With FLATSPAN_INDEX=no in the environment no index is kept.
 */
#include "base/conf.h"
#include "base/utime.h"
#include "store/append.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 512 << 20 };

/* Names that differ from ours. */
static enum field field_of(struct str key)
{
	if (str_eq(key, STR("raw_attributes")))
		return FIELD_ATTRIBUTES;
	return field_from_member(key);
}

static void set_field(struct span *s, enum field f, struct json v, struct arena *a)
{
	int64_t n;
	enum kind kind;
	enum status status;
	switch (field_info[f].type) {
	case FIELD_TYPE_KIND:
		if (kind_from_name(json_body(v), &kind))
			span_set_i64(s, f, kind);
		break;
	case FIELD_TYPE_STATUS:
		if (status_from_name(json_body(v), &status))
			span_set_i64(s, f, status);
		break;
	case FIELD_TYPE_TIME:
		if (utime_parse(json_body(v), &n))
			span_set_i64(s, f, n);
		break;
	case FIELD_TYPE_I64:
		if (json_to_i64(v, &n))
			span_set_i64(s, f, n);
		break;
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		span_set_text(s, f, json_canonical_body(a, json_body(v)));
		break;
	default:
		span_set_text(s, f, json_canonical(a, v.raw));
	}
}

static void read_members(struct span *s, struct json object, struct arena *a)
{
	struct json_iter it = json_members(object);
	while (json_next(&it)) {
		enum field f = field_of(it.key);
		if (f < FIELD__MAX)
			set_field(s, f, it.value, a);
		else if (it.value.type == JSON_OBJECT)
			read_members(s, it.value, a);
	}
}

int main(int argc, char **argv)
{
	struct arena a;
	struct conf conf;
	struct store store;
	struct span *spans;
	char *line = NULL;
	size_t cap = 0, batch = argc > 2 ? strtoul(argv[2], NULL, 10) : 100, n = 0, all = 0;
	int64_t spent_ns = 0;
	if (argc < 2) {
		fprintf(stderr, "usage: index_load ROOT SPANS_A_BATCH <LINES\n");
		return 2;
	}
	conf_defaults(&conf);
	conf.root = str_from_c(argv[1]);
	conf.index = !getenv("FLATSPAN_INDEX");
	conf.sync = CONF_SYNC_NONE;
	if (store_open(&store, &conf) != ERR_OK)
		return 1;
	arena_init(&a, ARENA_BYTES);
	spans = calloc(batch, sizeof *spans);
	for (bool more = true; more;) {
		ssize_t len = getline(&line, &cap, stdin);
		more = len > 0;
		if (more) {
			span_init(&spans[n]);
			struct str text = arena_copy(&a, str_of(line, (size_t)len));
			read_members(&spans[n++], json_open(text), &a);
		}
		if (n == batch || (!more && n)) {
			int64_t now = utime_now(), from = utime_monotonic();
			for (size_t i = 0; i < n; i++)
				span_set_i64(&spans[i], FIELD_INGESTED_AT, now);
			enum err e = store_append(&store, STR("default"), true, &a, spans, n, now);
			spent_ns += utime_monotonic() - from;
			if (e) {
				fprintf(stderr, "index_load: %s\n", err_name(e));
				return 1;
			}
			all += n;
			n = 0;
			arena_release(&a);
		}
	}
	printf("%zu spans, %.0f a second\n", all, (double)all / ((double)spent_ns / 1e9));
	store_close(&store);
	return 0;
}
