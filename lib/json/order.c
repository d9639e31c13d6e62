#include "json/order.h"

#include "base/utf8.h"

enum { REPLACEMENT = 0xfffd };

/* A body that is read as plain bytes. */
struct plain {
	struct str rest;
	char queue[4]; /* of an escape of several bytes */
	unsigned n_queue, at_queue;
	bool fold; /* reads letters in lower case */
};

static bool plain_read_unit(struct str *s, uint32_t *ret)
{
	uint64_t unit;
	if (s->len < 6 || s->ptr[0] != '\\' || s->ptr[1] != 'u' ||
		!str_to_u64_hex(str_of(s->ptr + 2, 4), &unit))
		return false;
	*ret = (uint32_t)unit;
	return true;
}

/* Reads a \u escape, or a pair of them where they belong together; returns its code point. */
static uint32_t plain_read_escape(struct str *s)
{
	uint32_t high, low;
	if (!plain_read_unit(s, &high)) {
		*s = str_skip(*s, 2);
		return REPLACEMENT;
	}
	*s = str_skip(*s, 6);
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || !plain_read_unit(s, &low) || low < 0xdc00 || low > 0xdfff)
		return REPLACEMENT;
	*s = str_skip(*s, 6);
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static int plain_short_escape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return (unsigned char)c;
	}
}

/* Returns the next byte; -1 at the end. */
static int plain_next(struct plain *p)
{
	if (p->at_queue < p->n_queue)
		return (unsigned char)p->queue[p->at_queue++];
	if (p->rest.len == 0)
		return -1;
	char c = p->rest.ptr[0];
	if (c != '\\' || p->rest.len == 1) {
		p->rest = str_skip(p->rest, 1);
		return (unsigned char)(p->fold ? ascii_lower(c) : c);
	}
	if (p->rest.ptr[1] != 'u') {
		c = p->rest.ptr[1];
		p->rest = str_skip(p->rest, 2);
		return plain_short_escape(c);
	}
	p->n_queue = (unsigned)utf8_encode(plain_read_escape(&p->rest), p->queue);
	p->at_queue = 1;
	return (unsigned char)p->queue[0];
}

/* Compares the plain bytes of two bodies. */
static int plain_order(struct plain x, struct plain y)
{
	int a, b;
	do {
		a = plain_next(&x);
		b = plain_next(&y);
	} while (a == b && a >= 0);
	return a - b;
}

int body_order(struct str x, struct str y)
{
	size_t n = x.len < y.len ? x.len : y.len, same = 0;
	while (same < n && x.ptr[same] == y.ptr[same] && x.ptr[same] != '\\')
		same++;
	struct plain p = { .rest = str_skip(x, same) }, q = { .rest = str_skip(y, same) };
	bool is_plain =
		(same == x.len || x.ptr[same] != '\\') && (same == y.len || y.ptr[same] != '\\');
	int order = is_plain ? 0 : plain_order(p, q);
	return order ? order : str_cmp(p.rest, q.rest);
}

int body_order_nocase(struct str x, struct str y)
{
	struct plain p = { .rest = x, .fold = true }, q = { .rest = y, .fold = true };
	return plain_order(p, q);
}

uint64_t body_head(struct str body)
{
	const unsigned char *bytes = (const unsigned char *)body.ptr;
	struct plain p = { .rest = body };
	uint64_t head = 0;
	size_t n = 0;
	while (n < sizeof head && n < body.len && bytes[n] != '\\')
		head = head << 8 | bytes[n++];
	if (n == sizeof head)
		return head;
	for (n = 0, head = 0; n < sizeof head; n++) {
		int c = plain_next(&p);
		head = head << 8 | (c < 0 ? 0 : (unsigned)c);
	}
	return head;
}
