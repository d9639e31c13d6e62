#include "base/uuid.h"

#include "base/hash.h"
#include "base/utime.h"

#include <sys/random.h>

/* high: 48 bits of time, version, 12 bits; low: variant, 62 bits. */
#define VERSION_7 UINT64_C(0x7000)
#define VARIANT UINT64_C(0x8000000000000000)
#define LOW_BITS UINT64_C(0x3fffffffffffffff)
#define TIME_MAX UINT64_C(0xffffffffffff)

/* Steps between ids of one millisecond: large enough not to be guessed by counting. */
enum { STEP_BITS = 32 };

static const char digits[] = "0123456789abcdef";

static void uuid_write_text(uint64_t high, uint64_t low, char *ret)
{
	for (unsigned i = 0, n = 0; i < 32; i++) {
		uint64_t half = i < 16 ? high : low;
		if (i == 8 || i == 12 || i == 16 || i == 20)
			ret[n++] = '-';
		ret[n++] = digits[half >> (60 - 4 * (i % 16)) & 15];
	}
}

static uint64_t time_bits(int64_t ms)
{
	uint64_t bits = ms < 0 ? 0 : (uint64_t)ms;
	return bits > TIME_MAX ? TIME_MAX : bits;
}

static void random_bits(uint64_t ret[2], const struct uuid_source *s)
{
	if (getrandom(ret, 2 * sizeof *ret, GRND_NONBLOCK) == (ssize_t)(2 * sizeof *ret))
		return;
	/* Early at boot. Unique is what ids must be; secret they need not. */
	int64_t clock = utime_monotonic();
	ret[0] = hash64(str_of((const char *)&clock, sizeof clock), s->low ^ s->high);
	ret[1] = hash64(str_of((const char *)&clock, sizeof clock), ret[0]);
}

void uuid_make(struct uuid_source *s, int64_t now_ns, char *ret)
{
	uint64_t random[2];
	random_bits(random, s);
	uint64_t high = time_bits(now_ns / NS_PER_MS) << 16 | VERSION_7 | (random[0] & 0xfff);
	uint64_t low = VARIANT | (random[1] & LOW_BITS);
	if (high >> 16 <= s->high >> 16) {
		/* The millisecond of the last one, or the clock went back: go on from there. */
		uint64_t step = (random[0] >> 32 & (((uint64_t)1 << STEP_BITS) - 1)) + 1;
		uint64_t next = (s->low & LOW_BITS) + step;
		high = s->high;
		if (next > LOW_BITS) {
			/* 2^30 ids on average: into the 12 bits, and from them into the time. */
			bool is_full = (high & 0xfff) == 0xfff;
			high = is_full ? ((high >> 16) + 1) << 16 | VERSION_7 : high + 1;
		}
		low = VARIANT | (next & LOW_BITS);
	}
	s->high = high;
	s->low = low;
	uuid_write_text(high, low, ret);
}

struct str uuid_new(struct uuid_source *s, struct arena *a, int64_t now_ns)
{
	char *text = arena_text(a, UUID_TEXT);
	uuid_make(s, now_ns, text);
	return str_of(text, UUID_TEXT);
}

bool uuid_read(struct arena *a, struct str text, struct str *ret)
{
	bool has_upper = false;
	if (text.len != UUID_TEXT)
		return false;
	for (size_t i = 0; i < UUID_TEXT; i++) {
		bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		if (is_hyphen ? text.ptr[i] != '-' : hex_digit(text.ptr[i]) < 0)
			return false;
		has_upper = has_upper || ascii_lower(text.ptr[i]) != text.ptr[i];
	}
	if (has_upper) {
		char *lower = arena_text(a, UUID_TEXT);
		for (size_t i = 0; i < UUID_TEXT; i++)
			lower[i] = ascii_lower(text.ptr[i]);
		text.ptr = lower;
	}
	*ret = text;
	return true;
}

unsigned uuid_version(struct str uuid)
{
	return (unsigned)hex_digit(uuid.ptr[14]);
}

void uuid_bounds(int64_t ms, char ret_least[static UUID_TEXT], char ret_most[static UUID_TEXT])
{
	uint64_t high = time_bits(ms) << 16 | VERSION_7;
	uuid_write_text(high, VARIANT, ret_least);
	uuid_write_text(high | 0xfff, VARIANT | LOW_BITS, ret_most);
}
