#include "query/match/match.h"

#include "base/hash.h"
#include "query/match/order.h"
#include "query/match/path.h"
#include "query/match/text.h"
#include "json/order.h"

/* True when the order of two values satisfies the operator. */
static bool order_matches(enum op op, int order)
{
	switch (op) {
	case OP_LT:
		return order < 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	case OP_GE:
		return order >= 0;
	default:
		return false;
	}
}

bool hash_set_has(const struct hash_set *set, uint64_t hash)
{
	size_t from = 0, to = set->n;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (set->sorted[middle] == hash)
			return true;
		if (set->sorted[middle] < hash)
			from = middle + 1;
		else
			to = middle;
	}
	return false;
}

static bool match_set(const struct pred *p, uint64_t hash)
{
	return hash_set_has(&p->set, hash) == (p->op == OP_IN_SET);
}

int64_t pred_number(const struct pred *p, size_t i)
{
	int64_t v = 0;
	if (p->numbers)
		return p->numbers[i];
	(void)order_dec(p->texts[i], &v); /* no number: as 0 */
	return v;
}

static bool equals_any_number(const struct pred *p, int64_t v)
{
	for (size_t i = 0; i < p->n_values; i++)
		if (pred_number(p, i) == v)
			return true;
	return false;
}

static bool match_number(const struct pred *p, bool is_present, int64_t v)
{
	if (p->op == OP_EMPTY || p->op == OP_NOT_EMPTY)
		return is_present == (p->op == OP_NOT_EMPTY);
	if (!is_present && !p->absent_is_zero)
		return false;
	if (!is_present)
		v = 0;
	switch (p->op) {
	case OP_EQ:
	case OP_IN:
		return equals_any_number(p, v);
	case OP_NE:
	case OP_NOT_IN:
		return !equals_any_number(p, v);
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
		if (p->n_values == 0)
			return false;
		int64_t w = pred_number(p, 0);
		return order_matches(p->op, (v > w) - (v < w));
	default:
		return false;
	}
}

/* A text to compare. The whole text of a JSON value is plain text; all others are bodies. */
struct text_value {
	struct str text; /* STR_NULL: absent */
	bool is_plain;
};

static struct str text_of_value(const struct pred *p, size_t i, bool is_plain, struct arena *a)
{
	return is_plain ? json_decode(a, p->texts[i]) : p->texts[i];
}

static bool text_equals(struct str x, struct str y, bool fold)
{
	return fold ? str_eq_nocase(x, y) : str_eq(x, y);
}

uint64_t pred_text_hash(struct str body)
{
	return hash64(body, 0);
}

static bool equals_any_text(const struct pred *p, struct text_value v, struct arena *a)
{
	if (p->set.n && !p->fold && !v.is_plain)
		return hash_set_has(&p->set, pred_text_hash(v.text));
	for (size_t i = 0; i < p->n_values; i++)
		if (text_equals(v.text, text_of_value(p, i, v.is_plain, a), p->fold))
			return true;
	return false;
}

static bool plain_contains(struct arena *a, struct str text, struct str part, bool fold)
{
	if (!fold || part.len == 0)
		return part.len == 0 || str_find(text, part) < text.len;
	struct text_needle n;
	text_needle_init(&n, text_fold(a, part));
	return text_find(&n, text, 0) < text.len;
}

static int plain_compare(struct arena *a, struct str x, struct str y, bool fold)
{
	return fold ? str_cmp(text_fold(a, x), text_fold(a, y)) : str_cmp(x, y);
}

static bool text_has_value(const struct pred *p, struct text_value v, struct arena *a)
{
	struct str w = text_of_value(p, 0, v.is_plain, a);
	switch (p->op) {
	case OP_CONTAINS:
	case OP_NOT_CONTAINS:
		return v.is_plain ? plain_contains(a, v.text, w, p->fold)
				  : text_contains(a, v.text, w, p->fold);
	case OP_STARTS:
		return text_starts(v.text, w, p->fold);
	case OP_ENDS:
		if (!v.is_plain)
			return text_ends(v.text, w, p->fold);
		return v.text.len >= w.len &&
		       text_equals(str_skip(v.text, v.text.len - w.len), w, p->fold);
	default:
		return order_matches(p->op, v.is_plain ? plain_compare(a, v.text, w, p->fold)
					    : p->fold  ? body_order_nocase(v.text, w)
						       : body_order(v.text, w));
	}
}

uint64_t pred_trace_span_hash(struct str trace_id, struct str span_id)
{
	return hash64(span_id, hash64(trace_id, 0));
}

static bool match_text(const struct pred *p, struct text_value v, struct arena *a)
{
	switch (p->op) {
	case OP_EQ:
	case OP_IN:
		return equals_any_text(p, v, a);
	case OP_NE:
	case OP_NOT_IN:
		return !equals_any_text(p, v, a);
	case OP_NOT_CONTAINS:
		return p->n_values && !text_has_value(p, v, a);
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
	case OP_CONTAINS:
	case OP_STARTS:
	case OP_ENDS:
		return p->n_values && text_has_value(p, v, a);
	case OP_TEXT:
		return p->n_values && text_matches(v.text, v.is_plain, p->texts[0], p->text_mode);
	case OP_IN_SET:
	case OP_NOT_IN_SET:
		return match_set(p, pred_text_hash(v.text));
	default:
		return false;
	}
}

static bool match_numeric(const struct pred *p, struct str text)
{
	double v, w;
	bool equal = false;
	if (!str_to_double(text, &v))
		return false;
	for (size_t i = 0; i < p->n_values; i++) {
		if (!str_to_double(p->texts[i], &w))
			return false;
		if (p->op != OP_EQ && p->op != OP_IN && p->op != OP_NE && p->op != OP_NOT_IN)
			return order_matches(p->op, (v > w) - (v < w));
		equal = equal || v == w;
	}
	return p->n_values && equal == (p->op == OP_EQ || p->op == OP_IN);
}

/* EMPTY is answered; absent is what it is to be taken for. */
static bool match_present_text(const struct pred *p, struct text_value v, struct arena *a)
{
	if (str_is_null(v.text)) {
		if (!p->absent_is_zero)
			return false;
		v.text = p->numeric ? STR("0") : STR("");
	}
	return p->numeric ? match_numeric(p, v.text) : match_text(p, v, a);
}

static bool match_str(const struct pred *p, struct str body, struct arena *a)
{
	if (p->op == OP_EMPTY || p->op == OP_NOT_EMPTY)
		return (body.len == 0) == (p->op == OP_EMPTY);
	return match_present_text(p, (struct text_value){ body, false }, a);
}

static bool json_is_empty(struct json v, bool is_at_path)
{
	switch (v.type) {
	case JSON_STRING:
	case JSON_ARRAY:
	case JSON_OBJECT:
		if (is_at_path && v.type != JSON_STRING)
			return true;
		return v.raw.len == 2;
	case JSON_NONE:
	case JSON_NULL:
		return true;
	default:
		return false;
	}
}

/* True when an element of the array equals (or, for CONTAINS, contains) a value of the predicate.
 */
static bool has_element(const struct pred *p, struct json array, struct arena *a)
{
	struct json_iter it = json_elements(array);
	while (json_next(&it)) {
		struct text_value v = { path_scalar(it.value), false };
		if (str_is_null(v.text))
			continue;
		if (p->op == OP_HAS || p->op == OP_HAS_NOT) {
			if (equals_any_text(p, v, a))
				return true;
		} else if (p->n_values && text_contains(a, v.text, p->texts[0], p->fold)) {
			return true;
		}
	}
	return false;
}

static bool equals_any_json(const struct pred *p, struct json v, struct arena *a)
{
	for (size_t i = 0; i < p->n_values; i++)
		if (json_equal(a, v, json_open(p->texts[i])))
			return true;
	return false;
}

static bool match_json_equal(const struct pred *p, struct json v, struct arena *a)
{
	if (v.type == JSON_NONE)
		return false;
	if (equals_any_json(p, v, a))
		return true;
	struct json_iter it = json_elements(v);
	while (json_next(&it))
		if (equals_any_json(p, it.value, a))
			return true;
	return false;
}

static bool match_elements(const struct pred *p, struct json v, struct arena *a)
{
	if (v.type == JSON_NONE && !p->absent_is_zero)
		return false;
	return has_element(p, v, a) == (p->op == OP_HAS || p->op == OP_CONTAINS);
}

/* True when the operator looks at the value itself, not at its text. */
static bool needs_value(const struct pred *p)
{
	switch (p->op) {
	case OP_EMPTY:
	case OP_NOT_EMPTY:
	case OP_HAS:
	case OP_HAS_NOT:
	case OP_JSON_EQ:
		return true;
	case OP_CONTAINS:
	case OP_NOT_CONTAINS:
		return p->field == FIELD_TAGS;
	default:
		return false;
	}
}

static bool match_json(const struct pred *p, const struct span *s, struct arena *a)
{
	struct str whole = span_text(s, (enum field)p->field);
	bool is_at_path = !str_is_null(p->path);
	if (!is_at_path && !needs_value(p))
		return match_present_text(p, (struct text_value){ whole, true }, a);
	struct json v = json_open(whole);
	if (is_at_path)
		v = path_get(a, v, p->path);
	if (is_at_path && v.type == JSON_NONE && p->fallback)
		v = path_get(a, json_open(span_text(s, (enum field)p->fallback)), p->path);
	switch (p->op) {
	case OP_EMPTY:
	case OP_NOT_EMPTY:
		return json_is_empty(v, is_at_path) == (p->op == OP_EMPTY);
	case OP_JSON_EQ:
		return match_json_equal(p, v, a);
	case OP_HAS:
	case OP_HAS_NOT:
		return match_elements(p, v, a);
	default:
		if (!is_at_path)
			return match_elements(p, v, a);
		return match_present_text(p, (struct text_value){ path_scalar(v), false }, a);
	}
}

static const enum field any_text[] = { FIELD_NAME, FIELD_INPUT, FIELD_OUTPUT, FIELD_METADATA };
enum { ANY_TEXT_N = sizeof any_text / sizeof any_text[0] };

static bool match_any_text(const struct pred *p, const struct span *s)
{
	if (p->op != OP_TEXT || p->n_values == 0)
		return false;
	for (size_t i = 0; i < ANY_TEXT_N; i++)
		if (span_has(s, any_text[i]) &&
			text_matches(s->value[any_text[i]].text,
				field_info[any_text[i]].type == FIELD_TYPE_JSON, p->texts[0],
				p->text_mode))
			return true;
	return false;
}

static bool match_duration(const struct pred *p, const struct span *s)
{
	int64_t ns = 0;
	bool is_present = span_duration(s, &ns);
	return match_number(p, is_present, ns);
}

bool pred_match(const struct pred *p, const struct span *s, struct arena *a)
{
	int64_t number = 0;
	bool is_present;
	if (p->field == QUERY_ANY_TEXT)
		return match_any_text(p, s);
	if (p->field == QUERY_DURATION)
		return match_duration(p, s);
	if (p->field == QUERY_IDENTITY)
		return (p->op == OP_IN_SET || p->op == OP_NOT_IN_SET) &&
		       match_set(p, span_identity_hash(s));
	if (p->field == QUERY_TRACE_SPAN)
		return (p->op == OP_IN_SET || p->op == OP_NOT_IN_SET) &&
		       match_set(p, pred_trace_span_hash(span_text(s, FIELD_TRACE_ID),
					    span_text(s, FIELD_SPAN_ID)));
	enum field f = (enum field)p->field;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		return match_str(p, span_text(s, f), a);
	case FIELD_TYPE_JSON:
		return match_json(p, s, a);
	case FIELD_TYPE_DEC:
		is_present = order_dec(span_text(s, f), &number);
		return match_number(p, is_present, number);
	default:
		return match_number(p, span_has(s, f), span_i64(s, f, 0));
	}
}

static bool clause_match(const struct clause *c, const struct span *s, struct arena *a)
{
	for (size_t i = 0; i < c->n; i++)
		if (pred_match(&c->preds[i], s, a))
			return true;
	return false;
}

static bool is_in_window(const struct query *q, const struct span *s)
{
	if (q->from_ns == INT64_MIN && q->to_ns == INT64_MAX)
		return true;
	if (!span_has(s, FIELD_STARTED_AT))
		return false;
	int64_t t = s->value[FIELD_STARTED_AT].i64;
	return t >= q->from_ns && t <= q->to_ns;
}

bool query_match(const struct query *q, const struct span *s, struct arena *a)
{
	if (!is_in_window(q, s) || (q->roots_only && !span_is_root(s)))
		return false;
	for (size_t i = 0; i < q->n_clauses; i++)
		if (!clause_match(&q->clauses[i], s, a))
			return false;
	return true;
}

static void add_fields(struct field_set *set, unsigned field)
{
	switch (field) {
	case QUERY_DURATION:
		field_set_add(set, FIELD_STARTED_AT);
		field_set_add(set, FIELD_ENDED_AT);
		break;
	case QUERY_ANY_TEXT:
		for (size_t i = 0; i < ANY_TEXT_N; i++)
			field_set_add(set, any_text[i]);
		break;
	case QUERY_IDENTITY:
		field_set_add(set, FIELD_SOURCE);
		field_set_add(set, FIELD_TRACE_ID);
		field_set_add(set, FIELD_SPAN_ID);
		break;
	case QUERY_TRACE_SPAN:
		field_set_add(set, FIELD_TRACE_ID);
		field_set_add(set, FIELD_SPAN_ID);
		break;
	default:
		field_set_add(set, (enum field)field);
	}
}

struct field_set query_fields(const struct query *q)
{
	struct field_set set = { { 0 } };
	if (q->from_ns != INT64_MIN || q->to_ns != INT64_MAX)
		add_fields(&set, FIELD_STARTED_AT);
	if (q->roots_only)
		add_fields(&set, FIELD_PARENT_SPAN_ID);
	for (size_t i = 0; i < q->n_clauses; i++)
		for (size_t j = 0; j < q->clauses[i].n; j++) {
			add_fields(&set, q->clauses[i].preds[j].field);
			if (q->clauses[i].preds[j].fallback)
				add_fields(&set, q->clauses[i].preds[j].fallback);
		}
	for (size_t i = 0; i < q->n_sort; i++) {
		if (q->sort[i].field == QUERY_SPAN_ORDER)
			add_fields(&set, FIELD_SPAN_ID);
		else if (q->sort[i].field != QUERY_COMPUTED)
			add_fields(&set, q->sort[i].field);
		for (size_t j = 0; j < FIELD_WORDS; j++)
			set.word[j] |= q->sort[i].needs.word[j];
	}
	return set;
}
