#include "api/opik/id.h"

#include "api/opik/query.h"

#include "base/table.h"
#include "base/uuid.h"

enum {
	SPAN_HEX = 16,
	TRACE_HEX = 32,
	VERSION_AT = 12, /* among the digits of a UUID */
	VARIANT_AT = 16,
	MADE_BIT = 8,      /* of the first digit */
	VARIANT = 8,       /* of its digit the upper two bits, 10 */
	VARIANT_MASK = 12, /* those bits */
	VARIANT_REST = 3,
	SHOWN_ALIKE = 128, /* 16 versions, 4 variants, 2 first bits */
	FEW = 16           /* ids that are looked for one by one: of 1M spans 0.2 ms each, and all
			    * at once 10 ms */
};

static const char digits[] = "0123456789abcdef";

/* Of UUIDs that hold 16 digits: what stands before and between them. */
static const char of_spans[] = "800000000000700s8sssssssssssssss";

static bool is_hex(struct str s, size_t len)
{
	if (s.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!ascii_is_digit(s.ptr[i]) && (s.ptr[i] < 'a' || s.ptr[i] > 'f'))
			return false;
	return true;
}

/* 32 digits are a UUID of version 7, of the years 2004 to 2109. */
static bool is_of_today(const char *hex)
{
	int variant = hex_digit(hex[VARIANT_AT]);
	return hex[0] == '0' && hex[1] >= '1' && hex[1] <= '3' && hex[VERSION_AT] == '7' &&
	       (variant & VARIANT_MASK) == VARIANT;
}

static struct str with_hyphens(struct arena *a, const char hex[static TRACE_HEX])
{
	char *p = arena_text(a, UUID_TEXT);
	for (size_t i = 0, n = 0; i < TRACE_HEX; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			p[n++] = '-';
		p[n++] = hex[i];
	}
	return str_of(p, UUID_TEXT);
}

/* False: it is no UUID in lower case. */
static bool without_hyphens(struct str uuid, char ret[static TRACE_HEX])
{
	size_t n = 0;
	if (uuid.len != UUID_TEXT)
		return false;
	for (size_t i = 0; i < UUID_TEXT; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (uuid.ptr[i] != '-')
				return false;
		} else {
			ret[n++] = uuid.ptr[i];
		}
	return is_hex(str_of(ret, TRACE_HEX), TRACE_HEX);
}

struct str opik_id_shown(struct arena *a, struct str id)
{
	char hex[TRACE_HEX];
	if (is_hex(id, SPAN_HEX)) {
		for (size_t i = 0, n = 0; i < TRACE_HEX; i++)
			hex[i] = of_spans[i] == 's' ? id.ptr[n++] : of_spans[i];
		return with_hyphens(a, hex);
	}
	if (!is_hex(id, TRACE_HEX))
		return id;
	memcpy(hex, id.ptr, TRACE_HEX);
	if (!is_of_today(hex)) {
		hex[0] = digits[hex_digit(hex[0]) | MADE_BIT];
		hex[VERSION_AT] = '7';
		hex[VARIANT_AT] = digits[(hex_digit(hex[VARIANT_AT]) & VARIANT_REST) | VARIANT];
	}
	return with_hyphens(a, hex);
}

bool opik_id_same(struct arena *a, struct str x, struct str y)
{
	return str_eq(x, y) || str_eq(opik_id_shown(a, x), opik_id_shown(a, y));
}

struct str opik_id_of_uuid(struct arena *a, struct str uuid)
{
	char hex[TRACE_HEX];
	if (!without_hyphens(uuid, hex))
		return uuid;
	char *id = arena_text(a, SPAN_HEX);
	for (size_t i = 0, n = 0; i < TRACE_HEX; i++)
		if (of_spans[i] == 's')
			id[n++] = hex[i];
		else if (of_spans[i] != hex[i])
			return uuid;
	return str_of(id, SPAN_HEX);
}

bool opik_id_param(struct arena *a, struct str text, struct str *ret)
{
	struct str uuid;
	if (uuid_read(a, text, &uuid)) {
		*ret = opik_id_of_uuid(a, uuid);
		return true;
	}
	if (text.len != SPAN_HEX && text.len != TRACE_HEX)
		return false;
	char *lower = arena_text(a, text.len);
	for (size_t i = 0; i < text.len; i++)
		lower[i] = ascii_lower(text.ptr[i]);
	if (!is_hex(str_of(lower, text.len), text.len))
		return false;
	*ret = str_of(lower, text.len);
	return true;
}

bool opik_id_is_made(struct str id)
{
	char hex[TRACE_HEX];
	return without_hyphens(id, hex) && hex_digit(hex[0]) & MADE_BIT && hex[VERSION_AT] == '7' &&
	       (hex_digit(hex[VARIANT_AT]) & VARIANT_MASK) == VARIANT;
}

size_t opik_trace_ids(struct arena *a, struct str id, struct str **ret)
{
	char hex[TRACE_HEX];
	struct str shown = opik_id_shown(a, id);
	bool is_uuid = without_hyphens(shown, hex), is_made = opik_id_is_made(shown);
	struct str *ids = arena_calloc(a, 1 + (is_made ? SHOWN_ALIKE : 1), sizeof *ids);
	size_t n = 0;
	ids[n++] = id;
	*ret = ids;
	if (id.len == TRACE_HEX)
		return n; /* it says all */
	if (is_uuid && is_of_today(hex))
		ids[n++] = arena_copy(a, str_of(hex, TRACE_HEX));
	if (!is_made)
		return n;
	int first = hex_digit(hex[0]) & ~MADE_BIT;
	int rest = hex_digit(hex[VARIANT_AT]) & VARIANT_REST;
	for (int i = 0; i < SHOWN_ALIKE; i++) {
		hex[0] = digits[first | (i & 1 ? MADE_BIT : 0)];
		hex[VERSION_AT] = digits[i >> 1 & 15];
		hex[VARIANT_AT] = digits[rest | (i >> 5 & 3) << 2];
		if (!is_of_today(hex))
			ids[n++] = arena_copy(a, str_of(hex, TRACE_HEX));
	}
	return n;
}

/* ---- Which trace is meant ---- */

struct asked {
	uint64_t hash; /* of the id, as it is shown */
	size_t at;
	bool is_known, is_hex;
	char hex[TRACE_HEX];
};

struct finding {
	struct arena *arena;
	const struct str *ids;
	struct table asked;
	size_t n_unknown;
};

/* A trace that has the UUID itself goes before one that is only shown so. */
static bool take_trace(void *user, const struct span *s, struct row_ref ref)
{
	struct finding *f = user;
	struct str id = span_text(s, FIELD_TRACE_ID), shown = opik_id_shown(f->arena, id);
	struct table_probe p = table_probe(&f->asked, pred_text_hash(shown));
	struct asked *one;
	(void)ref;
	while ((one = table_next(&f->asked, &p))) {
		if (one->is_known || !opik_id_same(f->arena, f->ids[one->at], shown))
			continue;
		one->is_hex = id.len == TRACE_HEX;
		one->is_known = !one->is_hex || opik_id_is_made(shown);
		f->n_unknown -= one->is_known;
		if (one->is_hex)
			memcpy(one->hex, id.ptr, TRACE_HEX);
	}
	return f->n_unknown > 0;
}

/* ---- One by one, as every id of an SDK is that may be a hex id too ---- */

static bool take_any(void *user, const struct span *s, struct row_ref ref)
{
	(void)s;
	(void)ref;
	*(bool *)user = true;
	return false;
}

static enum err is_there(struct request *r, struct view *v, struct str id, bool *ret)
{
	struct field_set nothing = { { 0 } };
	struct pred p = { .field = FIELD_TRACE_ID, .op = OP_EQ, .texts = &id, .n_values = 1 };
	struct clause c = { &p, 1 };
	struct query q;
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = opik_deadline(r);
	*ret = false;
	return engine_each(v, &q, &nothing, take_any, ret);
}

static enum err find_plain(struct request *r, struct view *v, struct str *id)
{
	struct str *ids;
	bool is_found = true;
	if (opik_trace_ids(r->arena, *id, &ids) != 2)
		return ERR_OK;
	enum err e = is_there(r, v, ids[0], &is_found);
	if (e || is_found)
		return e;
	e = is_there(r, v, ids[1], &is_found);
	if (is_found)
		*id = ids[1];
	return e;
}

/* ---- All at once, which looks at every row ---- */

/* The ids that may be others, and all that they may be. */
static struct pred ask(struct finding *f, size_t n, bool has_plain)
{
	struct arena *a = f->arena;
	struct {
		struct str *ids;
		size_t n;
	} *of = arena_calloc(a, n, sizeof *of);
	size_t n_all = 0;
	for (size_t i = 0; i < n; i++) {
		of[i].n = opik_trace_ids(a, f->ids[i], &of[i].ids);
		if (of[i].n == 2 && !has_plain)
			of[i].n = 1;
		if (of[i].n == 1)
			continue;
		struct str shown = opik_id_shown(a, f->ids[i]);
		struct asked *one = table_add(&f->asked, pred_text_hash(shown));
		one->at = i;
		f->n_unknown++;
		n_all += of[i].n;
	}
	struct str *all = arena_calloc(a, n_all, sizeof *all);
	for (size_t i = 0, at = 0; i < n; i++)
		if (of[i].n > 1) {
			memcpy(all + at, of[i].ids, of[i].n * sizeof *all);
			at += of[i].n;
		}
	return opik_in_set(a, FIELD_TRACE_ID, all, n_all);
}

enum err opik_find_traces(struct request *r, struct view *v, struct str *ids, size_t n)
{
	struct finding f = { .arena = r->arena, .ids = ids };
	struct field_set want = { { 0 } };
	struct query q;
	bool is_few = n <= FEW;
	for (size_t i = 0; i < n && is_few; i++) {
		enum err e = find_plain(r, v, &ids[i]);
		if (e)
			return e;
	}
	table_init(&f.asked, r->arena, sizeof(struct asked));
	struct pred p = ask(&f, n, !is_few);
	struct clause c = { &p, 1 };
	query_init(&q);
	q.clauses = &c;
	q.n_clauses = 1;
	q.deadline_ns = opik_deadline(r);
	field_set_add(&want, FIELD_TRACE_ID);
	enum err e = f.n_unknown ? engine_each(v, &q, &want, take_trace, &f) : ERR_OK;
	for (size_t i = 0; i < f.asked.n && !e; i++) {
		const struct asked *one = table_row(&f.asked, i);
		if (one->is_hex)
			ids[one->at] = arena_copy(r->arena, str_of(one->hex, TRACE_HEX));
	}
	table_release(&f.asked);
	return e;
}

bool opik_ids_of_traces(struct request *r, struct str *ids, size_t n)
{
	struct view v;
	struct str *some;
	size_t i = 0;
	while (i < n && opik_trace_ids(r->arena, ids[i], &some) == 1)
		i++;
	if (i == n)
		return true;
	if (!opik_view(r, &v))
		return false;
	enum err e = opik_find_traces(r, &v, ids, n);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
	return !e;
}
