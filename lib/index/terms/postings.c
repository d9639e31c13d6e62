#include "index/terms/postings.h"

#include "index/terms/subset.h"

/* ---- Numbers ---- */

enum { NUMBER_MAX_BYTES = 10 };

size_t number_bytes(uint64_t v)
{
	size_t n = 1;
	for (; v >= 0x80; v >>= 7)
		n++;
	return n;
}

void number_put(struct buf *out, uint64_t v)
{
	char *to = buf_reserve(out, NUMBER_MAX_BYTES);
	size_t n = 0;
	for (; v >= 0x80; v >>= 7)
		to[n++] = (char)(v | 0x80);
	to[n++] = (char)v;
	out->len += n;
}

bool number_take(struct str *s, uint64_t *ret)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s->len && i < NUMBER_MAX_BYTES - 1; i++) {
		unsigned char c = (unsigned char)s->ptr[i];
		v |= (uint64_t)(c & 0x7f) << 7 * i;
		if (c < 0x80) {
			*s = str_skip(*s, i + 1);
			*ret = v;
			return true;
		}
	}
	return false;
}

/* ---- Writing ---- */

static uint32_t *numbers(struct buf *scratch, uint32_t n)
{
	buf_reset(scratch);
	return (void *)buf_reserve(scratch, ((size_t)n + 1) * sizeof(uint32_t));
}

static unsigned state_of(unsigned states, unsigned in)
{
	return states >> 2 * in & 3;
}

/* in: the number of one of enum words_in */
static void code_some(
	struct buf *out, struct buf *scratch, const uint32_t *places, uint32_t n, unsigned in)
{
	uint32_t *found = numbers(scratch, n), n_found = 0;
	for (uint32_t i = 0; i < n; i++) {
		found[n_found] = i;
		n_found += places[i] >> in & 1;
	}
	number_put(out, n_found);
	subset_put(out, found, n_found, n);
}

/* This one of enum words_in and the next. */
static void code_two(struct buf *out, struct buf *scratch, const uint32_t *places, uint32_t n,
	unsigned first, unsigned *states)
{
	uint32_t any = 0, all = UINT32_MAX;
	for (uint32_t i = 0; i < n; i++) {
		any |= places[i];
		all &= places[i];
	}
	for (unsigned in = first; in < first + 2; in++) {
		unsigned state = !(any >> in & 1)  ? POSTINGS_NONE
				 : (all >> in & 1) ? POSTINGS_ALL
						   : POSTINGS_SOME;
		*states = (*states & ~(3u << 2 * in)) | state << 2 * in;
		if (state == POSTINGS_SOME)
			code_some(out, scratch, places, n, in);
	}
}

void postings_code_blocks(struct buf *out, const uint32_t *blocks, uint32_t n, uint32_t of)
{
	subset_put(out, blocks, n, of);
}

void postings_code_rows(struct buf *out, struct buf *scratch, const uint32_t *places, uint32_t n,
	const struct postings_of *of, unsigned *states)
{
	uint32_t *rows = numbers(scratch, 2 * n);
	for (uint32_t i = 0; i < n; i++)
		rows[i] = places[i] >> PLACE_BITS;
	if (n < LIST_BY_SIZE)
		subset_put(out, rows, n, of->n_rows);
	else
		row_list_put(out, of->sizes, rows, n, rows + n);
	code_two(out, scratch, places, n, 0, states);
}

void postings_code_fields(
	struct buf *out, struct buf *scratch, const uint32_t *places, uint32_t n, unsigned *states)
{
	code_two(out, scratch, places, n, 2, states);
}

size_t postings_block_bytes(const struct postings_of *of)
{
	size_t n = 1;
	for (uint64_t last = (uint64_t)of->n_blocks * 2 - 1; last > UINT8_MAX; last >>= 8)
		n++;
	return n;
}

void postings_put_block(struct buf *out, uint32_t block, const struct postings_of *of)
{
	uint64_t v = (uint64_t)block << 1 | 1;
	for (size_t i = 0; i < postings_block_bytes(of); i++, v >>= 8)
		buf_add_char(out, (char)v);
}

void postings_put_place(struct buf *out, uint32_t place)
{
	number_put(out, (uint64_t)place << 2 | 2);
}

void postings_put(struct buf *out, const struct postings_parts *p)
{
	uint64_t n_blocks = (uint64_t)p->n_blocks << 1 | (p->n_places > 0);
	size_t bytes = number_bytes(n_blocks) + p->blocks.len;
	if (p->n_places)
		bytes += number_bytes(p->n_places) + 1 + p->rows.len + p->fields.len;
	number_put(out, (uint64_t)bytes << 2);
	number_put(out, n_blocks);
	buf_add(out, p->blocks);
	if (p->n_places == 0)
		return;
	number_put(out, p->n_places);
	buf_add_char(out, (char)p->states);
	buf_add(out, p->rows);
	buf_add(out, p->fields);
}

void postings_add(struct buf *out, struct buf *scratch, const struct postings *p,
	const struct postings_of *of)
{
	struct postings_parts parts = { p->n_blocks, p->n_places, POSTINGS_FIELDS_UNKNOWN, STR_NULL,
		STR_NULL, STR_NULL };
	struct buf coded;
	if (p->n_blocks == 1 && p->n_places == 0) {
		postings_put_block(out, p->blocks[0], of);
		return;
	}
	if (p->n_blocks == 0 && p->n_places == 1 && p->knows_fields) {
		postings_put_place(out, p->places[0]);
		return;
	}
	buf_init(&coded, out->arena);
	postings_code_blocks(&coded, p->blocks, p->n_blocks, of->n_blocks);
	size_t rows = coded.len, fields = rows;
	if (p->n_places) {
		postings_code_rows(&coded, scratch, p->places, p->n_places, of, &parts.states);
		fields = coded.len;
	}
	if (p->n_places && p->knows_fields)
		postings_code_fields(&coded, scratch, p->places, p->n_places, &parts.states);
	parts.blocks = str_of(coded.ptr, rows);
	parts.rows = str_of(coded.ptr + rows, fields - rows);
	parts.fields = str_of(coded.ptr + fields, coded.len - fields);
	postings_put(out, &parts);
	buf_release(&coded);
}

/* ---- Reading ---- */

/* Is it one block? */
static bool is_block(struct str one)
{
	return one.len && (one.ptr[0] & 1);
}

bool postings_skip(struct str *postings, const struct postings_of *of, struct str *ret_one)
{
	struct str left = *postings;
	uint64_t n = 0;
	if (is_block(left))
		n = postings_block_bytes(of);
	else if (!number_take(&left, &n))
		return false;
	else
		n = n & 2 ? 0 : n >> 2;
	if (n > left.len)
		return false;
	left = str_skip(left, n);
	*ret_one = str_first(*postings, postings->len - left.len);
	*postings = left;
	return true;
}

/* What one word's postings begin with. */
struct head {
	bool is_one_block, is_one_place;
	uint64_t one;
	uint32_t n_blocks;
	bool has_rows;
};

static bool take_block(struct str *one, const struct postings_of *of, struct head *ret)
{
	size_t n = postings_block_bytes(of);
	uint64_t v = 0;
	if (one->len < n)
		return false;
	for (size_t i = n; i-- > 0;)
		v = v << 8 | (unsigned char)one->ptr[i];
	*one = str_skip(*one, n);
	ret->is_one_block = true;
	ret->one = v >> 1;
	return ret->one < of->n_blocks;
}

static bool take_head(struct str *one, const struct postings_of *of, struct head *ret)
{
	uint64_t v;
	*ret = (struct head){ .n_blocks = 0 };
	if (is_block(*one))
		return take_block(one, of, ret);
	if (!number_take(one, &v))
		return false;
	if (v & 2) {
		ret->is_one_place = true;
		ret->one = v >> 2;
		return ret->one >> PLACE_BITS < of->n_rows;
	}
	if (!number_take(one, &v) || v >> 1 > of->n_blocks)
		return false;
	ret->n_blocks = (uint32_t)(v >> 1);
	ret->has_rows = v & 1;
	return true;
}

static bool take_rows_head(
	struct str *one, const struct postings_of *of, uint32_t *ret_n, unsigned *ret_states)
{
	uint64_t n;
	if (!number_take(one, &n) || n == 0 || n > of->n_rows || one->len == 0)
		return false;
	*ret_n = (uint32_t)n;
	*ret_states = (unsigned char)one->ptr[0];
	*one = str_skip(*one, 1);
	return true;
}

bool postings_need_sizes(struct str one, const struct postings_of *of)
{
	struct head h;
	uint32_t n;
	unsigned states;
	/* What is damaged is found out where it is read; what stands behind blocks, too. */
	if (!take_head(&one, of, &h) || !h.has_rows)
		return false;
	return h.n_blocks || (take_rows_head(&one, of, &n, &states) && n >= LIST_BY_SIZE);
}

/* The fields of n places, whose rows are known. */
static bool take_fields(
	struct str *one, uint32_t n, unsigned states, uint32_t *places, uint32_t *found)
{
	uint32_t all = 0;
	uint64_t some;
	for (unsigned in = 0; in < WORDS_INS; in++)
		all |= (uint32_t)(state_of(states, in) == POSTINGS_ALL) << in;
	for (uint32_t i = 0; i < n; i++)
		places[i] = places[i] << PLACE_BITS | all;
	for (unsigned in = 0; in < WORDS_INS; in++) {
		if (state_of(states, in) != POSTINGS_SOME)
			continue;
		if (!number_take(one, &some) || some > n ||
			!subset_take(one, (uint32_t)some, n, found))
			return false;
		for (uint32_t i = 0; i < some; i++)
			places[found[i]] |= UINT32_C(1) << in;
	}
	return one->len == 0;
}

static size_t n_rows_words(const struct postings_of *of)
{
	return ((size_t)of->n_rows + 63) / 64;
}

/* Room for n numbers, and behind them for taking a list of rows. */
static uint32_t *numbers_and_room(
	struct buf *scratch, size_t n, const struct postings_of *of, uint64_t **ret_room)
{
	size_t at = (n / 2 + 1) * sizeof(uint64_t);
	size_t room = row_list_room(of->n_rows) + n_rows_words(of);
	buf_reset(scratch);
	char *to = buf_reserve(scratch, at + room * sizeof **ret_room);
	*ret_room = (void *)(to + at);
	return (void *)to;
}

static bool take_row_bits(
	struct str *one, uint32_t n, const struct postings_of *of, uint64_t *room, uint64_t *ret)
{
	if (n < LIST_BY_SIZE)
		return subset_take_bits(one, n, of->n_rows, ret);
	return of->sizes && row_list_take(one, n, of->sizes, room, ret);
}

/* Ascending. */
static bool take_rows(
	struct str *one, uint32_t n, const struct postings_of *of, uint64_t *room, uint32_t *ret)
{
	size_t n_words = n_rows_words(of);
	uint64_t *rows = room + row_list_room(of->n_rows);
	if (n < LIST_BY_SIZE)
		return subset_take(one, n, of->n_rows, ret);
	memset(rows, 0, n_words * sizeof *rows);
	if (!take_row_bits(one, n, of, room, rows))
		return false;
	for (size_t w = 0; w < n_words; w++)
		for (uint64_t left = rows[w]; left; left &= left - 1)
			*ret++ = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
	return true;
}

static void add_number(struct buf *b, uint32_t v)
{
	buf_add(b, str_of((const char *)&v, sizeof v));
}

static uint32_t *add_numbers(struct buf *b, uint32_t n)
{
	return (void *)buf_reserve(b, ((size_t)n + 1) * sizeof(uint32_t));
}

bool postings_read(struct str one, const struct postings_of *of, struct buf *scratch,
	struct buf *blocks, struct buf *places, bool *ret_knows_fields)
{
	struct head h;
	uint32_t n;
	unsigned states;
	if (!take_head(&one, of, &h))
		return false;
	*ret_knows_fields = true;
	if (h.is_one_block || h.is_one_place) {
		add_number(h.is_one_block ? blocks : places, (uint32_t)h.one);
		return one.len == 0;
	}
	if (!subset_take(&one, h.n_blocks, of->n_blocks, add_numbers(blocks, h.n_blocks)))
		return false;
	blocks->len += h.n_blocks * sizeof(uint32_t);
	if (!h.has_rows)
		return one.len == 0;
	if (!take_rows_head(&one, of, &n, &states))
		return false;
	uint64_t *room;
	uint32_t *to = add_numbers(places, n), *found = numbers_and_room(scratch, n, of, &room);
	if (!take_rows(&one, n, of, room, to) || !take_fields(&one, n, states, to, found))
		return false;
	places->len += (size_t)n * sizeof *to;
	*ret_knows_fields =
		state_of(states, 2) != POSTINGS_UNKNOWN && state_of(states, 3) != POSTINGS_UNKNOWN;
	return true;
}

/* ---- Finding ---- */

/* What is not known of a word in the input or the output is known of all texts. */
static unsigned known_or_more(unsigned in, unsigned states)
{
	for (unsigned i = 0; i < WORDS_INS; i++)
		if ((in >> i & 1) && state_of(states, i) == POSTINGS_UNKNOWN)
			in = (in & ~(1u << i)) | WORDS_IN_TEXTS;
	return in;
}

static unsigned only_known(unsigned in, unsigned states)
{
	for (unsigned i = 0; i < WORDS_INS; i++)
		if (state_of(states, i) == POSTINGS_UNKNOWN)
			in &= ~(1u << i);
	return in;
}

/* Are these rows all of the word's, or none? -1: some. */
static int all_or_none(unsigned in, unsigned states)
{
	int answer = 0;
	for (unsigned i = 0; i < WORDS_INS; i++) {
		if (!(in >> i & 1))
			continue;
		if (state_of(states, i) == POSTINGS_ALL)
			return 1;
		if (state_of(states, i) == POSTINGS_SOME)
			answer = -1;
	}
	return answer;
}

static void set_places(const uint32_t *places, uint32_t n, unsigned may_in, unsigned sure_in,
	const struct postings_ask *ask)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t row = places[i] >> PLACE_BITS;
		uint64_t bit = UINT64_C(1) << row % 64;
		if (places[i] & may_in)
			ask->may[row / 64] |= bit;
		if (places[i] & sure_in)
			ask->sure[row / 64] |= bit;
	}
}

static bool find_rows(struct str one, const struct postings_of *of, struct buf *scratch,
	const struct postings_ask *ask)
{
	uint32_t n;
	unsigned states;
	if (!take_rows_head(&one, of, &n, &states))
		return false;
	unsigned may_in = known_or_more(ask->may_in, states);
	unsigned sure_in = only_known(ask->sure_in, states);
	int may = all_or_none(may_in, states), sure = all_or_none(sure_in, states);
	if (may == 0 && sure == 0)
		return true;
	/* Whatever is sure may be. */
	bool is_known = sure > 0 || (may > 0 && sure == 0);
	uint64_t *room;
	uint32_t *places = numbers_and_room(scratch, is_known ? 0 : 2 * (size_t)n + 1, of, &room);
	if (is_known)
		return take_row_bits(&one, n, of, room, sure > 0 ? ask->sure : ask->may);
	if (!take_rows(&one, n, of, room, places) ||
		!take_fields(&one, n, states, places, places + n + 1))
		return false;
	set_places(places, n, may_in, sure_in, ask);
	return true;
}

bool postings_find(struct str one, const struct postings_of *of, struct buf *scratch,
	const struct postings_ask *ask)
{
	struct head h;
	if (!take_head(&one, of, &h))
		return false;
	if (h.is_one_block) {
		ask->blocks[h.one / 64] |= UINT64_C(1) << h.one % 64;
		return true;
	}
	if (h.is_one_place) {
		uint32_t place = (uint32_t)h.one;
		set_places(&place, 1, ask->may_in, ask->sure_in, ask);
		return true;
	}
	if (h.n_blocks && !subset_take_bits(&one, h.n_blocks, of->n_blocks, ask->blocks))
		return false;
	return !h.has_rows || find_rows(one, of, scratch, ask);
}

bool postings_count(struct str one, const struct postings_of *of, unsigned in, uint32_t *ret_n)
{
	struct head h;
	uint32_t n;
	unsigned states;
	if (!take_head(&one, of, &h) || h.is_one_block || h.n_blocks)
		return false;
	if (h.is_one_place) {
		*ret_n = (h.one & in) != 0;
		return true;
	}
	if (!h.has_rows || !take_rows_head(&one, of, &n, &states) ||
		known_or_more(in, states) != in)
		return false;
	int all = all_or_none(in, states);
	*ret_n = all ? n : 0;
	return all >= 0;
}
