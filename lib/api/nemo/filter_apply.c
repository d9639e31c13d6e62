#include "api/nemo/filter.h"

#include "base/utime.h"

struct builder {
	struct arena *arena;
	struct query *query;
	const char *model; /* "span" */
	struct clause *clauses;
	size_t n;
	struct pred *of_field[FIELD__MAX]; /* the clause that a later value replaces */
	bool matches_nothing;
	struct str detail;
};

static bool nemo_apply_refuse(struct builder *b, struct str detail)
{
	b->detail = detail;
	return false;
}

struct str nemo_term_refusal(struct arena *a, const struct nemo_term *t, const char *what)
{
	struct str field = json_decode(a, t->field);
	return arena_printf(a, "Filter field '%.*s' %s", STR_ARG(field), what);
}

struct str nemo_term_unsupported(struct arena *a, const char *model, const struct nemo_term *t)
{
	struct str op = nemo_op_name(t->op), field = json_decode(a, t->field);
	return arena_printf(
		a, "Unsupported %s filter: %.*s %.*s", model, STR_ARG(field), STR_ARG(op));
}

static bool refuse_field(struct builder *b, const struct nemo_term *t, const char *what)
{
	return nemo_apply_refuse(b, nemo_term_refusal(b->arena, t, what));
}

static bool refuse_unsupported(struct builder *b, const struct nemo_term *t)
{
	return nemo_apply_refuse(b, nemo_term_unsupported(b->arena, b->model, t));
}

/* Adds a clause of one predicate. With one_only it replaces the field's earlier clause. */
static struct pred *put_pred(struct builder *b, enum field f, enum op op, bool one_only)
{
	struct pred *p = one_only ? b->of_field[f] : NULL;
	if (!p) {
		p = arena_alloc(b->arena, sizeof *p);
		b->clauses[b->n++] = (struct clause){ p, 1 };
		b->of_field[f] = p;
	}
	*p = (struct pred){ .field = f, .op = op };
	return p;
}

static void nemo_apply_set_text(struct builder *b, struct pred *p, struct str body)
{
	struct str *texts = arena_alloc(b->arena, sizeof *texts);
	*texts = body;
	p->texts = texts;
	p->n_values = 1;
}

static void set_code(struct builder *b, struct pred *p, int64_t code)
{
	int64_t *numbers = arena_alloc(b->arena, sizeof *numbers);
	*numbers = code;
	p->numbers = numbers;
	p->n_values = 1;
}

static bool want_equality(struct arena *a, const struct nemo_term *t, struct str *ret_detail)
{
	if (t->op != NEMO_OP_EQ)
		*ret_detail = nemo_term_refusal(a, t, "only supports equality.");
	else if (t->value.type == JSON_NULL)
		*ret_detail = nemo_term_refusal(a, t, "does not support null values.");
	return t->op == NEMO_OP_EQ && t->value.type != JSON_NULL;
}

bool nemo_term_text(
	struct arena *a, const struct nemo_term *t, struct str *ret_body, struct str *ret_detail)
{
	if (!want_equality(a, t, ret_detail))
		return false;
	if (t->value.type != JSON_STRING) {
		*ret_detail = nemo_term_refusal(a, t, "must be a string.");
		return false;
	}
	*ret_body = json_body(t->value);
	return true;
}

static bool nemo_apply_text(
	struct builder *b, const struct nemo_filter_field *f, const struct nemo_term *t)
{
	struct str body = STR_NULL;
	if (f->use == NEMO_USE_CONTEXT && t->op != NEMO_OP_EQ)
		return refuse_unsupported(b, t);
	if (!nemo_term_text(b->arena, t, &body, &b->detail))
		return false;
	if (f->use == NEMO_USE_CONTEXT && b->of_field[f->field] &&
		!str_eq(b->of_field[f->field]->texts[0], body)) {
		bool is_test_case = f->field == FIELD_TEST_CASE_ID;
		return nemo_apply_refuse(
			b, arena_printf(b->arena, "Conflicting trace filters for %s",
				   is_test_case ? "test_case_id" : "experiment_id"));
	}
	/* No span has an attribute with an empty value. */
	if (body.len == 0 && (f->use == NEMO_USE_ATTRIBUTE || f->use == NEMO_USE_CONTEXT))
		b->matches_nothing = true;
	struct pred *p = put_pred(b, f->field, OP_EQ, f->use != NEMO_USE_ATTRIBUTE);
	/* parent_span_id "" selects roots. */
	p->absent_is_zero = body.len == 0 && f->field == FIELD_PARENT_SPAN_ID;
	nemo_apply_set_text(b, p, body);
	return true;
}

static bool apply_id(
	struct builder *b, const struct nemo_filter_field *f, const struct nemo_term *t)
{
	if (t->op != NEMO_OP_IN)
		return nemo_apply_text(b, f, t);
	struct json_iter it = json_elements(t->value);
	size_t n = 0;
	bool are_texts = t->value.type == JSON_ARRAY;
	while (json_next(&it)) {
		are_texts &= it.value.type == JSON_STRING;
		n++;
	}
	if (!are_texts)
		return refuse_field(b, t, "with $in must be a list of strings.");
	if (n > LIMIT_IN_VALUES)
		return nemo_apply_refuse(
			b, arena_printf(b->arena,
				   "Filter field 'id' with $in takes at most %d values.",
				   LIMIT_IN_VALUES));
	struct str *texts = arena_calloc(b->arena, n ? n : 1, sizeof *texts);
	it = json_elements(t->value);
	for (size_t i = 0; json_next(&it); i++)
		texts[i] = json_body(it.value);
	struct pred *p = put_pred(b, f->field, OP_IN, true);
	p->texts = texts;
	p->n_values = n;
	b->matches_nothing |= n == 0;
	return true;
}

static bool nemo_apply_kind(
	struct builder *b, const struct nemo_filter_field *f, const struct nemo_term *t)
{
	enum kind kind;
	if (!want_equality(b->arena, t, &b->detail))
		return false;
	if (t->value.type != JSON_STRING || !kind_from_name(json_body(t->value), &kind))
		return refuse_field(b, t,
			"must be one of: LLM, CHAIN, TOOL, RETRIEVER, EMBEDDING, AGENT, RERANKER, "
			"EVALUATOR, GUARDRAIL, UNKNOWN");
	set_code(b, put_pred(b, f->field, OP_EQ, true), kind);
	return true;
}

static bool apply_status(
	struct builder *b, const struct nemo_filter_field *f, const struct nemo_term *t)
{
	enum status status;
	if (!want_equality(b->arena, t, &b->detail))
		return false;
	if (t->value.type != JSON_STRING || !status_from_name(json_body(t->value), &status))
		return refuse_field(b, t, "must be one of: success, error, cancelled, unknown");
	set_code(b, put_pred(b, f->field, OP_EQ, true), status);
	return true;
}

/* Returns the start of the microsecond, because times are shown cut to microseconds and bounds mean
 * those. */
static int64_t cut_to_us(int64_t ns)
{
	int64_t rest = ns % NS_PER_US;
	return rest < 0 ? (ns < INT64_MIN + NS_PER_US ? UTIME_BOUND_MIN : ns - rest - NS_PER_US)
			: ns - rest;
}

bool nemo_term_time(
	struct arena *a, const struct nemo_term *t, int64_t *ret_ns, struct str *ret_detail)
{
	struct str text = STR_NULL;
	if (t->value.type == JSON_STRING)
		text = json_decode(a, json_body(t->value));
	else if (t->value.type == JSON_NUMBER)
		text = t->value.raw;
	int64_t ns;
	if (str_is_null(text) || !utime_parse_bound(text, &ns)) {
		*ret_detail = nemo_term_refusal(a, t, "must be a valid datetime.");
		return false;
	}
	*ret_ns = cut_to_us(ns);
	return true;
}

static bool nemo_apply_time(struct builder *b, const struct nemo_term *t)
{
	int64_t ns;
	if (t->op != NEMO_OP_GTE && t->op != NEMO_OP_LTE)
		return refuse_unsupported(b, t);
	if (!nemo_term_time(b->arena, t, &ns, &b->detail))
		return false;
	if (t->op == NEMO_OP_GTE)
		b->query->from_ns = ns;
	else
		b->query->to_ns = ns > INT64_MAX - (NS_PER_US - 1) ? INT64_MAX : ns + NS_PER_US - 1;
	return true;
}

static bool apply_term(struct builder *b, enum nemo_filter_of of, const struct nemo_term *t)
{
	const struct nemo_filter_field *f = nemo_filter_field(of, t->field);
	if (!f)
		return refuse_unsupported(b, t);
	switch (f->use) {
	case NEMO_USE_KIND:
		return nemo_apply_kind(b, f, t);
	case NEMO_USE_STATUS:
		return apply_status(b, f, t);
	case NEMO_USE_TIME:
		return nemo_apply_time(b, t);
	case NEMO_USE_ID:
		return apply_id(b, f, t);
	case NEMO_USE_COLUMN:
	case NEMO_USE_ATTRIBUTE:
	case NEMO_USE_CONTEXT:
	case NEMO_USE_NUMBER: /* notes only */
		break;
	}
	return nemo_apply_text(b, f, t);
}

bool nemo_filter_apply(
	const struct nemo_filter *f, struct arena *a, struct query *q, struct str *ret_detail)
{
	if (!f->is_and_only) {
		*ret_detail = STR("Only AND-combined field filters are supported for Intake span "
				  "storage.");
		return false;
	}
	struct builder b = {
		.arena = a, .query = q, .model = f->of == NEMO_FILTER_SPANS ? "span" : "trace"
	};
	b.clauses = arena_calloc(a, f->n_terms ? f->n_terms : 1, sizeof *b.clauses);
	for (size_t i = 0; i < f->n_terms; i++) {
		if (!apply_term(&b, f->of, &f->terms[i])) {
			*ret_detail = b.detail;
			return false;
		}
	}
	q->clauses = b.clauses;
	q->n_clauses = b.n;
	if (b.matches_nothing) {
		q->from_ns = INT64_MAX;
		q->to_ns = INT64_MIN;
	}
	return true;
}
