/*
 * Any bytes as the filter of a list: the first byte picks spans or traces, the rest is lines of
 * NAME=VALUE, the parameters.  A filter that was read has an echo and a canonical form that are
 * JSON, that are filters again, and that mean the same.
 */
#include "api/nemo/filter.h"
#include "base/utf8.h"

#include "fuzz.h"

enum { PARAMS_MAX = 64 };

static struct request request_of(struct arena *a, struct param *params, struct str lines)
{
	struct request r = { .arena = a, .params = params };
	while (!str_is_null(lines) && r.n_params < PARAMS_MAX) {
		/* As the gateway has it: valid UTF-8. */
		struct str value = utf8_repair(a, str_cut(&lines, '\n'));
		struct str name = str_cut(&value, '=');
		params[r.n_params++] =
			(struct param){ name, str_is_null(value) ? STR("") : value, STR("") };
	}
	return r;
}

static bool read_one(struct arena *a, enum nemo_filter_of of, struct str json,
	struct nemo_filter *ret, struct str *ret_detail)
{
	struct param p = { STR("filter"), json, json };
	struct request r = { .arena = a, .params = &p, .n_params = 1 };
	return nemo_filter_parse(&r, of, ret, ret_detail);
}

static void see_same(struct arena *a, const struct nemo_filter *f, struct str json)
{
	struct nemo_filter again;
	struct json_error e;
	struct str detail;
	MUST(json_check(json, LIMIT_DEPTH, &e));
	/* Spelling ANDs out may nest past the limit; then it is refused, never misread. */
	if (!read_one(a, f->of, json, &again, &detail)) {
		MUST(str_eq(detail, STR("The filter is nested too deeply")));
		return;
	}
	MUST(again.n_terms == f->n_terms && again.is_and_only == f->is_and_only);
	for (size_t i = 0; i < f->n_terms; i++) {
		MUST(str_eq(again.terms[i].field, f->terms[i].field));
		MUST(again.terms[i].op == f->terms[i].op);
		MUST(str_eq(again.terms[i].value.raw, f->terms[i].value.raw));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct param params[PARAMS_MAX];
	struct nemo_filter f;
	struct str detail = STR_NULL;
	if (size == 0)
		return 0;
	arena_init(&a, (size_t)1 << 30);
	enum nemo_filter_of of = data[0] & 1 ? NEMO_FILTER_TRACES : NEMO_FILTER_SPANS;
	struct request r = request_of(&a, params, str_of((const char *)data + 1, size - 1));
	if (nemo_filter_parse(&r, of, &f, &detail)) {
		see_same(&a, &f, f.echo);
		if (!str_is_null(f.canonical))
			see_same(&a, &f, f.canonical);
		struct query q = { .from_ns = INT64_MIN, .to_ns = INT64_MAX };
		if (nemo_filter_apply(&f, &a, &q, &detail))
			MUST(q.n_clauses <= f.n_terms);
		else
			MUST(utf8_valid(detail) && detail.len);
	} else {
		MUST(utf8_valid(detail) && detail.len);
	}
	arena_release(&a);
	return 0;
}
