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

/* Clients print this link for people. */
void opik_redirect(struct request *r)
{
	r->response->status = 303;
	(void)response_set_header(r->response, HEADER_LOCATION, STR("/")); /* a literal */
}
