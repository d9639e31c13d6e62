#include "api/key_set.h"

#include "api/sort.h"
#include "base/hash.h"
#include "query/match/match.h"

struct key_set key_set_of(struct arena *a, struct json object)
{
	struct key_set s = { NULL, 0 };
	size_t n = 0;
	for (struct json_iter it = json_members(object); json_next(&it);)
		n++;
	s.sorted = arena_calloc(a, n, sizeof *s.sorted);
	for (struct json_iter it = json_members(object); s.n < n && json_next(&it);)
		s.sorted[s.n++] = hash64(it.key, 0);
	sort_hashes(s.sorted, s.n);
	return s;
}

bool key_set_has(const struct key_set *s, struct str key_body)
{
	const struct hash_set hashes = { s->sorted, s->n };
	return hash_set_has(&hashes, hash64(key_body, 0));
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
