/* Reading word files front to back (words_file.h), and checking them. */
#include "index/terms/file.h"

void words_cursor_init(struct words_cursor *c, struct words *w)
{
	*c = (struct words_cursor){ .words = w, .left = STR("\n") };
	buf_init(&c->blocks, w->arena);
	buf_init(&c->places, w->arena);
}

void words_cursor_release(struct words_cursor *c)
{
	buf_release(&c->blocks);
	buf_release(&c->places);
}

static enum err load_sizes(struct words *w)
{
	enum err e = words_load_sizes(w);
	if (e || w->sizes->rows)
		return e;
	return row_sizes_list(w->sizes, w->room) ? ERR_OK : ERR_UNSAFE;
}

static enum err next_page(struct words_cursor *c)
{
	enum err e = load_sizes(c->words);
	if (!e)
		e = words_load(c->words, c->page, &c->left);
	if (!e)
		e = words_load_postings(c->words, c->page, &c->postings);
	if (!e && (c->left.ptr[0] != '\n' || c->left.ptr[c->left.len - 1] != '\n'))
		e = ERR_UNSAFE;
	c->page++;
	return e;
}

/* Of the page that was read last. */
static struct str page_key(const struct words_cursor *c)
{
	return str_of(c->words->pages[c->page - 1].key, WORDS_KEY_BYTES);
}

enum err words_cursor_next(struct words_cursor *c)
{
	struct str one;
	enum err e = ERR_OK;
	bool is_first = c->left.len <= 1;
	if (is_first) {
		if (c->page == c->words->header.n_pages) {
			c->word = STR("");
			return ERR_OK;
		}
		e = next_page(c);
		if (e)
			return e;
	}
	c->left = str_skip(c->left, 1);
	c->word = str_first(c->left, str_index(c->left, '\n'));
	c->left = str_skip(c->left, c->word.len);
	c->is_hex = words_is_hex(c->word);
	c->key = words_key(c->word);
	/* Else searches look for it on other pages. */
	if (is_first && c->key != words_key(page_key(c)))
		return ERR_UNSAFE;
	buf_reset(&c->blocks);
	buf_reset(&c->places);
	struct postings_of of = words_of(c->words);
	if (c->word.len == 0 || !postings_skip(&c->postings, &of, &one) ||
		!postings_read(
			one, &of, &c->words->scratch, &c->blocks, &c->places, &c->knows_fields))
		return ERR_UNSAFE;
	return ERR_OK;
}

static const char *check(struct words *w)
{
	struct words_cursor c;
	const uint32_t *rows;
	char last[WORD_MAX_BYTES];
	size_t last_len = 0;
	bool last_is_hex = false;
	uint64_t n = 0;
	const char *reason = NULL;
	if (words_block_rows(w, &rows))
		return "the rows of blocks are damaged";
	if (words_load_sizes(w))
		return "the sizes of rows are damaged";
	words_cursor_init(&c, w);
	for (; !reason; n++) {
		if (words_cursor_next(&c))
			reason = "a page of words is damaged";
		else if (c.word.len > WORD_MAX_BYTES)
			reason = "a word is too long";
		else if (c.word.len == 0)
			break;
		else if (last_len &&
			 words_compare(last_is_hex, str_of(last, last_len), c.is_hex, c.word) >= 0)
			reason = "words are not in order";
		else if (c.is_hex != (c.page > w->header.n_plain_pages))
			reason = "a word is on a page of others";
		else
			memcpy(last, c.word.ptr, last_len = c.word.len);
		last_is_hex = c.is_hex;
	}
	words_cursor_release(&c);
	return !reason && n != w->header.n_words ? "words are missing" : reason;
}

enum err words_check(struct words *w, const char **ret_reason)
{
	const char *reason = check(w);
	if (!reason)
		return ERR_OK;
	*ret_reason = reason;
	return ERR_UNSAFE;
}
