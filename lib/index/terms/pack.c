#include "index/terms/pack.h"

#include "index/terms/postings.h"

enum { NIBBLE = 4, SHORT_MAX = 15, DIGITS_AT_ONCE = 8 };

void words_packer_init(struct words_packer *p, struct arena *a)
{
	p->coder = NULL;
	buf_init(&p->lengths, a);
	buf_init(&p->digits, a);
}

void words_packer_release(struct words_packer *p)
{
	zst_coder_close(p->coder);
	p->coder = NULL;
	buf_release(&p->lengths);
	buf_release(&p->digits);
}

static enum err open_coder(struct words_packer *p)
{
	return p->coder ? ERR_OK : zst_coder_open(&p->coder);
}

/* ---- Packing ---- */

static size_t count_common(struct str x, struct str y)
{
	size_t n = 0;
	while (n < x.len && n < y.len && x.ptr[n] == y.ptr[n])
		n++;
	return n;
}

static void put_lengths(struct buf *out, size_t common, size_t more)
{
	size_t low = common < SHORT_MAX ? common : SHORT_MAX;
	size_t high = more < SHORT_MAX ? more : SHORT_MAX;
	buf_add_char(out, (char)(low << NIBBLE | high));
	if (low == SHORT_MAX)
		number_put(out, common - low);
	if (high == SHORT_MAX)
		number_put(out, more - high);
}

/* *n_digits: that are there. */
static void put_digits(struct buf *out, size_t *n_digits, struct str digits)
{
	for (size_t i = 0; i < digits.len; i++, ++*n_digits) {
		int v = hex_digit(digits.ptr[i]);
		if (*n_digits % 2 == 0)
			buf_add_char(out, (char)v);
		else
			out->ptr[out->len - 1] = (char)(out->ptr[out->len - 1] | v << NIBBLE);
	}
}

enum err words_pack(struct words_packer *p, struct str words, struct buf *out)
{
	enum { FAST = 1 };
	struct str last = STR(""), left = str_skip(words, 1), word;
	size_t n_digits = 0, n;
	enum err e = open_coder(p);
	buf_reset(&p->lengths);
	buf_reset(&p->digits);
	for (; !e && left.len; last = word) {
		word = str_cut(&left, '\n');
		size_t common = count_common(last, word);
		put_lengths(&p->lengths, common, word.len - common);
		put_digits(&p->digits, &n_digits, str_skip(word, common));
	}
	if (e)
		return e;
	/* The frame behind the two numbers, one of which is how long it is. */
	struct buf frame;
	buf_init(&frame, out->arena);
	char *to = buf_reserve(&frame, zst_bound(p->lengths.len));
	e = zst_compress(p->coder, FAST, buf_str(&p->lengths), to, &n);
	if (!e) {
		number_put(out, n);
		number_put(out, p->lengths.len);
		buf_add(out, str_of(to, n));
		buf_add(out, buf_str(&p->digits));
	}
	buf_release(&frame);
	return e;
}

/* ---- Unpacking ---- */

/* Eight digits, the lowest four bits first. */
static inline void write_digits(uint32_t v, char *to)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t x = v;
	x = (x | x << 16) & UINT64_C(0x0000ffff0000ffff);
	x = (x | x << 8) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x | x << 4) & ones * 0x0f;
	uint64_t letters = (x + ones * (0x80 - 10)) >> 7 & ones;
	x += ones * '0' + letters * ('a' - '0' - 10);
	memcpy(to, &x, sizeof x);
}

static bool take_lengths(struct str *lengths, size_t *ret_common, size_t *ret_more)
{
	uint64_t more;
	unsigned char both = (unsigned char)lengths->ptr[0];
	*lengths = str_skip(*lengths, 1);
	*ret_common = both >> NIBBLE;
	*ret_more = both & SHORT_MAX;
	if (*ret_common == SHORT_MAX) {
		if (!number_take(lengths, &more) || more > UINT16_MAX)
			return false;
		*ret_common += more;
	}
	if (*ret_more == SHORT_MAX) {
		if (!number_take(lengths, &more) || more > UINT16_MAX)
			return false;
		*ret_more += more;
	}
	return true;
}

/* Words that are as long as they are said to be, of all digits, fill the page exactly. */
static bool write_words(struct str lengths, struct str digits, char *to, uint32_t n)
{
	size_t at = 1, last = 1, last_len = 0, n_digits = 2 * digits.len, taken = 0;
	to[0] = '\n';
	while (lengths.len) {
		size_t common, more;
		if (!take_lengths(&lengths, &common, &more) || common > last_len ||
			more > n_digits - taken || common + more + 1 > n - at)
			return false;
		/* The word before ends where this one begins. */
		memmove(to + at, to + last, common);
		last = at;
		last_len = common + more;
		at += common;
		for (size_t i = 0; i < more; i += DIGITS_AT_ONCE) {
			uint64_t v;
			memcpy(&v, digits.ptr + (taken + i) / 2, sizeof v);
			write_digits((uint32_t)(v >> (taken + i) % 2 * NIBBLE), to + at + i);
		}
		taken += more;
		at += more;
		to[at++] = '\n';
	}
	return at == n && (taken + 1) / 2 == digits.len;
}

enum err words_unpack(struct words_packer *p, struct str packed, char *to, uint32_t n)
{
	uint64_t frame_bytes, lengths_bytes;
	enum err e = open_coder(p);
	if (e)
		return e;
	/* A word takes as many bytes as its lengths at least. */
	if (n == 0 || !number_take(&packed, &frame_bytes) ||
		!number_take(&packed, &lengths_bytes) || frame_bytes > packed.len ||
		lengths_bytes > n)
		return ERR_UNSAFE;
	buf_reset(&p->lengths);
	char *lengths = buf_reserve(&p->lengths, (size_t)lengths_bytes + 1);
	e = zst_decompress(
		p->coder, str_first(packed, (size_t)frame_bytes), lengths, (size_t)lengths_bytes);
	if (e)
		return e == ERR_IO ? ERR_UNSAFE : e;
	return write_words(str_of(lengths, (size_t)lengths_bytes),
		       str_skip(packed, (size_t)frame_bytes), to, n)
		       ? ERR_OK
		       : ERR_UNSAFE;
}
