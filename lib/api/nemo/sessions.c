/*
 * Serves sessions: one with its roll-up over all of its spans, as in NeMo, and a list, which NeMo
 * lacks.
 */
#include "api/nemo/nemo.h"
#include "api/nemo/render.h"
#include "web/params.h"

static void answer_session(struct request *r, const struct session_row *row)
{
	struct json_writer w;
	r->response->status = 200;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	nemo_session_render(&w, r->captures[0], row);
}

void nemo_session_get(struct request *r)
{
	struct str workspace = r->captures[0], id = r->captures[1];
	struct session_row row;
	struct view v;
	bool is_found;
	if (!api_view(r, workspace, &dialect_nemo, &v))
		return;
	enum err e = engine_session_get(&v, json_encode(r->arena, id), &row, &is_found);
	api_report_damage(r, &v);
	if (e)
		api_fail(r, &dialect_nemo, e);
	else if (is_found)
		answer_session(r, &row);
	else
		nemo_not_found(r, "Session", workspace, id);
	view_close(&v);
}

void nemo_sessions_list(struct request *r)
{
	static const struct str sorts[] = { { "started_at", 10 }, { "-started_at", 11 } };
	static const char *const further[] = { NULL };
	struct session_list sessions;
	struct nemo_list l;
	if (!nemo_list_begin(r, NEMO_FILTER_SPANS, &l))
		return;
	nemo_list_page(&l);
	size_t sort = param_choice(r, STR("sort"), sorts, 2, 1, STR("enum"), &l.problems);
	struct session_query q = { .descending = sort == 1 };
	if (nemo_list_check(&l, further) && nemo_list_query(&l, &q.spans)) {
		q.offset = nemo_list_offset(&l);
		q.limit = (size_t)l.page_size;
		enum err e = engine_sessions(&l.view, &q, &sessions);
		if (e) {
			api_fail(r, &dialect_nemo, e);
		} else {
			nemo_list_open(&l);
			for (size_t i = 0; i < sessions.n; i++) {
				nemo_session_render(&l.writer, l.workspace, &sessions.rows[i]);
				nemo_list_row(&l);
			}
			nemo_list_close(&l, sessions.total, sorts[sort]);
			nemo_list_end(&l);
		}
	}
	view_close(&l.view);
}
