/*
 * Serves attachments as files, the way Opik does when clients upload through it: the "signed" URL
 * of an upload is a route of this API.
 */
#include "api/opik/documents/documents.h"

#include "base/base64.h"
#include "semconv/opik_id.h"
#include "store/attachments.h"

/* What an upload, a download or a list is about; plain texts. */
struct opik_attachment {
	struct str entity_type, entity_id, file_name, mime_type;
};

/* ---- Reading requests ---- */

static bool opik_attachment_check(struct opik_reader *rd, struct opik_attachment *a, bool has_file)
{
	if (has_file && str_trim(a->file_name).len == 0)
		opik_problem(rd, "fileName must not be blank");
	if (!str_eq(a->entity_type, STR("trace")) && !str_eq(a->entity_type, STR("span")))
		opik_problem(rd, "entityType must be one of [trace, span]");
	if (!opik_id_param(rd->arena, a->entity_id, &a->entity_id))
		opik_problem(rd, "entityId must not be null");
	return opik_reader_check(rd);
}

static struct str opik_attachment_param(const struct request *r, const char *name)
{
	const struct param *p = request_param(r, str_from_c(name));
	return p ? p->value : STR("");
}

static bool opik_attachment_params(struct request *r, bool has_file, struct opik_attachment *ret)
{
	struct opik_reader rd;
	opik_reader_init(&rd, r);
	*ret = (struct opik_attachment){ .entity_type = opik_attachment_param(r, "entity_type"),
		.entity_id = opik_attachment_param(r, "entity_id"),
		.file_name = opik_attachment_param(r, "file_name"),
		.mime_type = opik_attachment_param(r, "mime_type") };
	return opik_attachment_check(&rd, ret, has_file);
}

static struct str opik_attachment_text(struct opik_reader *rd, struct json body, const char *name)
{
	struct str text = opik_read_text(rd, json_get(body, str_from_c(name)));
	return str_is_null(text) ? STR("") : json_decode(rd->arena, text);
}

/* ---- URLs ---- */

static void opik_url_add(struct buf *b, const char *name, struct str value)
{
	static const char free_ones[] = "-._~";
	buf_add(b, str_from_c(name));
	buf_add_char(b, '=');
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i], low = ascii_lower(c);
		if (ascii_is_digit(c) || (low >= 'a' && low <= 'z') || (c && strchr(free_ones, c)))
			buf_add_char(b, c);
		else
			buf_printf(b, "%%%02X", (unsigned char)c);
	}
}

/* `path` is the client's base URL in URL-safe base64. Without one the URL has no host. */
static struct buf opik_url_begin(struct request *r, struct str path, const char *route)
{
	struct str base = STR("");
	struct buf b;
	buf_init(&b, r->arena);
	if (!base64_read(r->arena, path, &base) ||
		(!str_starts(base, STR("http://")) && !str_starts(base, STR("https://"))))
		base = str_starts(r->path, STR("/api/")) ? STR("/api") : STR("");
	while (base.len && base.ptr[base.len - 1] == '/')
		base.len--;
	buf_printf(&b, "%.*s/v1/private/attachment/%s?", STR_ARG(base), route);
	return b;
}

static void opik_url_attachment(
	struct request *r, struct buf *b, const struct opik_attachment *a, struct str file)
{
	opik_url_add(b, "workspace_name", r->workspace);
	opik_url_add(b, "&file_name", file);
	opik_url_add(b, "&mime_type", a->mime_type);
	opik_url_add(b, "&entity_type", a->entity_type);
	opik_url_add(b, "&entity_id", json_decode(r->arena, a->entity_id));
}

/* ---- Uploading ---- */

void opik_attachment_start(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct json_writer w;
	int64_t n_parts = 1;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct opik_attachment a = { .entity_type = opik_attachment_text(&rd, body, "entity_type"),
		.entity_id = opik_attachment_text(&rd, body, "entity_id"),
		.file_name = opik_attachment_text(&rd, body, "file_name"),
		.mime_type = opik_attachment_text(&rd, body, "mime_type") };
	struct str path = opik_attachment_text(&rd, body, "path");
	(void)opik_read_int(&rd, json_get(body, STR("num_of_file_parts")), &n_parts);
	if (n_parts < 1)
		opik_problem(&rd, "numOfFileParts must be greater than or equal to 1");
	if (!opik_attachment_check(&rd, &a, true))
		return;
	struct buf url = opik_url_begin(r, path, "upload");
	opik_url_attachment(r, &url, &a, a.file_name);
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	json_member_text(&w, STR("upload_id"), STR("BEMinIO"));
	json_key(&w, STR("pre_sign_urls"));
	json_array(&w);
	json_text(&w, buf_str(&url));
	json_end(&w);
	json_end(&w);
}

static struct str opik_attachment_body(
	struct request *r, const struct opik_attachment *a, size_t n_bytes)
{
	struct buf b;
	struct json_writer w;
	buf_init(&b, r->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_text(&w, STR("entity_type"), a->entity_type);
	json_member_body(&w, STR("entity_id"), a->entity_id);
	json_member_text(&w, STR("file_name"), a->file_name);
	json_member_text(&w, STR("mime_type"),
		a->mime_type.len ? a->mime_type : STR("application/octet-stream"));
	json_member_i64(&w, STR("file_size"), (int64_t)n_bytes);
	json_end(&w);
	return buf_str(&b);
}

/* The body is the bytes, of any type. Sent again, they replace. */
void opik_attachment_upload(struct request *r)
{
	struct opik_attachment a;
	struct documents_change c;
	struct documents all;
	struct str bytes, reason;
	if (!opik_attachment_params(r, true, &a))
		return;
	enum err e = request_body(r, r->conf->body_bytes, &bytes, &reason);
	if (e) {
		route_error(r, &dialect_opik, e, reason, NULL);
		return;
	}
	if (!opik_documents_begin(r, DOCUMENT_ATTACHMENT, STR_NULL, &c, &all))
		return;
	if (c.mask.content != CONF_CONTENT_FULL) {
		documents_end(&c);
		opik_refuse(r, ERR_FORBIDDEN,
			STR("The setting content keeps attachments from the disk."));
		return;
	}
	struct str id = attachment_id(r->arena, a.entity_type, a.entity_id, a.file_name);
	struct document d = opik_document_new(r, DOCUMENT_ATTACHMENT, STR_NULL, id);
	d.body = opik_attachment_body(r, &a, bytes.len);
	e = attachment_put(&c, &d, bytes);
	if (e) {
		(void)opik_documents_fail(r, &c, e); /* it has answered */
		return;
	}
	documents_end(&c);
	opik_no_content(r);
}

/* The upload was complete when its bytes were stored. */
void opik_attachment_complete(struct request *r)
{
	struct json body;
	if (opik_body(r, &body))
		opik_no_content(r);
}

/* ---- Reading ---- */

static bool opik_attachment_is_of(const struct document *d, const struct opik_attachment *a)
{
	return str_eq(opik_document_text(d, STR("entity_type")), a->entity_type) &&
	       str_eq(opik_document_text(d, STR("entity_id")), a->entity_id);
}

static void opik_attachment_render(struct request *r, const struct document *d,
	const struct opik_attachment *of, struct json_writer *w)
{
	struct arena *arena = r->arena;
	struct opik_attachment a = *of;
	a.mime_type = json_decode(arena, opik_document_text(d, STR("mime_type")));
	a.file_name = json_decode(arena, opik_document_text(d, STR("file_name")));
	struct buf url = opik_url_begin(r, opik_attachment_param(r, "path"), "download");
	opik_url_add(&url, "container_id", opik_attachment_param(r, "project_id"));
	buf_add_char(&url, '&');
	opik_url_attachment(r, &url, &a, a.file_name);
	json_object(w);
	json_member_text(w, STR("link"), buf_str(&url));
	json_member_text(w, STR("file_name"), a.file_name);
	json_member_raw(w, STR("file_size"), json_get(json_open(d->body), STR("file_size")).raw);
	json_member_text(w, STR("mime_type"), a.mime_type);
	json_end(w);
}

void opik_attachments_list(struct request *r)
{
	struct opik_attachment a;
	struct opik_selection s;
	struct documents all;
	struct view v;
	struct json_writer w;
	size_t n = 0, first, last;
	if (!opik_attachment_params(r, false, &a) || !opik_selection_read(&s, r) ||
		!opik_view(r, &v))
		return;
	if (!request_param(r, STR("size")))
		s.size = 100;
	if (opik_documents_read(r, &v, DOCUMENT_ATTACHMENT, STR_NULL, &all)) {
		for (size_t i = 0; i < all.n; i++)
			if (opik_attachment_is_of(&all.list[i], &a))
				all.list[n++] = all.list[i];
		opik_page_begin(&s, n, &w, &first, &last);
		for (size_t i = first; i < last; i++)
			opik_attachment_render(r, &all.list[i], &a, &w);
		json_end(&w);
		opik_page_end(&w, NULL, 0);
	}
	view_close(&v);
}

/* The type is the stored one, and the page of it may do nothing. */
static void opik_attachment_send(struct request *r, const struct document *d, struct str bytes)
{
	struct buf b;
	struct str type = json_decode(r->arena, opik_document_text(d, STR("mime_type")));
	struct str name = json_decode(r->arena, opik_document_text(d, STR("file_name")));
	buf_init(&b, r->arena);
	buf_add(&b, STR("attachment; "));
	opik_url_add(&b, "filename*", name);
	/* RFC 5987: the character set stands before the name. */
	struct str text = buf_str(&b);
	size_t at = str_index(text, '=') + 1;
	text = arena_printf(
		r->arena, "%.*sUTF-8''%.*s", (int)at, text.ptr, STR_ARG(str_skip(text, at)));
	r->response->type = CONTENT_BYTES;
	if (response_set_header(r->response, HEADER_CONTENT_TYPE, type))
		r->response->type = CONTENT_NONE;
	(void)response_set_header(
		r->response, HEADER_CONTENT_DISPOSITION, text); /* a longer one is left out */
	buf_add(&r->response->body, bytes);
}

void opik_attachment_download(struct request *r)
{
	struct opik_attachment a;
	struct documents all;
	struct view v;
	struct str bytes;
	if (!opik_attachment_params(r, true, &a) || !opik_view(r, &v))
		return;
	if (opik_documents_read(r, &v, DOCUMENT_ATTACHMENT, STR_NULL, &all)) {
		struct str id = attachment_id(r->arena, a.entity_type, a.entity_id, a.file_name);
		const struct document *d = documents_by_id(&all, id);
		enum err e = d ? attachment_read(v.dir_fd, r->arena, id, &bytes) : ERR_NOT_FOUND;
		if (e == ERR_NOT_FOUND)
			opik_refuse(r, e, STR("Attachment not found"));
		else if (e)
			api_fail(r, &dialect_opik, e);
		else
			opik_attachment_send(r, d, bytes);
	}
	view_close(&v);
}

/* ---- Deleting ---- */

/* The body is {file_names, entity_type, entity_id}. Unknown names are left out. */
void opik_attachments_delete(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents all;
	enum err e = ERR_OK;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct opik_attachment a = { .entity_type = opik_attachment_text(&rd, body, "entity_type"),
		.entity_id = opik_attachment_text(&rd, body, "entity_id") };
	struct json_iter it = json_elements(opik_read_list(&rd, body, "file_names"));
	if (!opik_attachment_check(&rd, &a, false) ||
		!opik_documents_begin(r, DOCUMENT_ATTACHMENT, STR_NULL, &c, &all))
		return;
	while (!e && json_next(&it)) {
		struct str name = json_decode(r->arena, json_body(it.value));
		const struct document *d = documents_by_id(
			&all, attachment_id(r->arena, a.entity_type, a.entity_id, name));
		if (d)
			e = attachment_remove(&c, d);
	}
	if (e) {
		(void)opik_documents_fail(r, &c, e); /* it has answered */
		return;
	}
	documents_end(&c);
	opik_no_content(r);
}
