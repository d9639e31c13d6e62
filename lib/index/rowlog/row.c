#include "index/rowlog/row.h"

#include "base/hash.h"
#include "index/segment/build.h"
#include "index/segment/make.h"

/* ---- Layouts ---- */

#define KEPT_HASH 1
#define KEPT_DICT 1
#define KEPT_CODE 1
#define KEPT_I64 1
#define KEPT_PICO 1
#define KEPT_TAGS 0
#define KEPT_NONE 0
#define X(id, name, member, type, column, may) | (uint64_t)KEPT_##column << (id)
static const uint64_t kept = 0 FIELD_LIST(X);
#undef X

bool live_keeps(enum field f)
{
	return kept >> f & 1;
}

uint64_t live_kept_fields(uint64_t present)
{
	return present & kept;
}

void live_layout_init(struct live_layout *ret, uint64_t fields, uint32_t extras)
{
	uint8_t n = 0;
	*ret = (struct live_layout){ .fields = fields, .extras = extras };
	for (unsigned f = 0; f < FIELD__MAX; f++)
		ret->at[f] = fields >> f & 1 ? n++ : LIVE_NOWHERE;
	ret->other_at = n;
	n = (uint8_t)(n + (extras & LIVE_OTHER ? LIVE_OTHER__MAX : 0));
	ret->gap_at = n;
	n = (uint8_t)(n + (extras & LIVE_GAP ? LIVE_GAP__MAX : 0));
	ret->row_bytes = (uint32_t)(sizeof(struct live_row) + n * sizeof(uint64_t));
}

bool live_layout_holds(const struct live_layout *y, uint64_t fields, uint32_t extras)
{
	return (fields & ~y->fields) == 0 && (extras & ~y->extras) == 0;
}

size_t live_first(struct live_rows rows, size_t n, int64_t at)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (live_row_at(rows, middle)->at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- Asking ---- */

/* A process reads all of them to answer its first question: the processor's own sum is quicker. */
static uint32_t checksum(const struct live_layout *y, const struct live_row *r)
{
	return crc32c(
		0, str_of((const char *)r + sizeof r->checksum, y->row_bytes - sizeof r->checksum));
}

static bool is_below(
	const struct live_layout *y, const struct live_row *r, enum field f, uint64_t limit)
{
	return !live_has(r, f) || live_value(y, r, f) < limit;
}

bool live_row_is_sound(const struct live_layout *y, const struct live_row *r)
{
	return r->checksum == checksum(y, r) &&
	       live_layout_holds(y, live_kept_fields(r->present), r->flags & LIVE_EXTRAS) &&
	       is_below(y, r, FIELD_KIND, KIND__MAX) && is_below(y, r, FIELD_STATUS, STATUS__MAX);
}

static uint64_t text_hash(
	uint64_t seed, const struct live_layout *y, const struct live_row *r, enum field f)
{
	return live_has(r, f) ? live_value(y, r, f) : hash64(STR(""), seed);
}

uint64_t live_row_key(uint64_t seed, const struct live_layout *y, const struct live_row *r)
{
	return segment_key(text_hash(seed, y, r, FIELD_SPAN_ID),
		text_hash(seed, y, r, FIELD_TRACE_ID), text_hash(seed, y, r, FIELD_SOURCE));
}

int64_t live_row_version(const struct live_layout *y, const struct live_row *r)
{
	enum field f = live_has(r, FIELD_UPDATED_AT) ? FIELD_UPDATED_AT : FIELD_INGESTED_AT;
	return live_has(r, f) ? (int64_t)live_value(y, r, f) : 0;
}

struct index_place live_row_other(const struct live_layout *y, const struct live_row *r)
{
	const uint64_t *v = &r->value[y->other_at];
	return (struct index_place){ .day = (int32_t)(v[LIVE_OTHER_SHARD] >> 32),
		.part = (int32_t)(uint32_t)v[LIVE_OTHER_SHARD],
		.at = (int64_t)v[LIVE_OTHER_AT] };
}

struct live_bad live_row_bad(const struct live_layout *y, const struct live_row *r)
{
	const uint64_t *v = &r->value[y->gap_at];
	if (!(r->flags & LIVE_GAP))
		return (struct live_bad){ .n_torn = 0 };
	return (struct live_bad){ .n_torn = (uint32_t)v[LIVE_GAP_TORN],
		.n_rot = (uint32_t)v[LIVE_GAP_ROT],
		.n_zero = (uint32_t)v[LIVE_GAP_ZERO] };
}

/* ---- Making ---- */

void live_memo_init(struct live_memo *memo, uint64_t seed)
{
	uint64_t empty = hash64(STR(""), seed);
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		memo->text[f] = STR("");
		memo->hash[f] = empty;
	}
}

static uint64_t hash_of(struct live_memo *memo, unsigned f, struct str text, uint64_t seed)
{
	if (!str_eq(memo->text[f], text)) {
		memo->text[f] = text;
		memo->hash[f] = hash64(text, seed);
	}
	return memo->hash[f];
}

void live_make_row(const struct span *s, uint64_t seed, const struct live_layout *y,
	struct live_memo *memo, struct live_row *ret)
{
	memset(ret, 0, y->row_bytes);
	ret->identity = span_identity_hash(s);
	ret->span_order = span_text_order(span_text(s, FIELD_SPAN_ID));
	ret->flags = s->is_deleted ? LIVE_DELETE : 0;
	ret->prev_day = s->prev_day;
	ret->present = s->present.word[0];
	for (uint64_t left = ret->present & y->fields; left; left &= left - 1) {
		unsigned f = (unsigned)__builtin_ctzll(left);
		enum field_column c = field_info[f].column;
		ret->value[y->at[f]] = c == COLUMN_HASH || c == COLUMN_DICT
					       ? hash_of(memo, f, s->value[f].text, seed)
					       : (uint64_t)segment_number(s, (enum field)f);
	}
}

void live_put_other(const struct live_layout *y, struct live_row *r, const struct live_other *o)
{
	uint64_t *v = &r->value[y->other_at];
	r->known_to = o->known_to;
	r->flags &= ~(uint32_t)(LIVE_OTHER | LIVE_LOSES);
	if (!o->is_there)
		return;
	r->flags |= LIVE_OTHER | (o->wins ? LIVE_LOSES : 0);
	v[LIVE_OTHER_SHARD] = (uint64_t)(uint32_t)o->place.day << 32 | (uint32_t)o->place.part;
	v[LIVE_OTHER_AT] = (uint64_t)o->place.at;
}

void live_put_gap(
	const struct live_layout *y, struct live_row *r, int64_t from, const struct live_bad *bad)
{
	uint64_t *v = &r->value[y->gap_at];
	r->flags |= LIVE_GAP;
	v[LIVE_GAP_FROM] = (uint64_t)from;
	v[LIVE_GAP_TORN] = bad->n_torn;
	v[LIVE_GAP_ROT] = bad->n_rot;
	v[LIVE_GAP_ZERO] = bad->n_zero;
}

void live_seal_row(const struct live_layout *y, struct live_row *r)
{
	r->checksum = checksum(y, r);
}

void live_refit_row(const struct live_layout *y, const struct live_row *r,
	const struct live_layout *to, struct live_row *ret)
{
	memset(ret, 0, to->row_bytes);
	memcpy(ret, r, sizeof *r);
	for (uint64_t left = y->fields & to->fields; left; left &= left - 1) {
		unsigned f = (unsigned)__builtin_ctzll(left);
		ret->value[to->at[f]] = r->value[y->at[f]];
	}
	if (r->flags & LIVE_OTHER)
		memcpy(&ret->value[to->other_at], &r->value[y->other_at],
			LIVE_OTHER__MAX * sizeof *r->value);
	if (r->flags & LIVE_GAP)
		memcpy(&ret->value[to->gap_at], &r->value[y->gap_at],
			LIVE_GAP__MAX * sizeof *r->value);
}
