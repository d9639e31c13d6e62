/* Serves what clients request before they start: health, version, account, feature toggles. */
#include "api/opik/render.h"

#include <config.h>

static struct json_writer opik_misc_begin(struct request *r)
{
	struct json_writer w;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_object(&w);
	return w;
}

void opik_ping(struct request *r)
{
	struct json_writer w = opik_misc_begin(r);
	json_member_text(&w, STR("message"), STR("Healthy Server"));
	json_member_bool(&w, STR("healthy"), true);
	json_end(&w);
}

void opik_version(struct request *r)
{
	struct json_writer w = opik_misc_begin(r);
	json_member_text(&w, STR("version"), STR(PACKAGE_VERSION));
	json_end(&w);
}

/* The router has checked the key. */
void opik_auth(struct request *r)
{
	struct view v;
	if (!opik_view(r, &v))
		return;
	view_close(&v);
	opik_no_content(r);
}

void opik_auth_workspace(struct request *r)
{
	struct view v;
	if (!opik_view(r, &v))
		return;
	view_close(&v);
	struct json_writer w = opik_misc_begin(r);
	json_member_text(&w, STR("workspace_name"), r->workspace);
	json_end(&w);
}

void opik_toggles(struct request *r)
{
	struct json_writer w = opik_misc_begin(r);
	json_end(&w);
}

/* Lists the environments that spans name. */
void opik_environments(struct request *r)
{
	struct view v;
	struct group_query q = { .by = { FIELD_ENVIRONMENT }, .n_by = 1, .limit = SIZE_MAX };
	struct group_list list;
	if (!opik_view(r, &v))
		return;
	query_init(&q.spans);
	q.spans.deadline_ns = opik_deadline(r);
	enum err e = engine_groups(&v, &q, &list);
	if (e) {
		api_fail(r, &dialect_opik, e);
	} else {
		struct json_writer w = opik_misc_begin(r);
		json_member_i64(&w, STR("page"), 1);
		json_member_i64(&w, STR("size"), (int64_t)list.n);
		json_member_i64(&w, STR("total"), (int64_t)list.n);
		json_key(&w, STR("content"));
		json_array(&w);
		for (size_t i = 0; i < list.n; i++) {
			json_object(&w);
			json_member_body(&w, STR("name"), list.rows[i].value[0]);
			json_end(&w);
		}
		json_end(&w);
		json_end(&w);
	}
	view_close(&v);
}

/* Clients print this link for people. */
void opik_redirect(struct request *r)
{
	r->response->status = 303;
	(void)response_set_header(r->response, HEADER_LOCATION, STR("/")); /* a literal */
}
