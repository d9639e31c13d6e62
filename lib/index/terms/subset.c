#include "index/terms/subset.h"

enum { BYTE = 8, WORD = 64, RICE_BITS_MAX = 31 };

/* The shares of the golden section, in thousandths: there one bit each takes as much as codes do.
 */
enum { FEW = 382, MANY = 618, WHOLE = 1000 };

enum way { WAY_NOTHING, WAY_BITMAP, WAY_CODES };

struct plan {
	enum way way;
	bool is_inverse; /* those that are not in it are written */
	uint32_t n;      /* so many */
	unsigned n_low;  /* bits of a code that are written as they are */
};

static struct plan plan_of(uint32_t n, uint32_t of)
{
	struct plan p = { .n = n };
	uint64_t share = (uint64_t)n * WHOLE;
	if (n == 0 || n == of)
		return p;
	if (share > (uint64_t)of * FEW && share < (uint64_t)of * MANY) {
		p.way = WAY_BITMAP;
		return p;
	}
	p.way = WAY_CODES;
	p.is_inverse = share >= (uint64_t)of * MANY;
	p.n = p.is_inverse ? of - n : n;
	/* The shortest codes for distances that are as likely everywhere. */
	for (p.n_low = 1; p.n_low < RICE_BITS_MAX &&
			  ((uint64_t)p.n << p.n_low) * (2 * WHOLE + 78) < (uint64_t)of * WHOLE;)
		p.n_low++;
	return p;
}

/* ---- Writing ---- */

/* Fewer than BYTE bits wait for their byte. */
struct bit_writer {
	char *to;
	uint64_t bits;
	unsigned n;
};

enum { AT_ONCE = WORD - BYTE };

/* n <= AT_ONCE */
static inline void put_bits(struct bit_writer *w, uint64_t bits, unsigned n)
{
	w->bits |= bits << w->n;
	w->n += n;
	memcpy(w->to, &w->bits, sizeof w->bits);
	w->to += w->n / BYTE;
	w->bits >>= w->n / BYTE * BYTE;
	w->n %= BYTE;
}

static inline void put_code(struct bit_writer *w, uint32_t v, unsigned n_low)
{
	uint32_t zeros = v >> n_low;
	uint64_t low = v & ((UINT32_C(1) << n_low) - 1);
	for (; zeros + 1 + n_low > AT_ONCE; zeros -= BYTE)
		put_bits(w, 0, BYTE);
	put_bits(w, (low << 1 | 1) << zeros, zeros + 1 + n_low);
}

/* What waits is written already. */
static char *end_bits(const struct bit_writer *w)
{
	return w->to + (w->n > 0);
}

static char *put_bitmap(char *to, const uint32_t *members, uint32_t n, uint32_t of)
{
	for (uint32_t first = 0, i = 0; first < of; first += WORD) {
		uint64_t bits = 0;
		for (; i < n && members[i] - first < WORD; i++)
			bits |= UINT64_C(1) << (members[i] - first);
		memcpy(to + first / BYTE, &bits, sizeof bits);
	}
	return to + (of + BYTE - 1) / BYTE;
}

static char *put_members(char *to, const uint32_t *members, uint32_t n, unsigned n_low)
{
	struct bit_writer w = { .to = to };
	uint32_t next = 0;
	for (uint32_t i = 0; i < n; i++) {
		put_code(&w, members[i] - next, n_low);
		next = members[i] + 1;
	}
	return end_bits(&w);
}

static char *put_others(char *to, const uint32_t *members, uint32_t n, uint32_t of, unsigned n_low)
{
	struct bit_writer w = { .to = to };
	uint32_t next = 0;
	for (uint32_t v = 0, i = 0; i <= n; i++, v++) {
		for (uint32_t end = i < n ? members[i] : of; v < end; v++) {
			put_code(&w, v - next, n_low);
			next = v + 1;
		}
	}
	return end_bits(&w);
}

/* No list takes more. */
static size_t most_bytes(const struct plan *p, uint32_t of)
{
	uint64_t bits = (uint64_t)p->n * (p->n_low + 1) + (of >> p->n_low);
	return (size_t)((p->way == WAY_BITMAP ? of : bits) / BYTE + sizeof(uint64_t) + 1);
}

void subset_put(struct buf *out, const uint32_t *members, uint32_t n, uint32_t of)
{
	struct plan p = plan_of(n, of);
	if (p.way == WAY_NOTHING)
		return;
	char *to = buf_reserve(out, most_bytes(&p, of));
	if (p.way == WAY_BITMAP)
		to = put_bitmap(to, members, n, of);
	else if (p.is_inverse)
		to = put_others(to, members, n, of, p.n_low);
	else
		to = put_members(to, members, n, p.n_low);
	out->len = (size_t)(to - out->ptr);
}

/* ---- Reading ---- */

struct bit_reader {
	const char *from;
	uint64_t at, end; /* in bits */
};

#define TOP (UINT64_C(1) << 63)
enum { SHOWN = 57 };

/* The next SHOWN bits or more; zeros and worse behind the end. */
static inline uint64_t look(const struct bit_reader *r)
{
	uint64_t v;
	memcpy(&v, r->from + r->at / BYTE, sizeof v);
	return v >> r->at % BYTE;
}

/* A code that does not fit into what one look shows. */
static bool take_long(struct bit_reader *r, unsigned n_low, uint32_t *ret)
{
	uint64_t zeros = 0, v;
	for (;;) {
		if (r->at >= r->end)
			return false;
		v = look(r);
		unsigned n = (v & UINT32_MAX) ? (unsigned)__builtin_ctzll(v) : 32;
		r->at += n;
		zeros += n;
		if (n < 32)
			break;
	}
	r->at++;
	if (r->at > r->end)
		return false;
	v = zeros << n_low | (look(r) & ((UINT64_C(1) << n_low) - 1));
	r->at += n_low;
	if (r->at > r->end || v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* How far a list of codes is read. */
struct codes {
	struct bit_reader from;
	uint32_t n;    /* so many were taken */
	uint32_t next; /* the least number that the next one can be */
};

/* TAKE(v) for each number that was written as a code and was not taken yet. Each leaves room for
 * those behind it, so that no more than there are lie between them. What one look shows are several
 * codes mostly: only the bits that each takes have to be known for the next. */
#define EACH_CODE(s, c, p, of, TAKE) \
	do { \
		struct bit_reader r_ = (c)->from; \
		const unsigned n_low_ = (p)->n_low; \
		const uint32_t low_ = (UINT32_C(1) << n_low_) - 1; \
		uint32_t next_ = (c)->next, v_, room_ = (of) - (p)->n, between_ = next_ - (c)->n; \
		uint64_t shown_ = 0; \
		unsigned n_shown_ = 0; \
		if (between_ > room_) \
			return false; \
		room_ -= between_; \
		for (uint32_t i_ = (c)->n; i_ < (p)->n; i_++) { \
			unsigned zeros_ = (unsigned)__builtin_ctzll(shown_ | TOP); \
			unsigned bits_ = zeros_ + 1 + n_low_; \
			if (bits_ > n_shown_) { \
				if (r_.at >= r_.end) \
					return false; \
				shown_ = look(&r_); \
				n_shown_ = SHOWN; \
				zeros_ = (unsigned)__builtin_ctzll(shown_ | TOP); \
				bits_ = zeros_ + 1 + n_low_; \
			} \
			if (bits_ <= n_shown_) { \
				v_ = zeros_ << n_low_ | \
				     ((uint32_t)(shown_ >> (zeros_ + 1)) & low_); \
				shown_ >>= bits_; \
				n_shown_ -= bits_; \
				r_.at += bits_; \
			} else { \
				if (!take_long(&r_, n_low_, &v_)) \
					return false; \
				n_shown_ = 0; \
			} \
			if (v_ > room_) \
				return false; \
			room_ -= v_; \
			next_ += v_; \
			TAKE(next_); \
			next_++; \
		} \
		if (r_.at > r_.end) \
			return false; \
		*(s) = str_skip(*(s), (size_t)((r_.at + BYTE - 1) / BYTE)); \
	} while (0)

static struct codes first_code(struct str s)
{
	return (struct codes){ .from = { s.ptr, 0, (uint64_t)s.len * BYTE } };
}

static void put_range(uint32_t **to, uint32_t from, uint32_t end)
{
	for (; from < end; from++)
		*(*to)++ = from;
}

static bool take_bitmap(struct str *s, uint32_t n, uint32_t of, uint32_t *ret)
{
	size_t bytes = ((size_t)of + BYTE - 1) / BYTE;
	uint32_t found = 0;
	if (s->len < bytes)
		return false;
	for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
		uint64_t v = 0;
		memcpy(&v, s->ptr + i, bytes - i < sizeof v ? bytes - i : sizeof v);
		for (; v; v &= v - 1) {
			uint32_t member = (uint32_t)(i * BYTE) + (uint32_t)__builtin_ctzll(v);
			if (found == n || member >= of)
				return false;
			ret[found++] = member;
		}
	}
	*s = str_skip(*s, bytes);
	return found == n;
}

bool subset_take(struct str *s, uint32_t n, uint32_t of, uint32_t *ret)
{
	if (n > of)
		return false;
	struct plan p = plan_of(n, of);
	if (p.way == WAY_BITMAP)
		return take_bitmap(s, n, of, ret);
	if (p.way == WAY_NOTHING) {
		put_range(&ret, 0, n);
		return true;
	}
	struct codes c = first_code(*s);
	if (!p.is_inverse) {
#define TAKE(v) *ret++ = (v)
		EACH_CODE(s, &c, &p, of, TAKE);
#undef TAKE
		return true;
	}
	uint32_t from = 0;
#define TAKE(v) (put_range(&ret, from, (v)), from = (v) + 1)
	EACH_CODE(s, &c, &p, of, TAKE);
#undef TAKE
	put_range(&ret, from, of);
	return true;
}

/* ---- Reading bits ---- */

static void set_range(uint64_t *bits, uint32_t from, uint32_t end)
{
	for (; from < end && from % WORD; from++)
		bits[from / WORD] |= UINT64_C(1) << from % WORD;
	for (; end - from >= WORD; from += WORD)
		bits[from / WORD] = UINT64_MAX;
	for (; from < end; from++)
		bits[from / WORD] |= UINT64_C(1) << from % WORD;
}

static bool take_bitmap_bits(struct str *s, uint32_t n, uint32_t of, uint64_t *ret)
{
	size_t bytes = ((size_t)of + BYTE - 1) / BYTE;
	uint32_t found = 0;
	uint64_t last = 0;
	if (s->len < bytes)
		return false;
	for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
		last = 0;
		memcpy(&last, s->ptr + i, bytes - i < sizeof last ? bytes - i : sizeof last);
		found += (uint32_t)__builtin_popcountll(last);
		ret[i / sizeof last] |= last;
	}
	*s = str_skip(*s, bytes);
	return found == n && (of % WORD == 0 || last >> of % WORD == 0);
}

/*
 * Short codes are taken several at a time: of the next WINDOW_BITS bits a table says which whole
 * codes they are, as what they add to the bits of the list.
 *
 *	bits 0 … 7	how many bits they take; 0: the first does not fit
 *	8 … 15		how many codes they are
 *	16 … 31		of how many numbers they tell
 *	32 … 63		which of these are in the list
 */
enum {
	WINDOW_BITS = 8,
	WINDOWS = 1 << WINDOW_BITS,
	WINDOW_NUMBERS = 32,
	WINDOW_LOW_MAX = 3, /* of longer codes no more than one fits */
	WINDOW_LOOKS = SHOWN / WINDOW_BITS,
	WINDOW_MIN_CODES = 1024 /* for less the table is not worth making */
};

static void make_windows(const struct plan *p, uint64_t *ret)
{
	const uint64_t low = (UINT64_C(1) << p->n_low) - 1;
	for (uint64_t w = 0; w < WINDOWS; w++) {
		unsigned at = 0, n = 0, numbers = 0;
		uint64_t members = 0;
		for (;;) {
			unsigned zeros = (unsigned)__builtin_ctzll((w | WINDOWS) >> at);
			unsigned end = at + zeros + 1 + p->n_low;
			if (end > WINDOW_BITS)
				break;
			uint64_t v = (uint64_t)zeros << p->n_low | (w >> (end - p->n_low) & low);
			if (numbers + v >= WINDOW_NUMBERS)
				break;
			numbers += (unsigned)v + 1;
			members |= UINT64_C(1) << (numbers - 1);
			at = end;
			n++;
		}
		if (p->is_inverse)
			members ^= (UINT64_C(1) << numbers) - 1;
		ret[w] = members << 32 | (uint64_t)numbers << 16 | (uint64_t)n << 8 | at;
	}
}

/* One code that no window holds. */
static bool take_one(struct codes *c, const struct plan *p, uint32_t of, uint64_t *ret)
{
	uint32_t v;
	if (!take_long(&c->from, p->n_low, &v) || v >= of - c->next)
		return false;
	if (p->is_inverse)
		set_range(ret, c->next, c->next + v);
	else
		ret[(c->next + v) / WORD] |= UINT64_C(1) << (c->next + v) % WORD;
	c->next += v + 1;
	c->n++;
	return true;
}

/* Takes codes while there are many; the rest is left. */
static bool take_windows(
	struct codes *c, const struct plan *p, const uint64_t *windows, uint32_t of, uint64_t *ret)
{
	enum { CODES = WINDOW_LOOKS * WINDOW_BITS / 2, NUMBERS = WINDOW_LOOKS * WINDOW_NUMBERS };
	struct bit_reader *r = &c->from;
	while (p->n - c->n > CODES && of - c->next >= NUMBERS + WORD && r->end - r->at >= WORD) {
		uint64_t shown = look(r), window = 0;
		uint32_t n = c->n, next = c->next;
		for (unsigned i = 0; i < WINDOW_LOOKS; i++) {
			window = windows[shown % WINDOWS];
			shown >>= window % WORD;
			r->at += window & UINT8_MAX;
			n += window >> 8 & UINT8_MAX;
			uint64_t members = window >> 32, *to = ret + next / WORD;
			to[0] |= members << next % WORD;
			to[1] |= members >> 1 >> (WORD - 1 - next % WORD);
			next += window >> 16 & UINT16_MAX;
		}
		c->n = n;
		c->next = next;
		if (!(window & UINT8_MAX) && !take_one(c, p, of, ret))
			return false;
	}
	return true;
}

bool subset_take_bits(struct str *s, uint32_t n, uint32_t of, uint64_t *ret)
{
	uint64_t windows[WINDOWS];
	if (n > of)
		return false;
	struct plan p = plan_of(n, of);
	if (p.way == WAY_BITMAP)
		return take_bitmap_bits(s, n, of, ret);
	if (p.way == WAY_NOTHING) {
		set_range(ret, 0, n);
		return true;
	}
	struct codes c = first_code(*s);
	if (p.n >= WINDOW_MIN_CODES && p.n_low <= WINDOW_LOW_MAX) {
		make_windows(&p, windows);
		if (!take_windows(&c, &p, windows, of, ret))
			return false;
	}
	if (!p.is_inverse) {
#define TAKE(v) (ret[(v) / WORD] |= UINT64_C(1) << (v) % WORD)
		EACH_CODE(s, &c, &p, of, TAKE);
#undef TAKE
		return true;
	}
	uint32_t from = c.next;
#define TAKE(v) (set_range(ret, from, (v)), from = (v) + 1)
	EACH_CODE(s, &c, &p, of, TAKE);
#undef TAKE
	set_range(ret, from, of);
	return true;
}
