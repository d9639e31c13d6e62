#include "api/ingest_nemo.h"

#include "api/pydantic.h"

/* Where writing creates no workspaces, an unknown one is told before anything about the body. */
static bool has_workspace(struct request *r)
{
	bool exists = true;
	enum err e = ERR_OK;
	if (!workspace_name_valid(r->workspace))
		e = ERR_INVALID;
	else if (!ingest_creates(r))
		e = workspace_exists(&api_app(r)->store, r->workspace, &exists);
	if (e == ERR_OK && !exists)
		e = ERR_NOT_FOUND;
	return e == ERR_OK || ingest_refuse(r, &dialect_nemo, e);
}

bool ingest_nemo_body(struct request *r, unsigned depth, struct json *ret)
{
	return has_workspace(r) && pydantic_body(r, &dialect_nemo, r->conf->body_bytes, depth, ret);
}
