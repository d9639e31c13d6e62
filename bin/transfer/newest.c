#include "transfer/newest.h"

#include "base/hash.h"
#include "base/utime.h"

enum { FIRST_SLOTS = 1024 };

void newest_init(struct newest *t, struct arena *a)
{
	/* The seed prevents that somebody prepares identities with equal hashes. */
	*t = (struct newest){ .arena = a, .seed = (uint64_t)utime_now() };
}

static uint64_t newest_hash_of(const struct span *s, uint64_t seed)
{
	uint64_t h = hash64(span_text(s, FIELD_SOURCE), seed);
	h = hash64(span_text(s, FIELD_TRACE_ID), h);
	h = hash64(span_text(s, FIELD_SPAN_ID), h);
	return h ? h : 1;
}

static struct newest_slot newest_key_of(const struct newest *t, const struct span *s)
{
	return (struct newest_slot){ .hash = newest_hash_of(s, t->seed),
		.check = (uint32_t)newest_hash_of(s, ~t->seed),
		.n = 1,
		.version = span_version(s) };
}

/* Returns the slot of the key, or a free one. */
static struct newest_slot *newest_slot_of(
	struct newest_slot *slots, size_t cap, const struct newest_slot *key)
{
	size_t i = key->hash & (cap - 1);
	while (slots[i].hash && (slots[i].hash != key->hash || slots[i].check != key->check))
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static void newest_grow(struct newest *t)
{
	size_t cap = t->cap ? 2 * t->cap : FIRST_SLOTS;
	struct newest_slot *slots = arena_block(t->arena, NULL, cap * sizeof *slots);
	memset(slots, 0, cap * sizeof *slots);
	for (size_t i = 0; i < t->cap; i++)
		if (t->slots[i].hash)
			*newest_slot_of(slots, cap, &t->slots[i]) = t->slots[i];
	if (t->slots)
		(void)arena_block(t->arena, t->slots, 0);
	t->slots = slots;
	t->cap = cap;
}

void newest_add(struct newest *t, const struct span *s)
{
	struct newest_slot key = newest_key_of(t, s);
	if (4 * (t->n + 1) > 3 * t->cap)
		newest_grow(t);
	struct newest_slot *slot = newest_slot_of(t->slots, t->cap, &key);
	t->n += slot->hash == 0;
	if (slot->hash == 0 || key.version > slot->version)
		*slot = key;
	else if (key.version == slot->version && slot->n < UINT32_MAX)
		slot->n++;
}

bool newest_take(struct newest *t, const struct span *s)
{
	struct newest_slot key = newest_key_of(t, s);
	struct newest_slot *slot = t->cap ? newest_slot_of(t->slots, t->cap, &key) : NULL;
	if (!slot || slot->hash == 0 || key.version > slot->version)
		return true;
	if (key.version < slot->version)
		return false;
	if (slot->n > 1) {
		slot->n--;
		return false;
	}
	return true;
}

bool newest_pass(struct newest *t, const struct span *s)
{
	struct newest_slot key = newest_key_of(t, s);
	struct newest_slot *slot = t->cap ? newest_slot_of(t->slots, t->cap, &key) : NULL;
	if (slot && slot->hash && key.version < slot->version)
		return false;
	if (!slot || slot->hash == 0 || key.version > slot->version)
		newest_add(t, s);
	return true;
}
