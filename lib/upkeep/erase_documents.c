#include "upkeep/erase_documents.h"

#include "base/hash.h"
#include "base/io.h"
#include "store/attachments.h"
#include "json/read.h"

static bool erased_has(const struct table *t, struct str id)
{
	uint64_t hash = hash64(id, 0);
	struct table_probe p = table_probe(t, hash);
	const uint64_t *one;
	while ((one = table_next(t, &p)))
		if (*one == hash)
			return true;
	return false;
}

void erased_ids_init(struct erased_ids *e, struct arena *a)
{
	table_init(&e->spans, a, sizeof(uint64_t));
	table_init(&e->traces, a, sizeof(uint64_t));
}

void erased_ids_add(struct erased_ids *e, const struct span *s)
{
	struct str span = span_text(s, FIELD_SPAN_ID), trace = span_text(s, FIELD_TRACE_ID);
	if (!erased_has(&e->spans, span))
		(void)table_add(&e->spans, hash64(span, 0));
	if (!erased_has(&e->traces, trace))
		(void)table_add(&e->traces, hash64(trace, 0));
}

void erased_ids_release(struct erased_ids *e)
{
	table_release(&e->spans);
	table_release(&e->traces);
}

static bool erased_document_goes(const void *user, const struct document *d)
{
	const struct erased_ids *ids = user;
	struct json body = json_open(d->body);
	struct str span = json_body(json_get(body, STR("span_id")));
	struct str trace = json_body(json_get(body, STR("trace_id")));
	struct str entity = json_body(json_get(body, STR("entity_id")));
	if (entity.len)
		return erased_has(&ids->spans, entity) || erased_has(&ids->traces, entity);
	if (span.len)
		return erased_has(&ids->spans, span);
	return trace.len && erased_has(&ids->traces, trace);
}

/* The files of attachments go with their documents. */
static enum err erase_attachments(
	struct documents_change *c, const struct erased_ids *ids, uint64_t *ret_n)
{
	struct documents all;
	enum err e = documents_read(c->dir_fd, c->arena, DOCUMENT_ATTACHMENT, STR_NULL, &all);
	for (size_t i = 0; !e && i < all.n; i++)
		if (erased_document_goes(ids, &all.list[i]))
			e = attachment_remove(c, &all.list[i]);
	return e ? e : documents_erase(c, DOCUMENT_ATTACHMENT, erased_document_goes, ids, ret_n);
}

enum err erase_documents(const struct store *s, struct str workspace, struct arena *a,
	const struct erased_ids *ids, int64_t now_ns, uint64_t *ret_n)
{
	struct documents_change c;
	int dir_fd, own_fd;
	*ret_n = 0;
	if (!ids->spans.n)
		return ERR_OK;
	/* A workspace without documents gets no directory for them. */
	enum err e = workspace_open(s, workspace, false, &dir_fd);
	if (e)
		return e;
	e = documents_open_dir(dir_fd, &own_fd);
	io_drop(dir_fd);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	io_drop(own_fd);
	e = documents_begin(&c, s, workspace, false, a, now_ns);
	if (e)
		return e;
	e = documents_erase(&c, DOCUMENT_DATASET_ITEM, erased_document_goes, ids, ret_n);
	if (!e)
		e = erase_attachments(&c, ids, ret_n);
	documents_end(&c);
	return e;
}
