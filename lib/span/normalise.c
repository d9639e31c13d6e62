#include "span/normalise.h"

#include "base/hash.h"
#include "base/utime.h"

#define SESSION_PREFIX STR("session")
enum { STABLE_ID_BYTES = 16 }; /* of the digest, shown as 32 hex digits */

struct str stable_id(struct arena *a, struct str prefix, const struct str *parts, size_t n_parts)
{
	unsigned char digest[SHA256_BYTES];
	struct buf hashed, id;
	buf_init(&hashed, a);
	for (size_t i = 0; i < n_parts; i++) {
		for (int shift = 56; shift >= 0; shift -= 8)
			buf_add_char(&hashed, (char)((uint64_t)parts[i].len >> shift));
		buf_add(&hashed, parts[i]);
	}
	sha256(buf_str(&hashed), digest);
	buf_release(&hashed);
	buf_init(&id, a);
	buf_add(&id, prefix);
	buf_add_char(&id, '-');
	buf_add_hex(&id, str_of((const char *)digest, STABLE_ID_BYTES));
	struct str kept = arena_copy(a, buf_str(&id));
	buf_release(&id);
	return kept;
}

struct str span_derived_session(struct arena *a, struct str workspace, const struct span *s)
{
	const struct str parts[] = { workspace, span_plain(s, FIELD_TRACE_ID, a) };
	return stable_id(a, SESSION_PREFIX, parts, 2);
}

struct str span_given_session(struct arena *a, struct str workspace, const struct span *s)
{
	struct str id = span_text(s, FIELD_SESSION_ID);
	if (id.len == 0)
		return STR_NULL;
	if (!str_starts(id, SESSION_PREFIX))
		return id;
	return str_eq(id, span_derived_session(a, workspace, s)) ? STR_NULL : id;
}

/* The end a client sent although it lies before the start stays readable among the attributes. */
static void keep_bad_end(struct span *s, struct arena *a, int64_t ended_ns)
{
	char time[UTIME_TEXT_MAX + 1];
	struct str old = span_text(s, FIELD_ATTRIBUTES);
	size_t n = utime_format(ended_ns, time);
	if (old.len < 2 || old.ptr[0] != '{')
		old = STR("{}");
	struct str inside = str_of(old.ptr + 1, old.len - 2);
	span_set_text(s, FIELD_ATTRIBUTES,
		arena_printf(a, "{%.*s%s\"flatspan.ended_at\":\"%.*s\"}", STR_ARG(inside),
			inside.len ? "," : "", (int)n, time));
}

void span_normalise(struct span *s, struct arena *a, struct str workspace, int64_t now_ns)
{
	if (!span_has(s, FIELD_STARTED_AT))
		span_set_i64(s, FIELD_STARTED_AT, now_ns);
	int64_t ended_ns = span_i64(s, FIELD_ENDED_AT, INT64_MAX);
	if (ended_ns < s->value[FIELD_STARTED_AT].i64) {
		span_unset(s, FIELD_ENDED_AT);
		keep_bad_end(s, a, ended_ns);
	}
	if (!span_has(s, FIELD_KIND))
		span_set_i64(s, FIELD_KIND, KIND_UNKNOWN);
	if (!span_has(s, FIELD_STATUS))
		span_set_i64(s, FIELD_STATUS, STATUS_UNKNOWN);
	if (span_text(s, FIELD_SESSION_ID).len == 0)
		span_set_text(s, FIELD_SESSION_ID, span_derived_session(a, workspace, s));
	span_set_i64(s, FIELD_INGESTED_AT, now_ns);
}
