/* All that an index says, as text: index_dump of index_admin.h. */
#include "index/admin.h"

#include "base/io.h"
#include "base/utime.h"
#include "index/names.h"
#include "index/set.h"
#include "index/terms/cursor.h"
#include "shard/task.h"
#include "span/kinds.h"

enum { FLUSH_BYTES = 64 << 10 };

struct dumper {
	struct view_task task; /* first */
	struct index_set set;
	int32_t day;
	struct buf out;
	enum err (*write)(void *user, struct str text);
	void *user;
};

static enum err dump_flush(struct dumper *d)
{
	enum err e = d->out.len ? d->write(d->user, buf_str(&d->out)) : ERR_OK;
	buf_reset(&d->out);
	return e;
}

static enum err end_line(struct dumper *d)
{
	buf_add_char(&d->out, '\n');
	return d->out.len < FLUSH_BYTES ? ERR_OK : dump_flush(d);
}

/* ---- Values ---- */

static void put_time(struct dumper *d, int64_t ns)
{
	char text[UTIME_TEXT_MAX];
	buf_add(&d->out, str_of(text, utime_format(ns, text)));
}

static bool dump_is_hash(unsigned column)
{
	return column == INDEX_IDENTITY || column == INDEX_TRACE_HASH ||
	       (column < FIELD__MAX && field_info[column].column == COLUMN_HASH);
}

static bool is_time(unsigned column)
{
	return column == INDEX_TRACE_ROOT_STARTED || column == INDEX_TRACE_FIRST_STARTED ||
	       column == INDEX_TRACE_LAST_ENDED ||
	       (column < FIELD__MAX && field_info[column].type == FIELD_TYPE_TIME);
}

/* Codes of the trace table lead to these dictionaries. */
static unsigned dict_of(unsigned column)
{
	return column == INDEX_TRACE_SOURCE    ? FIELD_SOURCE
	       : column == INDEX_TRACE_SESSION ? FIELD_SESSION_ID
					       : column;
}

static enum err put_entry(struct dumper *d, struct index_segment *s, unsigned column, int64_t code)
{
	struct dict dict;
	enum err e = segment_dict(s, dict_of(column), &dict);
	if (e)
		return e;
	if (code < 0 || code >= dict.n)
		return ERR_UNSAFE;
	buf_printf(&d->out, "\"%.*s\"", STR_ARG(dict_entry(&dict, (uint32_t)code)));
	return ERR_OK;
}

static enum err dump_put_value(
	struct dumper *d, struct index_segment *s, unsigned column, int64_t v)
{
	bool is_field = column < FIELD__MAX;
	if (dump_is_hash(column))
		buf_printf(&d->out, "%016llx", (unsigned long long)v);
	else if (is_time(column))
		put_time(d, v);
	else if (column == INDEX_TRACE_SOURCE || column == INDEX_TRACE_SESSION ||
		 (is_field && (field_info[column].column == COLUMN_DICT ||
				      field_info[column].column == COLUMN_TAGS)))
		return put_entry(d, s, column, v);
	else
		buf_printf(&d->out, "%lld", (long long)v);
	return ERR_OK;
}

static enum err dump_put_tags(
	struct dumper *d, struct index_segment *s, const struct column *c, uint32_t row)
{
	uint32_t place = column_place(c, row);
	enum err e = ERR_OK;
	buf_add_char(&d->out, '[');
	for (uint32_t i = c->lists[place]; !e && i < c->lists[place + 1]; i++) {
		if (i > c->lists[place])
			buf_add_char(&d->out, ',');
		e = dump_put_value(d, s, FIELD_TAGS, (int64_t)column_stored(c, i));
	}
	buf_add_char(&d->out, ']');
	return e;
}

/* The row's values of columns [from, to). */
static enum err put_row(
	struct dumper *d, struct index_segment *s, unsigned from, unsigned to, uint32_t row)
{
	for (unsigned id = from; id < to; id++) {
		const struct column *c;
		if (s->segment->column_at[id] < 0)
			continue;
		enum err e = segment_column(s, id, &c);
		if (e)
			return e;
		if (c->state == COLUMN_UNKNOWN || !column_has(c, row))
			continue;
		buf_printf(&d->out, " %.*s=", STR_ARG(index_column_name(id)));
		e = c->lists ? dump_put_tags(d, s, c, row)
			     : dump_put_value(d, s, id, column_value(c, row));
		if (e)
			return e;
	}
	return ERR_OK;
}

/* ---- A segment ---- */

static enum err dump_put_head(struct dumper *d, const struct index_segment *s)
{
	const struct index_header *h = &s->segment->header;
	buf_printf(&d->out,
		"segment %d-%lld-%lld rows %u hidden %u traces %u links %u torn %u rot %u zero %u",
		h->part, (long long)h->from, (long long)h->to, h->n_rows, h->n_hidden, h->n_traces,
		h->n_links, h->n_torn, h->n_rot, h->n_zero);
	if (h->flags & INDEX_WHOLE_HISTORY)
		buf_add(&d->out, STR(" whole-history"));
	if (h->flags & INDEX_EMPTY_PARENTS)
		buf_add(&d->out, STR(" empty-parents"));
	return end_line(d);
}

static enum err dump_put_columns(struct dumper *d, const struct index_segment *s)
{
	enum err e = ERR_OK;
	for (unsigned i = 0; !e && i < s->segment->header.n_columns; i++) {
		const struct index_column *c = &s->segment->columns[i];
		buf_printf(&d->out,
			"column %.*s width %u present %u entries %u base %lld scale %lld",
			STR_ARG(index_column_name(c->column)), c->width, c->n_present, c->n_entries,
			(long long)c->base, (long long)c->scale);
		if (c->relative != INDEX_NOT_RELATIVE)
			buf_printf(&d->out, " relative to %.*s",
				STR_ARG(index_column_name(c->relative)));
		if (c->flags & INDEX_UNKNOWN)
			buf_add(&d->out, STR(" unknown"));
		e = end_line(d);
	}
	return e;
}

static enum err dump_put_rows(struct dumper *d, struct index_segment *s)
{
	const uint64_t *superseded, *deletes;
	enum err e = segment_load_bitmap(s->segment, INDEX_CHUNK_SUPERSEDED, &superseded);
	if (!e)
		e = segment_load_bitmap(s->segment, INDEX_CHUNK_DELETES, &deletes);
	for (uint32_t row = 0; !e && row < s->n_rows; row++) {
		buf_printf(&d->out, "row %u", row);
		if (bits_found(superseded, row))
			buf_add(&d->out, STR(" superseded"));
		if (bits_found(deletes, row))
			buf_add(&d->out, STR(" tombstone"));
		e = put_row(d, s, INDEX_AT, INDEX_TRACE_COLUMNS, row);
		if (!e)
			e = put_row(d, s, 0, FIELD__MAX, row);
		if (!e)
			e = end_line(d);
	}
	return e;
}

static enum err dump_put_traces(struct dumper *d, struct index_segment *s)
{
	struct dict ids;
	enum err e = segment_trace_ids(s, &ids);
	for (uint32_t i = 0; !e && i < s->n_traces; i++) {
		buf_printf(&d->out, "trace %u \"%.*s\"", i, STR_ARG(dict_entry(&ids, i)));
		e = put_row(d, s, INDEX_TRACE_COLUMNS, INDEX_COLUMN__MAX, i);
		if (!e)
			e = end_line(d);
	}
	return e;
}

static enum err put_links(struct dumper *d, struct index_segment *s)
{
	const struct index_link *links;
	uint32_t n;
	enum err e = segment_load_links(s->segment, &links, &n);
	for (uint32_t i = 0; !e && i < n; i++) {
		char day[11] = "";
		utime_format_day(links[i].day, day);
		buf_printf(&d->out, "link of row %u to %.10s", links[i].row, day);
		e = end_line(d);
	}
	return e;
}

static enum err put_zones(struct dumper *d, struct index_segment *s)
{
	const struct index_zone *zones;
	uint32_t n;
	enum err e = segment_zones(s, &zones, &n);
	for (uint32_t i = 0; !e && i < n; i++) {
		buf_printf(&d->out, "zone %u started %lld to %lld kinds %x statuses %x", i,
			(long long)zones[i].min_started, (long long)zones[i].max_started,
			zones[i].kinds, zones[i].statuses);
		e = end_line(d);
	}
	return e;
}

static enum err put_segment(struct dumper *d, struct index_segment *s)
{
	enum err e = dump_put_head(d, s);
	if (!e)
		e = dump_put_columns(d, s);
	if (!e)
		e = put_zones(d, s);
	if (!e)
		e = dump_put_rows(d, s);
	if (!e)
		e = dump_put_traces(d, s);
	return e ? e : put_links(d, s);
}

/* ---- Live records ---- */

static enum err put_record(struct dumper *d, const struct rowlog_row *r)
{
	buf_printf(&d->out, "record at %lld len %u identity %016llx", (long long)r->at, r->len,
		(unsigned long long)r->identity);
	if (r->flags & ROWLOG_DELETE)
		buf_add(&d->out, STR(" tombstone"));
	if (r->flags & ROWLOG_LINKED)
		buf_add(&d->out, STR(" linked"));
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		if (!rowlog_has(r, (enum field)f) || !rowlog_keeps((enum field)f))
			continue;
		uint64_t value = rowlog_value(r, (enum field)f);
		buf_printf(&d->out, " %.*s=", STR_ARG(index_column_name(f)));
		if (dump_is_hash(f) || field_info[f].column == COLUMN_DICT)
			buf_printf(&d->out, "%016llx", (unsigned long long)value);
		else if (is_time(f))
			put_time(d, (int64_t)value);
		else
			buf_printf(&d->out, "%lld", (long long)value);
	}
	return end_line(d);
}

/* ---- Term files ---- */

/* Numbers ascending, as ranges: 0,2-7,9 */
static void dump_put_numbers(struct dumper *d, const uint32_t *numbers, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		uint32_t first = numbers[i], last = first;
		for (end = i + 1; end < n && numbers[end] == last + 1; end++)
			last++;
		buf_printf(&d->out, i ? ",%u" : " %u", first);
		if (last > first)
			buf_printf(&d->out, "-%u", last);
	}
}

/* The name of an entry that is no term: terms.h. */
static struct str special_name(struct str term)
{
	return str_eq(term, TERM_LONG)     ? STR("(too long)")
	       : str_eq(term, TERM_ANY)    ? STR("(anything)")
	       : str_eq(term, TERM_JOINED) ? STR("(joined)")
					   : STR_NULL;
}

static enum err put_term(struct dumper *d, const struct terms_cursor *c)
{
	static const char *const names[POSTINGS_LISTS] = { "name", "other", "input", "output" };
	const struct postings p = postings_buf_view(&c->postings);
	struct str special = special_name(c->term);
	buf_printf(&d->out, "term %.*s", STR_ARG(str_is_null(special) ? c->term : special));
	for (size_t i = 0; i < POSTINGS_LISTS; i++) {
		if (p.n[i] == 0)
			continue;
		buf_printf(&d->out, " %s", names[i]);
		dump_put_numbers(d, p.rows[i], p.n[i]);
	}
	return end_line(d);
}

static enum err put_marks(struct dumper *d, const struct terms *t)
{
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < terms_n_marks(t); i++) {
		struct terms_mark mark = terms_mark(t, i);
		buf_printf(&d->out, "mark %lld rows %u", (long long)mark.at, mark.n_rows);
		e = end_line(d);
	}
	return e;
}

static enum err put_term_file(struct dumper *d, struct terms *t)
{
	const struct terms_header *h = &t->header;
	struct terms_cursor c;
	buf_printf(&d->out, "terms %d-%lld-%lld version %u rows %u terms %llu text %llu", h->part,
		(long long)h->from, (long long)h->to, h->version, h->n_rows,
		(unsigned long long)h->n_terms, (unsigned long long)h->text_bytes);
	enum err e = end_line(d);
	if (!e)
		e = put_marks(d, t);
	terms_cursor_init(&c, t);
	while (!e && !(e = terms_cursor_next(&c)) && c.term.len)
		e = put_term(d, &c);
	terms_cursor_release(&c);
	return e;
}

/* The files that searches use. */
static enum err dump_put_terms(struct dumper *d, size_t shard)
{
	const struct terms_list *l = index_terms(d->task.view.index, shard);
	enum err e = ERR_OK;
	for (size_t i = 0; !e && i < l->n; i++)
		e = put_term_file(d, l->files[i]);
	return e;
}

/* ---- The day ---- */

static enum err put_shard(struct dumper *d, size_t shard)
{
	struct index *ix = &d->set.of[shard];
	const struct shard *s = &d->task.view.shards[shard];
	buf_printf(&d->out, "part %d bytes %lld covered %lld", s->part, (long long)s->size_bytes,
		(long long)ix->covered);
	enum err e = end_line(d);
	for (size_t i = 0; !e && i < ix->n_segments; i++)
		e = put_segment(d, &ix->segments[i]);
	for (size_t i = 0; !e && i < ix->n_log; i++)
		e = put_record(d, &ix->log[i]);
	return e ? e : dump_put_terms(d, shard);
}

static enum err dump_day(struct view_task *t)
{
	struct dumper *d = (struct dumper *)t;
	enum err e = ERR_OK;
	buf_init(&d->out, &d->task.arena);
	struct index_set *set = index_begin(&d->task.view);
	for (size_t i = index_first_shard(&d->task.view, d->day);
		!e && i < d->task.view.n_shards && d->task.view.shards[i].day == d->day; i++) {
		e = index_open_shard(set, i);
		d->set = *set;
		if (!e)
			e = put_shard(d, i);
		/* What was printed of it up to here stands: the damage is named where it is. */
		if (e == ERR_UNSAFE) {
			buf_add(&d->out, STR(" damaged\n"));
			e = ERR_OK;
		}
	}
	return e ? e : dump_flush(d);
}

enum err index_dump(const struct store *s, struct str workspace, int32_t day,
	enum err (*write)(void *user, struct str text), void *user)
{
	enum { MEMORY_BYTES = 256 << 20 };
	struct dumper d = { .task = { .run = dump_day }, .day = day, .write = write, .user = user };
	return view_task_do(&d.task, s, workspace, MEMORY_BYTES);
}
