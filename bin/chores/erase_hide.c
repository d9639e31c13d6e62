/* Hides spans that will be erased when their day is over. Declared in erase.h. */
#include "chores/erase.h"

#include "base/utime.h"
#include "query/engine.h"
#include "query/match/match.h"
#include "store/append.h"

enum { BATCH_SPANS = 200 }; /* looked at while writers wait */
#define BATCH_MEMORY ((size_t)4 << 30)

static const enum field identity[] = { FIELD_SOURCE, FIELD_TRACE_ID, FIELD_SPAN_ID };
enum { IDENTITY = sizeof identity / sizeof identity[0] };

static bool note_ref(void *refs, const struct span *s, struct row_ref ref)
{
	(void)s;
	buf_add(refs, str_of((const char *)&ref, sizeof ref));
	return true;
}

/* Appends an identity to list: texts, each after its length. A span in a damaged frame belongs to a
 * day that is over, and is not visible. */
static enum err note_identity(
	struct view *v, struct row_ref ref, const struct field_set *want, struct buf *list)
{
	struct arena_mark mark = arena_mark(v->arena);
	struct span s;
	enum err e = engine_fetch(v, ref, want, &s, NULL);
	for (size_t i = 0; i < IDENTITY && !e; i++) {
		struct str text = span_text(&s, identity[i]);
		buf_add(list, str_of((const char *)&text.len, sizeof text.len));
		buf_add(list, text);
	}
	arena_rewind(v->arena, mark);
	bool is_damaged = e == ERR_IO && v->shards[ref.shard].is_sealed;
	return is_damaged || e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err note_identities(struct view *v, const struct query *q, struct buf *list)
{
	struct field_set nothing = { { 0 } }, want = { { 0 } };
	struct buf refs;
	buf_init(&refs, v->arena);
	for (size_t i = 0; i < IDENTITY; i++)
		field_set_add(&want, identity[i]);
	enum err e = engine_each(v, q, &nothing, note_ref, &refs);
	for (size_t at = 0; at < refs.len && !e; at += sizeof(struct row_ref)) {
		struct row_ref ref;
		memcpy(&ref, refs.ptr + at, sizeof ref);
		e = note_identity(v, ref, &want, list);
	}
	buf_release(&refs);
	return e;
}

static struct str take_text(struct str *list)
{
	size_t len;
	memcpy(&len, list->ptr, sizeof len);
	struct str text = str_of(list->ptr + sizeof len, len);
	*list = str_skip(*list, sizeof len + len);
	return text;
}

/* Returns a deletion like those of the APIs: it holds the identity and nothing else. */
static struct span tombstone_of(const struct span *s, int64_t now_ns)
{
	static const enum field kept[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SOURCE,
		FIELD_STARTED_AT, FIELD_INGESTED_AT };
	struct span gone;
	int64_t version_ns = span_version(s);
	span_init(&gone);
	gone.is_deleted = true;
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
		if (span_has(s, kept[i])) {
			gone.value[kept[i]] = s->value[kept[i]];
			field_set_add(&gone.present, kept[i]);
		}
	span_set_i64(&gone, FIELD_UPDATED_AT, now_ns > version_ns ? now_ns : version_ns + 1);
	return gone;
}

static enum err hide_one(
	struct cli *c, const struct query *q, struct append *t, struct str *list, uint64_t *ret_n)
{
	struct span s, gone;
	bool found;
	struct str source = take_text(list), trace_id = take_text(list), span_id = take_text(list);
	enum err e = append_find(t, source, trace_id, span_id, &s, &found);
	if (e || !found || s.is_deleted)
		return e;
	/* After the day is locked, another version may be the current one. */
	struct arena_mark mark = arena_mark(c->arena);
	bool is_wanted = query_match(q, &s, c->arena);
	arena_rewind(c->arena, mark);
	if (!is_wanted)
		return ERR_OK;
	gone = tombstone_of(&s, utime_now());
	append_add(t, &gone);
	++*ret_n;
	return ERR_OK;
}

static enum err hide_batch(
	struct cli *c, const struct query *q, struct arena *a, struct str *list, uint64_t *ret_n)
{
	struct append t;
	uint64_t n = 0;
	enum err e = append_begin(&t, &c->store, c->workspace, false, a, utime_now());
	if (e)
		return e;
	for (size_t i = 0; i < BATCH_SPANS && list->len && !e; i++)
		e = hide_one(c, q, &t, list, &n);
	if (e) {
		append_abort(&t);
		return e;
	}
	*ret_n += n;
	return append_commit(&t);
}

enum err erase_hide(struct cli *c, const struct query *q, uint64_t *ret_n)
{
	struct buf list;
	struct view v;
	uint64_t n = 0;
	enum err e = view_open(&c->store, c->workspace, c->arena, &v);
	if (e)
		return e;
	buf_init(&list, c->arena);
	e = note_identities(&v, q, &list);
	view_close(&v);
	for (struct str rest = buf_str(&list); rest.len && !e;) {
		struct arena memory;
		arena_init(&memory, BATCH_MEMORY);
		e = hide_batch(c, q, &memory, &rest, &n);
		arena_release(&memory);
	}
	buf_release(&list);
	if (!e)
		*ret_n = n;
	return e;
}
