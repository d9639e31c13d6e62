/*
 * One kernel over and over, to count its instructions (kernel_counts.sh) or to time it.
 *
 *	kernels			the names of all
 *	kernels NAME ROUNDS	runs it; prints the elements of a round and the seconds of all
 *
 * An element is a row for kernels of columns, a byte for kernels of text.
 */
#include "base/hash.h"
#include "base/simd_text.h"
#include "query/rows/bits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 1 << 16, TEXT = 1 << 18, NAME = 64 };

static unsigned char values[ROWS * 8];
static uint64_t set[1 << 10], bits[ROWS / BITS], packed[ROWS / BITS];
static int64_t numbers[ROWS];
static char text[TEXT], copied[TEXT * TEXT_ESCAPE_MAX + TEXT_BESIDE];
static volatile uint64_t answer; /* so that nothing is optimised away */

struct run {
	const struct text_kernels *texts;
	unsigned width;
	size_t (*text)(const char *ptr, size_t len);
};

static size_t run_range(const struct run *r)
{
	bits_range(values, r->width, ROWS, 3, 60, bits);
	answer += bits[1];
	return ROWS;
}

static size_t run_member(const struct run *r)
{
	bits_member(values, r->width, ROWS, set, bits);
	answer += bits[1];
	return ROWS;
}

static size_t run_spread(const struct run *r)
{
	(void)r;
	bits_spread(packed, set, sizeof set / sizeof set[0], bits);
	answer += bits[1];
	return BITS * sizeof set / sizeof set[0];
}

static size_t run_unpack(const struct run *r)
{
	bits_unpack(values, r->width, ROWS, 1000, 1, numbers);
	answer += (uint64_t)numbers[1];
	return ROWS;
}

static size_t run_text(const struct run *r)
{
	answer += r->text(text, TEXT);
	return TEXT;
}

static size_t run_escape(const struct run *r)
{
	answer += r->texts->escape(copied, text, TEXT);
	return TEXT;
}

static size_t run_crc32c(const struct run *r)
{
	(void)r;
	answer += crc32c(0, str_of(text, TEXT));
	return TEXT;
}

static size_t run_crc32c_plain(const struct run *r)
{
	(void)r;
	answer += crc32c_variant(0)(0, str_of(text, TEXT));
	return TEXT;
}

static size_t run_hash64(const struct run *r)
{
	(void)r;
	answer += hash64(str_of(text, TEXT), 7);
	return TEXT;
}

struct wish {
	const char *name; /* NULL: only say all names */
	unsigned long rounds;
	bool is_found;
};

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void offer(struct wish *w, const char *variant, const char *kernel, unsigned width,
	size_t (*run)(const struct run *), const struct run *r)
{
	char name[NAME];
	if (width)
		(void)snprintf(name, sizeof name, "%s-%u/%s", kernel, width, variant);
	else
		(void)snprintf(name, sizeof name, "%s/%s", kernel, variant);
	if (!w->name) {
		puts(name);
		return;
	}
	if (strcmp(name, w->name) != 0)
		return;
	size_t n = 0;
	double began = now_s();
	for (unsigned long i = 0; i < w->rounds; i++)
		n = run(r);
	printf("%zu %.6f\n", n, now_s() - began);
	w->is_found = true;
}

static void offer_columns(struct wish *w)
{
	static const unsigned widths[] = { 1, 2, 4, 8 };
	for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
		struct run r = { .width = widths[i] };
		offer(w, "plain", "range", r.width, run_range, &r);
		offer(w, "plain", "unpack", r.width, run_unpack, &r);
		if (r.width <= 2)
			offer(w, "plain", "member", r.width, run_member, &r);
	}
	offer(w, "plain", "spread", 0, run_spread, NULL);
}

static void offer_texts(struct wish *w, const struct text_kernels *k)
{
	const struct {
		const char *name;
		size_t (*run)(const char *, size_t);
	} kernels[] = { { "high", k->high }, { "special", k->special },
		{ "ascii_body", k->ascii_body }, { "canonical_body", k->canonical_body },
		{ "string_end", k->string_end }, { "container_end", k->container_end } };
	struct run r = { .texts = k };
	for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
		r.text = kernels[i].run;
		offer(w, k->name, kernels[i].name, 0, run_text, &r);
	}
	offer(w, k->name, "escape", 0, run_escape, &r);
}

static void fill(void)
{
	static const char words[] = "the agent asked a tool and the tool answered ";
	for (size_t i = 0; i < sizeof values; i++)
		values[i] = (unsigned char)(i % 8 ? 0 : i / 8 % 61);
	for (size_t i = 0; i < sizeof set / sizeof set[0]; i++)
		set[i] = UINT64_C(0x00ff00ff0f0f3355);
	for (size_t i = 0; i < sizeof packed / sizeof packed[0]; i++)
		packed[i] = i * UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = 0; i < TEXT; i++)
		text[i] = words[i % (sizeof words - 1)];
}

int main(int argc, char **argv)
{
	struct wish w = { .name = argc > 2 ? argv[1] : NULL,
		.rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 0 };
	fill();
	offer_columns(&w);
	for (unsigned i = 0; text_kernels(i); i++)
		offer_texts(&w, text_kernels(i));
	offer(&w, "plain", "crc32c", 0, run_crc32c_plain, NULL);
	offer(&w, "fast", "crc32c", 0, run_crc32c, NULL);
	offer(&w, "xxh3", "hash64", 0, run_hash64, NULL);
	return w.name && !w.is_found ? 2 : 0;
}
