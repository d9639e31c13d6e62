#include "transfer/known.h"

#include "index/lookup.h"
#include "query/engine.h"

enum { FIRST_SLOTS = 1024 };

static uint64_t known_hash_of(const struct span *s)
{
	uint64_t hash = span_identity_hash(s);
	return hash ? hash : 1;
}

static struct known_slot *known_slot_of(struct known_slot *slots, size_t cap, uint64_t hash)
{
	size_t i = hash & (cap - 1);
	while (slots[i].hash && slots[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &slots[i];
}

static void known_grow(struct known *k)
{
	size_t cap = k->cap ? 2 * k->cap : FIRST_SLOTS;
	struct known_slot *slots = arena_block(k->cli->arena, NULL, cap * sizeof *slots);
	memset(slots, 0, cap * sizeof *slots);
	for (size_t i = 0; i < k->cap; i++)
		if (k->slots[i].hash)
			*known_slot_of(slots, cap, k->slots[i].hash) = k->slots[i];
	if (k->slots)
		(void)arena_block(k->cli->arena, k->slots, 0);
	k->slots = slots;
	k->cap = cap;
}

static void known_put(struct known *k, uint64_t hash, struct row_ref ref, bool is_new)
{
	if (2 * (k->n + 1) > k->cap)
		known_grow(k);
	struct known_slot *slot = known_slot_of(k->slots, k->cap, hash);
	k->n += slot->hash == 0;
	*slot = (struct known_slot){ hash, ref, is_new };
}

static bool known_take(void *user, const struct span *s, struct row_ref ref)
{
	struct known *k = user;
	known_put(k, known_hash_of(s), ref, false);
	cli_progress(k->cli, "reading what is stored: %zu spans", k->n);
	return true;
}

enum err known_open(struct known *k, struct cli *c)
{
	struct query q;
	struct field_set want = { { 0 } };
	*k = (struct known){ .cli = c };
	enum err e = view_open(&c->store, c->workspace, c->arena, &k->view);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	k->has_view = true;
	query_init(&q);
	field_set_add(&want, FIELD_SOURCE);
	field_set_add(&want, FIELD_TRACE_ID);
	field_set_add(&want, FIELD_SPAN_ID);
	return engine_each(&k->view, &q, &want, known_take, k);
}

void known_close(struct known *k)
{
	if (k->has_view)
		view_close(&k->view);
	k->has_view = false;
}

/* Looks up what this import stored itself, or what shares its hash with another span. */
static enum err look_up(
	struct known *k, struct arena *a, const struct span *s, struct span *ret, bool *ret_found)
{
	struct view v;
	struct row_ref ref;
	enum err e = view_open(&k->cli->store, k->cli->workspace, a, &v);
	if (e) {
		*ret_found = false;
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	e = lookup_span(&v, span_text(s, FIELD_SOURCE), span_text(s, FIELD_TRACE_ID),
		span_text(s, FIELD_SPAN_ID), ret, &ref, ret_found);
	view_close(&v);
	return e;
}

enum err known_find(
	struct known *k, struct arena *a, const struct span *s, struct span *ret, bool *ret_found)
{
	struct str line;
	const struct known_slot *slot =
		k->cap ? known_slot_of(k->slots, k->cap, known_hash_of(s)) : NULL;
	if (!slot || !slot->hash) {
		*ret_found = false;
		return ERR_OK;
	}
	if (slot->is_new)
		return look_up(k, a, s, ret, ret_found);
	enum err e = view_read_line(&k->view, slot->ref, &line);
	if (e && e != ERR_NOT_FOUND)
		return e;
	line = e ? STR("") : arena_copy(a, line);
	if (line_read(line, NULL, false, ret) != LINE_OK || !span_same_identity(ret, s))
		return look_up(k, a, s, ret, ret_found);
	*ret_found = true;
	return ERR_OK;
}

bool known_is_new(const struct known *k, const struct span *s)
{
	return k->cap && known_slot_of(k->slots, k->cap, known_hash_of(s))->is_new;
}

void known_add(struct known *k, const struct span *s)
{
	known_put(k, known_hash_of(s), (struct row_ref){ 0 }, true);
}
