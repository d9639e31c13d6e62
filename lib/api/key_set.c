#include "api/key_set.h"

#include "base/hash.h"

#include <stdlib.h>

static int key_set_by_number(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;
	return (*a > *b) - (*a < *b);
}

struct key_set key_set_of(struct arena *a, struct json object)
{
	struct key_set s = { NULL, 0 };
	size_t n = 0;
	for (struct json_iter it = json_members(object); json_next(&it);)
		n++;
	s.sorted = arena_calloc(a, n, sizeof *s.sorted);
	for (struct json_iter it = json_members(object); s.n < n && json_next(&it);)
		s.sorted[s.n++] = hash64(it.key, 0);
	if (s.n)
		qsort(s.sorted, s.n, sizeof *s.sorted, key_set_by_number);
	return s;
}

bool key_set_has(const struct key_set *s, struct str key_body)
{
	uint64_t hash = hash64(key_body, 0);
	return s->n && bsearch(&hash, s->sorted, s->n, sizeof hash, key_set_by_number) != NULL;
}

static void copy_members(struct json_writer *w, struct json object, const struct key_set *without)
{
	for (struct json_iter it = json_members(object); json_next(&it);) {
		if (without && key_set_has(without, it.key))
			continue;
		json_key_body(w, it.key);
		json_raw(w, it.value.raw);
	}
}

struct str json_join(struct arena *a, struct json under, struct json over)
{
	struct key_set keys = key_set_of(a, over);
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	json_object(&w);
	copy_members(&w, under, &keys);
	copy_members(&w, over, NULL);
	json_end(&w);
	return buf_str(&b);
}
