#include "index/terms/build.h"

#include "index/format.h"
#include "index/segment/build.h"
#include "index/terms/collect.h"
#include "index/terms/write.h"

struct terms_builder {
	struct collector terms;
	struct terms_header header;
	struct buf marks; /* uint32_t */
};

/* Adds the marks up to that offset: rows from now on begin there or after it. */
static void builder_mark(struct terms_builder *b, int64_t at)
{
	uint32_t n_rows = collector_n_rows(&b->terms);
	const struct terms_header *h = &b->header;
	while (terms_mark_at(h->from, h->mark_bits, b->marks.len / sizeof n_rows) <= at)
		buf_add(&b->marks, str_of((const char *)&n_rows, sizeof n_rows));
}

static void builder_add_row(struct terms_builder *b, const struct field_set *fields,
	const struct span *span, int64_t at)
{
	builder_mark(b, at);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_set_has(fields, (enum field)f) && span_has(span, (enum field)f))
			collector_add(
				&b->terms, span->value[f].text, terms_field_kind((enum field)f));
	b->header.id_bytes |= terms_id_bytes_of(span_text(span, FIELD_SPAN_ID));
	collector_end_row(&b->terms);
}

static enum err builder_read(struct terms_builder *b, struct view *v, size_t shard, int64_t bytes)
{
	struct field_set fields = terms_fields(), want = fields;
	struct shard_reader r;
	struct row_ref ref;
	struct span span;
	struct str line;
	bool more = true;
	uint64_t torn = v->n_torn;
	field_set_add(&want, FIELD_SPAN_ID);
	enum err e = shard_reader_open(v, shard, b->header.from, -1, &r);
	if (e)
		return e;
	while (r.at - b->header.from < bytes && collector_n_rows(&b->terms) < TERMS_ROWS_MAX) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		if (line_read(line, &want, false, &span) == LINE_OK)
			builder_add_row(b, &fields, &span, ref.at);
	}
	v->n_torn = torn; /* those who answer requests count them */
	b->header.to = r.at;
	shard_reader_close(&r);
	return !e && b->header.to == b->header.from ? ERR_NOT_FOUND : e;
}

static enum err builder_set_prints(struct terms_builder *b, struct view *v, size_t shard)
{
	struct index_header range = { .from = b->header.from, .to = b->header.to };
	enum err e = segment_prints(v, shard, &range);
	b->header.first_print = range.first_print;
	b->header.last_print = range.last_print;
	return e;
}

static enum err builder_write(struct terms_builder *b, struct arena *a, int idx_fd)
{
	struct terms_writer w;
	struct postings_buf postings;
	const struct collector *c = &b->terms;
	builder_mark(b, b->header.to - 1);
	collector_sort(&b->terms);
	postings_buf_init(&postings, a);
	terms_writer_open(&w, a, idx_fd);
	for (uint32_t i = 0; i < c->n_order; i++) {
		const struct collected_term *t = &c->terms[c->order[i]];
		collector_postings(c, t, &postings);
		const struct postings p = postings_buf_view(&postings);
		terms_writer_add(&w, collector_text(c, t), t->is_hex, &p);
	}
	postings_buf_release(&postings);
	b->header.n_rows = collector_n_rows(c);
	b->header.text_bytes = c->text_bytes;
	return terms_writer_publish(&w, &b->header, (const void *)b->marks.ptr);
}

enum err terms_build(struct view *v, size_t shard, int64_t from, int64_t bytes, struct arena *a,
	int idx_fd, int64_t *ret_to)
{
	struct terms_builder b = { .header = { .day = v->shards[shard].day,
					   .part = v->shards[shard].part,
					   .from = from,
					   .mark_bits = v->store->terms_mark_bits } };
	collector_init(&b.terms, a);
	buf_init(&b.marks, a);
	enum err e = builder_read(&b, v, shard, bytes);
	if (!e)
		e = builder_set_prints(&b, v, shard);
	if (!e)
		e = builder_write(&b, a, idx_fd);
	if (!e)
		*ret_to = b.header.to;
	collector_release(&b.terms);
	buf_release(&b.marks);
	return e;
}
