#include "api/plain.h"

/* Writes FastAPI's detail[]. */
static void write_problems(struct json_writer *w, const struct problems *p)
{
	json_array(w);
	for (size_t i = 0; i < p->n; i++) {
		const struct problem *one = &p->list[i];
		json_object(w);
		json_member_text(w, STR("type"), one->type);
		json_member_raw(w, STR("loc"), one->loc);
		json_member_text(w, STR("msg"), one->msg);
		if (!str_is_null(one->input))
			json_member_raw(w, STR("input"), one->input);
		if (!str_is_null(one->ctx))
			json_member_raw(w, STR("ctx"), one->ctx);
		json_end(w);
	}
	json_end(w);
}

void plain_error(struct request *r, enum err e, struct str detail, const struct problems *problems)
{
	struct response *res = r->response;
	bool has_problems = problems && problems->n;
	struct json_writer w;
	res->status = err_status(has_problems ? ERR_UNPROCESSABLE : e);
	res->type = CONTENT_JSON;
	json_writer_init(&w, &res->body);
	json_object(&w);
	json_key(&w, STR("detail"));
	if (has_problems)
		write_problems(&w, problems);
	else
		json_text(&w, str_is_null(detail) ? str_from_c(err_sentence(e)) : detail);
	json_end(&w);
}

const struct dialect dialect_plain = { .name = "plain", .error = plain_error };
