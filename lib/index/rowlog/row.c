#include "index/rowlog/row.h"

#include "base/hash.h"
#include "index/segment/build.h"
#include "index/segment/make.h"

size_t rowlog_first(const struct rowlog_row *rows, size_t n, int64_t at)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (rows[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- Asking ---- */

/* A process reads all records to answer its first question: the processor's own sum is quicker. */
static uint32_t rowlog_checksum(const struct rowlog_row *r)
{
	return crc32c(
		0, str_of((const char *)r + sizeof r->checksum, sizeof *r - sizeof r->checksum));
}

bool rowlog_row_is_sound(const struct rowlog_row *r)
{
	return r->checksum == rowlog_checksum(r) && rowlog_value(r, FIELD_KIND) < KIND__MAX &&
	       rowlog_value(r, FIELD_STATUS) < STATUS__MAX;
}

static uint64_t rowlog_text_hash(uint64_t seed, const struct rowlog_row *r, enum field f)
{
	return rowlog_has(r, f) ? rowlog_value(r, f) : hash64(STR(""), seed);
}

uint64_t rowlog_row_key(uint64_t seed, const struct rowlog_row *r)
{
	return segment_key(rowlog_text_hash(seed, r, FIELD_SPAN_ID),
		rowlog_text_hash(seed, r, FIELD_TRACE_ID), rowlog_text_hash(seed, r, FIELD_SOURCE));
}

int64_t rowlog_row_version(const struct rowlog_row *r)
{
	enum field f = rowlog_has(r, FIELD_UPDATED_AT) ? FIELD_UPDATED_AT : FIELD_INGESTED_AT;
	return rowlog_has(r, f) ? (int64_t)rowlog_value(r, f) : 0;
}

/* ---- Making ---- */

void rowlog_memo_init(struct rowlog_memo *memo, uint64_t seed)
{
	uint64_t empty = hash64(STR(""), seed);
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		memo->text[f] = STR("");
		memo->hash[f] = empty;
	}
}

static uint64_t rowlog_hash_text(
	struct rowlog_memo *memo, unsigned f, struct str text, uint64_t seed)
{
	if (!str_eq(memo->text[f], text)) {
		memo->text[f] = text;
		memo->hash[f] = hash64(text, seed);
	}
	return memo->hash[f];
}

void rowlog_row_make(
	const struct span *s, uint64_t seed, struct rowlog_memo *memo, struct rowlog_row *ret)
{
	memset(ret, 0, sizeof *ret);
	ret->identity = span_identity_hash(s);
	ret->span_order = span_text_order(span_text(s, FIELD_SPAN_ID));
	ret->flags = s->is_deleted ? ROWLOG_DELETE : 0;
	ret->prev_day = s->prev_day;
	ret->present = s->present.word[0];
	for (uint64_t left = ret->present; left; left &= left - 1) {
		enum field f = (enum field)__builtin_ctzll(left);
		enum field_column c = field_info[f].column;
		enum rowlog_place at = rowlog_place(f);
		if (at == ROWLOG_NOWHERE)
			continue;
		uint64_t v = c == COLUMN_HASH || c == COLUMN_DICT
				     ? rowlog_hash_text(memo, f, s->value[f].text, seed)
				     : (uint64_t)segment_number(s, f);
		if ((unsigned)at < ROWLOG_VALUES)
			ret->value[at] = v;
		else
			ret->code[(unsigned)at - ROWLOG_VALUES] = (uint8_t)v;
	}
}

void rowlog_row_link(struct rowlog_row *r, bool is_linked, int64_t known_to)
{
	r->flags &= ~(uint32_t)ROWLOG_LINKED;
	r->flags |= is_linked ? ROWLOG_LINKED : 0;
	r->known_to = known_to;
}

void rowlog_row_seal(struct rowlog_row *r)
{
	r->checksum = rowlog_checksum(r);
}
