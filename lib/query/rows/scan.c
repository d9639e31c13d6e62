#include "query/rows/scan.h"

#include "base/hash.h"
#include "base/utime.h"

#include <stdlib.h>

/* Lines between two looks at the clock. */
enum { LINES_PER_LOOK = 256 };

/* Any number other than the seed of the first hash. */
#define CHECK_SEED UINT64_C(0x5bd1e995c3a54e1f)

static const enum field identity_fields[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SOURCE,
	FIELD_INGESTED_AT, FIELD_UPDATED_AT };

void scan_init(struct scan *s, struct view *v, int64_t deadline_ns)
{
	*s = (struct scan){ .view = v, .deadline_ns = deadline_ns, .is_sorted = true };
	table_init(&s->lines, v->arena, sizeof(struct scan_line));
}

void scan_release(struct scan *s)
{
	table_release(&s->lines);
}

static bool scan_is_late(const struct scan *s, size_t n_lines)
{
	return s->deadline_ns && n_lines % LINES_PER_LOOK == 0 &&
	       utime_monotonic() > s->deadline_ns;
}

static uint64_t check_hash(const struct span *span)
{
	uint64_t h = hash64(span_text(span, FIELD_SPAN_ID), CHECK_SEED);
	h = hash64(span_text(span, FIELD_TRACE_ID), h);
	return hash64(span_text(span, FIELD_SOURCE), h);
}

/* Adds a line. Lines come in the order of arrival: of equal versions the later one wins. */
static void put_line(
	struct scan *s, const struct span *span, struct row_ref ref, bool is_superseded)
{
	uint64_t hash = span_identity_hash(span), check = check_hash(span);
	int64_t version = span_version(span);
	struct table_probe p = table_probe(&s->lines, hash);
	struct scan_line *l;
	while ((l = table_next(&s->lines, &p)) && l->check != check)
		;
	if (l && l->version > version)
		return;
	if (l)
		s->is_sorted = false;
	else
		l = table_add(&s->lines, hash);
	l->check = check;
	l->version = version;
	l->at = ref.at;
	l->len = ref.len;
	l->is_deleted = span->is_deleted || is_superseded;
	l->shard = ref.shard & UINT32_MAX >> 1;
}

enum err scan_add(struct scan *s, size_t shard, int64_t from)
{
	struct field_set want = { { 0 } };
	struct shard_reader reader;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more;
	/* The index mostly covers all of a past day, whose file need not be opened then. */
	if (s->view->shards[shard].size_bytes >= 0 && from >= s->view->shards[shard].size_bytes)
		return ERR_OK;
	for (size_t i = 0; i < sizeof identity_fields / sizeof identity_fields[0]; i++)
		field_set_add(&want, identity_fields[i]);
	enum err e = shard_reader_open(s->view, shard, from, -1, &reader);
	if (e != ERR_OK)
		return e;
	for (size_t n = 1;; n++) {
		e = shard_reader_next(&reader, &line, &ref, &more);
		if (e != ERR_OK || !more)
			break;
		if (scan_is_late(s, n)) {
			e = ERR_BUDGET;
			break;
		}
		enum line_state state = line_read(line, &want, false, &span);
		if (state != LINE_OK) {
			view_count(s->view, state);
			if (state != LINE_TORN)
				s->view->shards[shard].is_damaged = true;
			continue;
		}
		bool is_superseded = false;
		if (s->is_superseded)
			e = s->is_superseded(s->user, &span, ref, &is_superseded);
		if (e != ERR_OK)
			break;
		put_line(s, &span, ref, is_superseded);
	}
	shard_reader_close(&reader);
	return e;
}

static int scan_by_place(const void *x, const void *y)
{
	const struct scan_line *a = x, *b = y;
	if (a->shard != b->shard)
		return a->shard < b->shard ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

void scan_resolve(struct scan *s)
{
	struct table *t = &s->lines;
	size_t kept = 0;
	table_freeze(t);
	for (size_t i = 0; i < t->n; i++) {
		const struct scan_line *l = table_row(t, i);
		if (!l->is_deleted)
			memmove(table_row(t, kept++), l, sizeof *l);
	}
	t->n = kept;
	if (!s->is_sorted && kept)
		qsort(t->rows, kept, sizeof(struct scan_line), scan_by_place);
	s->is_sorted = true;
}

/* Reads the lines [first, end), which stand in one shard. */
static enum err each_in_shard(struct scan *s, size_t first, size_t end,
	const struct field_set *want, row_fn *take, void *user, bool *ret_more)
{
	const struct scan_line *l = table_row(&s->lines, first);
	const struct scan_line *last = table_row(&s->lines, end - 1);
	struct shard_reader reader;
	struct row_ref ref;
	struct span span;
	struct str text;
	bool more;
	enum err e = shard_reader_open(
		s->view, l->shard, l->at, last->at + (int64_t)last->len + 1, &reader);
	if (e != ERR_OK)
		return e;
	for (size_t i = first; i < end; i++) {
		l = table_row(&s->lines, i);
		do
			e = shard_reader_next(&reader, &text, &ref, &more);
		while (e == ERR_OK && more && ref.at < l->at);
		if (e == ERR_OK && scan_is_late(s, i))
			e = ERR_BUDGET;
		if (e != ERR_OK || !more)
			break;
		struct arena_mark mark = arena_mark(s->view->arena);
		/* The checksum was compared when the line was added. */
		if (ref.at == l->at && line_read(text, want, true, &span) == LINE_OK)
			*ret_more = take(user, &span, ref);
		arena_rewind(s->view->arena, mark);
		if (!*ret_more)
			break;
	}
	shard_reader_close(&reader);
	return e;
}

enum err scan_each(struct scan *s, const struct field_set *want, row_fn *take, void *user)
{
	bool more = true;
	size_t n = s->lines.n;
	for (size_t first = 0, end; first < n && more; first = end) {
		const struct scan_line *l = table_row(&s->lines, first);
		for (end = first + 1; end < n; end++)
			if (((const struct scan_line *)table_row(&s->lines, end))->shard !=
				l->shard)
				break;
		enum err e = each_in_shard(s, first, end, want, take, user, &more);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}
