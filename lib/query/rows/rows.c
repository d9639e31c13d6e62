#include "query/rows/rows.h"

void rows_open(struct rows *r, struct view *v, int64_t deadline_ns)
{
	*r = (struct rows){ .view = v, .deadline_ns = deadline_ns };
	scan_init(&r->scan, v, deadline_ns);
}

void rows_close(struct rows *r)
{
	scan_release(&r->scan);
}

static enum err resolve(struct rows *r)
{
	for (size_t i = 0; i < r->view->n_shards; i++) {
		enum err e = scan_add(&r->scan, i, 0, -1);
		if (e != ERR_OK)
			return e;
	}
	scan_resolve(&r->scan);
	r->is_resolved = true;
	return ERR_OK;
}

struct taker {
	struct view *view;
	const struct query *query;
	row_fn *take;
	void *user;
};

static bool take_if_matching(void *user, const struct span *s, struct row_ref ref)
{
	struct taker *t = user;
	return !query_match(t->query, s, t->view->arena) || t->take(t->user, s, ref);
}

enum err rows_each(struct rows *r, const struct query *q, const struct field_set *want,
	row_fn *take, void *user)
{
	struct taker taker = { r->view, q, take, user };
	struct field_set read = query_fields(q);
	for (size_t i = 0; i < FIELD_WORDS; i++)
		read.word[i] |= want->word[i];
	if (!r->is_resolved) {
		enum err e = resolve(r);
		if (e != ERR_OK)
			return e;
	}
	return scan_each(&r->scan, &read, take_if_matching, &taker);
}
