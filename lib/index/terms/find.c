/* Finding words in a word file: words.h. */
#include "index/terms/file.h"

#include "base/text_find.h"

static size_t n_of_64(uint32_t n)
{
	return ((size_t)n + 63) / 64;
}

static void set_rows(uint64_t *rows, uint32_t from, uint32_t end)
{
	for (; from < end; from++)
		rows[from / 64] |= UINT64_C(1) << from % 64;
}

/* From bits of blocks to bits of their rows. */
static enum err spread_blocks(struct words *w, const uint64_t *blocks, uint64_t *rows)
{
	const uint32_t *first;
	enum err e = ERR_OK;
	bool is_known = false;
	for (uint32_t k = 0; !e && k < n_of_64(words_n_blocks(w)); k++)
		for (uint64_t left = blocks[k]; !e && left; left &= left - 1) {
			uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(left);
			if (!is_known)
				e = words_block_rows(w, &first);
			is_known = true;
			if (!e)
				set_rows(rows, first[i], first[i + 1]);
		}
	return e;
}

/* ---- Finding ---- */

/* Looking for words of one page after the other. */
struct finding {
	struct words *words;
	struct text_needle needle;
	bool is_start;
	struct postings_ask ask;
	struct tally *tally; /* NULL: bits are set */
};

/* One word's rows are counted. A second one may stand in the same: ERR_NOT_FOUND ends it. */
struct tally {
	unsigned in;
	uint32_t n_words, n_rows;
};

static uint32_t count_words(struct str words)
{
	uint32_t n = 0;
	for (size_t i = 0; i < words.len; i++)
		n += words.ptr[i] == '\n';
	return n;
}

static enum err find_in_postings(struct finding *f, struct str one)
{
	struct postings_of of = words_of(f->words);
	struct tally *t = f->tally;
	if (t)
		return t->n_words++ == 0 && postings_count(one, &of, t->in, &t->n_rows)
			       ? ERR_OK
			       : ERR_NOT_FOUND;
	if (!of.sizes && postings_need_sizes(one, &of)) {
		enum err e = words_load_sizes(f->words);
		if (e)
			return e;
		of = words_of(f->words);
	}
	return postings_find(one, &of, &f->words->scratch, &f->ask) ? ERR_OK : ERR_UNSAFE;
}

static enum err find_in_words(struct finding *f, uint32_t page, struct str words)
{
	struct str postings = STR_NULL, one;
	size_t from = 0, counted = 1;
	uint32_t number = 0, next = 0; /* of the word; of the first whose postings are left */
	const struct postings_of of = words_of(f->words);
	enum err e = ERR_OK;
	while (!e && (from = text_find(&f->needle, words, from)) < words.len) {
		size_t in_word = from + f->is_start;
		number += count_words(str_of(words.ptr + counted, in_word - counted));
		if (str_is_null(postings))
			e = words_load_postings(f->words, page, &postings);
		for (; !e && next <= number; next++)
			if (!postings_skip(&postings, &of, &one))
				e = ERR_UNSAFE;
		if (!e)
			e = find_in_postings(f, one);
		/* On to the next word. */
		counted = in_word;
		from = in_word + str_index(str_skip(words, in_word), '\n');
	}
	return e;
}

static enum err find_in_page(struct finding *f, uint32_t page)
{
	struct str words;
	enum err e = words_load(f->words, page, &words);
	if (!e && words.ptr[0] != '\n')
		e = ERR_UNSAFE;
	return e ? e : find_in_words(f, page, words);
}

/* Of several pages, which are searched as one: no text that is looked for goes beyond a word. */
static enum err find_together(struct finding *f, uint32_t page, uint32_t *end)
{
	struct str words;
	const uint64_t *at = f->words->together, first = at[page];
	size_t from = 0;
	enum err e = words_load_together(f->words, page, end, &words);
	while (!e && (from = text_find(&f->needle, words, from)) < words.len) {
		while (at[page + 1] - first <= from)
			page++;
		from = at[page + 1] - first;
		e = find_in_words(
			f, page, str_of(words.ptr + (at[page] - first), from - (at[page] - first)));
	}
	return e;
}

/* How a page's first word compares with the beginning of a text, as far as the page says. */
static int compare_key(const struct words_page *p, struct str text)
{
	char key[WORDS_KEY_BYTES] = { 0 };
	memcpy(key, text.ptr, text.len < sizeof key ? text.len : sizeof key);
	return memcmp(p->key, key, sizeof key);
}

struct page_range {
	uint32_t from, to;
};

/* Of these pages, those that can hold words that begin with the text. */
static struct page_range find_pages(const struct words *w, struct str text, struct page_range in)
{
	uint32_t from = in.from, to = in.to;
	size_t n = text.len < WORDS_KEY_BYTES ? text.len : WORDS_KEY_BYTES;
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		if (compare_key(&w->pages[middle], text) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	while (to < in.to && memcmp(w->pages[to].key, text.ptr, n) == 0)
		to++;
	/* The first word of the one before is smaller. */
	return (struct page_range){ from > in.from ? from - 1 : in.from, to };
}

static enum err find_in_pages(
	struct finding *f, const struct words_part *part, struct page_range pages)
{
	enum err e = ERR_OK;
	if (part->is_start)
		pages = find_pages(f->words, part->text, pages);
	uint32_t end;
	for (uint32_t i = pages.from; !e && i < pages.to; i = end) {
		end = i < f->words->n_together ? pages.to : i + 1;
		e = i < f->words->n_together ? find_together(f, i, &end) : find_in_page(f, i);
	}
	return e;
}

static enum err find_words(struct words *w, const struct words_part *part,
	const struct postings_ask *ask, struct tally *tally)
{
	char pattern[WORD_MAX_BYTES + 2];
	size_t n = 0;
	const struct words_header *h = &w->header;
	const struct page_range plain = { 0, h->n_plain_pages };
	const struct page_range hex = { h->n_plain_pages, h->n_pages };
	bool is_hex = words_is_hex(part->text), is_whole = part->is_start && part->is_end;
	if (part->is_start)
		pattern[n++] = '\n';
	memcpy(pattern + n, part->text.ptr, part->text.len);
	n += part->text.len;
	if (part->is_end)
		pattern[n++] = '\n';
	struct finding f = { .words = w, .is_start = part->is_start, .tally = tally };
	if (ask)
		f.ask = *ask;
	text_needle_init(&f.needle, str_of(pattern, n));
	enum err e = is_hex && is_whole ? ERR_OK : find_in_pages(&f, part, plain);
	return e || !is_hex ? e : find_in_pages(&f, part, hex);
}

static uint64_t *make_blocks(struct words *w)
{
	size_t n = n_of_64(words_n_blocks(w)) * sizeof(uint64_t);
	uint64_t *blocks = arena_block(w->room, NULL, n + sizeof *blocks);
	memset(blocks, 0, n);
	return blocks;
}

/* Is there such an entry? */
static enum err has_entry(struct words *w, struct str text, bool *ret)
{
	const struct words_part part = { text, true, true };
	struct tally none = { .n_words = 1 };
	enum err e = find_words(w, &part, NULL, &none);
	*ret = e == ERR_NOT_FOUND;
	return *ret ? ERR_OK : e;
}

/* The same of one that is no word. Few files have any, and each search asks for them. */
static enum err has_special(struct words *w, struct str which, bool *ret)
{
	uint32_t bit = UINT32_C(1) << which.ptr[0];
	if (w->absent & bit) {
		*ret = false;
		return ERR_OK;
	}
	enum err e = has_entry(w, which, ret);
	if (!e && !*ret)
		w->absent |= bit;
	return e;
}

static enum err find_whole(struct words *w, struct str text, const struct postings_ask *ask)
{
	const struct words_part part = { text, true, true };
	return find_words(w, &part, ask, NULL);
}

static enum err find_special(struct words *w, struct str which, const struct postings_ask *ask)
{
	bool has;
	enum err e = has_special(w, which, &has);
	return e || !has ? e : find_whole(w, which, ask);
}

static enum err find_entry(struct words *w, struct str text, uint64_t *ret_rows)
{
	uint64_t *blocks = make_blocks(w);
	const struct postings_ask ask = { WORDS_IN_ANY, 0, blocks, ret_rows, ret_rows };
	enum err e = find_whole(w, text, &ask);
	if (!e)
		e = spread_blocks(w, blocks, ret_rows);
	(void)arena_block(w->room, blocks, 0); /* freed: there is no result */
	return e;
}

enum err words_find_special(struct words *w, struct str which, uint64_t *ret_rows)
{
	bool has;
	enum err e = has_special(w, which, &has);
	return e || !has ? e : find_entry(w, which, ret_rows);
}

/* The entry that says where a word is joined. False: it is too long for one. */
static bool joined_entry(struct str word, char to[static WORD_MAX_BYTES], struct str *ret)
{
	if (word.len >= WORD_MAX_BYTES)
		return false;
	to[0] = WORDS_JOINED_PREFIX;
	memcpy(to + 1, word.ptr, word.len);
	*ret = str_of(to, word.len + 1);
	return true;
}

/* May this word stand beside a character beyond ASCII anywhere? */
static enum err may_be_joined(struct words *w, struct str word, bool *ret)
{
	char bytes[WORD_MAX_BYTES];
	struct str text;
	enum err e = has_special(w, WORDS_JOINED, ret);
	if (!e && !*ret)
		e = has_special(w, WORDS_ANY, ret);
	return !e && !*ret && joined_entry(word, bytes, &text) ? has_entry(w, text, ret) : e;
}

enum err words_find_joined(struct words *w, struct str word, uint64_t *ret_rows)
{
	char bytes[WORD_MAX_BYTES];
	struct str text;
	enum err e = words_find_special(w, WORDS_JOINED, ret_rows);
	if (!e)
		e = words_find_special(w, WORDS_ANY, ret_rows); /* what is left out may be that */
	return !e && joined_entry(word, bytes, &text) ? find_entry(w, text, ret_rows) : e;
}

/* Words that are not kept, or were left out, may have the text in them. */
static bool may_be_long(const struct words_part *part)
{
	return part->text.len > WORD_MAX_BYTES || !(part->is_start && part->is_end);
}

enum err words_count(struct words *w, const struct words_part *part, unsigned in, bool is_bounded,
	uint32_t *ret_n, bool *ret_known)
{
	struct tally t = { .in = in };
	bool has = part->text.len > WORD_MAX_BYTES;
	enum err e = has ? ERR_OK : has_special(w, WORDS_ANY, &has);
	if (!e && !has && may_be_long(part))
		e = has_special(w, WORDS_LONG, &has);
	if (!e && !has && is_bounded)
		e = may_be_joined(w, part->text, &has);
	if (!e && !has)
		e = find_words(w, part, NULL, &t);
	*ret_known = !e && !has;
	*ret_n = t.n_rows;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err words_find(struct words *w, const struct words_part *part, unsigned may_in,
	unsigned sure_in, const struct words_rows *ret)
{
	uint64_t *blocks = make_blocks(w);
	const struct postings_ask ask = { may_in, sure_in, blocks, ret->may, ret->sure },
				  special = { may_in, 0, blocks, ret->may, ret->may };
	enum err e = find_special(w, WORDS_ANY, &special);
	if (!e && may_be_long(part) && word_is_letters(part->text))
		e = find_special(w, WORDS_LONG, &special);
	if (!e && part->text.len <= WORD_MAX_BYTES)
		e = find_words(w, part, &ask, NULL);
	if (!e)
		e = spread_blocks(w, blocks, ret->may);
	(void)arena_block(w->room, blocks, 0); /* freed: there is no result */
	return e;
}
