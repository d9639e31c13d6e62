#include "semconv/members.h"

#include "base/hash.h"

struct member {
	uint64_t hash; /* of the key */
	struct str key, json;
};

void members_init(struct members *o, struct arena *a)
{
	table_init(&o->list, a, sizeof(struct member));
}

void members_put(struct members *o, struct str key, struct str json)
{
	struct table_probe p = table_probe(&o->list, hash64(key, 0));
	struct member *one;
	while ((one = table_next(&o->list, &p)) && !str_eq(one->key, key))
		;
	if (!one)
		one = table_add(&o->list, hash64(key, 0));
	one->key = key;
	one->json = json;
}

void members_put_object(struct members *o, struct json object)
{
	for (struct json_iter it = json_members(object); json_next(&it);)
		members_put(o, it.key, it.value.raw);
}

struct str members_end(struct members *o, struct arena *a, struct buf *room)
{
	struct json_writer w;
	size_t n = o->list.n;
	buf_reset(room);
	json_writer_init(&w, room);
	json_object(&w);
	for (size_t i = 0; i < n; i++) {
		const struct member *one = table_row(&o->list, i);
		json_key_body(&w, one->key);
		json_raw(&w, one->json);
	}
	json_end(&w);
	table_release(&o->list);
	return n ? arena_copy(a, buf_str(room)) : STR_NULL;
}
