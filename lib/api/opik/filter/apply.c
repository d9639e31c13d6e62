/*
 * Turns filters into clauses of a query. All filters must hold. Those of an OR are multiplied out:
 * (A and B) or C = (A or C) and (B or C).
 */
#include "api/opik/filter/filter.h"
#include "api/opik/filter/letters.h"
#include "api/opik/filter/range.h"
#include "api/opik/list.h"
#include "api/opik/merge.h"

#include "base/utime.h"
#include "semconv/opik_id.h"

enum { MICROS_DIGITS = 6, MICROS = 1000000 };

struct parts {
	struct clause list[LIMIT_PREDICATES];
	size_t n;
};

struct applying {
	struct arena *arena;
	enum opik_of of;
	const struct opik_scores *scores, *span_scores;
	struct parts *parts; /* clauses of the current filter */
};

/* ---- Predicates ---- */

static void add_either(struct applying *ap, struct pred x, const struct pred *y)
{
	struct pred *preds = arena_calloc(ap->arena, 2, sizeof *preds);
	preds[0] = x;
	if (y)
		preds[1] = *y;
	ap->parts->list[ap->parts->n++] = (struct clause){ preds, y ? 2 : 1 };
}

static void opik_apply_add(struct applying *ap, struct pred p)
{
	struct pred *preds = arena_calloc(ap->arena, OPIK_LETTERS_MAX, sizeof *preds);
	size_t n = opik_letters_preds(ap->arena, &p, preds);
	bool negates = p.op == OP_NOT_CONTAINS;
	for (size_t i = 0; i < (negates ? n : 1); i++)
		ap->parts->list[ap->parts->n++] = (struct clause){ preds + i, negates ? 1 : n };
}

/* Adds a clause that always or never holds, for a value that nothing can equal. */
static void add_constant(struct applying *ap, bool holds)
{
	opik_apply_add(ap, (struct pred){ .field = FIELD_SPAN_ID,
				   .op = holds ? OP_NOT_IN : OP_IN,
				   .absent_is_zero = true });
}

static const int64_t *number(struct applying *ap, int64_t v)
{
	int64_t *p = arena_alloc(ap->arena, sizeof *p);
	*p = v;
	return p;
}

static struct pred opik_apply_compare(struct applying *ap, unsigned field, enum op op, int64_t v)
{
	return (struct pred){ .field = field,
		.op = op,
		.absent_is_zero = true,
		.numbers = number(ap, v),
		.n_values = 1 };
}

static struct pred set_pred(unsigned field, bool in, struct hash_set set)
{
	return (struct pred){ .field = field, .op = in ? OP_IN_SET : OP_NOT_IN_SET, .set = set };
}

static const enum op engine_op[OPIK_OPERATOR__MAX] = {
	[OPIK_CONTAINS] = OP_CONTAINS,
	[OPIK_NOT_CONTAINS] = OP_NOT_CONTAINS,
	[OPIK_STARTS_WITH] = OP_STARTS,
	[OPIK_ENDS_WITH] = OP_ENDS,
	[OPIK_EQUAL] = OP_EQ,
	[OPIK_NOT_EQUAL] = OP_NE,
	[OPIK_GREATER] = OP_GT,
	[OPIK_LESS] = OP_LT,
	[OPIK_GREATER_EQUAL] = OP_GE,
	[OPIK_LESS_EQUAL] = OP_LE,
	[OPIK_IS_EMPTY] = OP_EMPTY,
	[OPIK_IS_NOT_EMPTY] = OP_NOT_EMPTY,
	[OPIK_IN] = OP_IN,
	[OPIK_NOT_IN] = OP_NOT_IN,
};

/* Compares a text field with the filter's value; an unset field is "". */
static struct pred opik_apply_text_pred(
	struct applying *ap, const struct opik_filter *f, enum op op)
{
	struct str *text = arena_alloc(ap->arena, sizeof *text);
	*text = json_encode(ap->arena, f->value);
	return (struct pred){ .field = f->field.at,
		.op = op,
		.absent_is_zero = true,
		.path = f->field.type == OPIK_TYPE_DICTIONARY ? f->key : STR_NULL,
		/* as it is rendered */
		.fallback = f->field.at == FIELD_METADATA ? FIELD_ATTRIBUTES : 0,
		.texts = text,
		.n_values = 1 };
}

/* ---- By type ---- */

/* True when the filter names a span or trace by the UUID that shows its id. */
static bool equals_id(struct applying *ap, const struct opik_filter *f)
{
	struct arena *a = ap->arena;
	struct str *ids, *id = arena_calloc(a, 1, sizeof *id);
	bool is_trace = f->field.at == FIELD_TRACE_ID, is_span = f->field.at == FIELD_SPAN_ID;
	if (ap->of == OPIK_THREADS || (!is_trace && !is_span) ||
		(f->op != OPIK_EQUAL && f->op != OPIK_NOT_EQUAL))
		return false;
	/* The comparison of ids is case-sensitive. */
	if (f->field.type == OPIK_TYPE_STRING_EXACT)
		*id = opik_id_of_uuid(a, f->value);
	else if (!opik_id_param(a, f->value, id))
		return false;
	size_t n = is_trace ? opik_trace_ids(a, *id, &ids) : 1;
	if (n == 1 && str_eq(*id, f->value))
		return false;
	bool negates = f->op == OPIK_NOT_EQUAL;
	struct pred p = { .field = f->field.at,
		.op = negates ? OP_NE : OP_EQ,
		.absent_is_zero = true,
		.texts = id,
		.n_values = 1 };
	if (n > 1) {
		p = opik_in_set(a, FIELD_TRACE_ID, ids, n);
		p.op = negates ? OP_NOT_IN_SET : OP_IN_SET;
	}
	opik_apply_add(ap, p);
	return true;
}

static void apply_string(struct applying *ap, const struct opik_filter *f)
{
	struct pred p = opik_apply_text_pred(ap, f, engine_op[f->op]);
	p.fold = f->field.type != OPIK_TYPE_STRING_EXACT;
	if (!equals_id(ap, f))
		opik_apply_add(ap, p);
}

/* Opik accepts numbers with leading zeros, JSON does not. */
static struct str plain_number(struct arena *a, struct str text)
{
	bool negative = text.len && text.ptr[0] == '-';
	struct str digits = str_skip(text, negative);
	while (digits.len > 1 && digits.ptr[0] == '0' && ascii_is_digit(digits.ptr[1]))
		digits = str_skip(digits, 1);
	return arena_printf(a, "%s%.*s", negative ? "-" : "", STR_ARG(digits));
}

/* Opik treats the text `null` as empty. */
static void apply_emptiness(struct applying *ap, const struct opik_filter *f)
{
	bool is_empty = f->op == OPIK_IS_EMPTY;
	struct opik_filter null = *f;
	null.value = STR("null");
	struct pred p = opik_apply_text_pred(ap, &null, is_empty ? OP_EMPTY : OP_NOT_EMPTY);
	struct pred word = opik_apply_text_pred(ap, &null, is_empty ? OP_EQ : OP_NE);
	if (is_empty) {
		add_either(ap, p, &word);
		return;
	}
	opik_apply_add(ap, p);
	opik_apply_add(ap, word);
}

static void apply_dictionary(struct applying *ap, const struct opik_filter *f)
{
	if (f->op == OPIK_IS_EMPTY || f->op == OPIK_IS_NOT_EMPTY) {
		apply_emptiness(ap, f);
		return;
	}
	struct opik_filter number = *f;
	if (f->op == OPIK_GREATER || f->op == OPIK_LESS) {
		number.value = plain_number(ap->arena, f->value);
		f = &number;
	}
	struct pred p = opik_apply_text_pred(ap, f, engine_op[f->op]);
	p.numeric = f->op == OPIK_GREATER || f->op == OPIK_LESS;
	p.fold = !p.numeric;
	p.absent_is_zero = !p.numeric;
	opik_apply_add(ap, p);
}

static void apply_list(struct applying *ap, const struct opik_filter *f)
{
	enum op op = f->op == OPIK_EQUAL       ? OP_HAS
		     : f->op == OPIK_NOT_EQUAL ? OP_HAS_NOT
					       : engine_op[f->op];
	struct pred p = opik_apply_text_pred(ap, f, op);
	p.fold = f->op == OPIK_CONTAINS || f->op == OPIK_NOT_CONTAINS;
	opik_apply_add(ap, p);
}

/* Returns the value of a NUMBER times 10^6, rounded down; at most the end of int64. */
static int64_t millionths(struct str value)
{
	int64_t v;
	if (dec_to_units(value, MICROS_DIGITS, &v))
		return v;
	return value.ptr[0] == '-' ? INT64_MIN / 2 : INT64_MAX / 2;
}

/* scale converts the range's units to the field's. `also` is an alternative for each clause. */
static void add_range(
	struct applying *ap, unsigned field, struct range r, int64_t scale, const struct pred *also)
{
	bool has_from = r.from != INT64_MIN, has_to = r.to != INT64_MAX;
	int64_t from = range_times(r.from, scale), to = range_times(r.to, scale);
	if (r.is_all || r.is_none) {
		add_constant(ap, r.is_all);
		return;
	}
	if (r.is_outside) {
		struct pred *preds = arena_calloc(ap->arena, 3, sizeof *preds);
		preds[0] = opik_apply_compare(ap, field, OP_LT, from);
		preds[1] = opik_apply_compare(ap, field, OP_GE, to);
		if (also)
			preds[2] = *also;
		ap->parts->list[ap->parts->n++] = (struct clause){ preds, also ? 3 : 2 };
		return;
	}
	if (has_from)
		add_either(ap, opik_apply_compare(ap, field, OP_GE, from), also);
	if (has_to)
		add_either(ap, opik_apply_compare(ap, field, OP_LT, to), also);
}

/* Compares the time of the last update, or of arrival where there was none. */
static void add_updated(struct applying *ap, const struct pred *any, size_t n)
{
	struct pred *x = arena_calloc(ap->arena, n + 1, sizeof *x),
		    *y = arena_calloc(ap->arena, 2 * n, sizeof *y);
	for (size_t i = 0; i < n; i++) {
		x[i] = y[i] = y[n + i] = any[i];
		y[n + i].field = FIELD_INGESTED_AT;
	}
	x[n] = (struct pred){ .field = FIELD_UPDATED_AT, .op = OP_EMPTY };
	ap->parts->list[ap->parts->n++] = (struct clause){ x, n + 1 };
	ap->parts->list[ap->parts->n++] = (struct clause){ y, 2 * n };
}

/* The time is shown in microseconds, so it is compared in microseconds. */
static void apply_updated(struct applying *ap, enum opik_operator op, int64_t ns)
{
	struct range r = range_of(op, ns, NS_PER_US);
	struct pred from = opik_apply_compare(
		ap, FIELD_UPDATED_AT, r.is_outside ? OP_LT : OP_GE, range_times(r.from, NS_PER_US));
	struct pred to = opik_apply_compare(
		ap, FIELD_UPDATED_AT, r.is_outside ? OP_GE : OP_LT, range_times(r.to, NS_PER_US));
	from.absent_is_zero = to.absent_is_zero = false;
	if (r.is_all || r.is_none) {
		add_constant(ap, r.is_all);
	} else if (r.is_outside) {
		add_updated(ap, (const struct pred[]){ from, to }, 2);
	} else {
		if (r.from != INT64_MIN)
			add_updated(ap, &from, 1);
		if (r.to != INT64_MAX)
			add_updated(ap, &to, 1);
	}
}

static void opik_apply_time(struct applying *ap, const struct opik_filter *f)
{
	int64_t ns = 0;
	(void)opik_parse_time(f->value, &ns); /* it was checked */
	if (f->field.place == OPIK_PLACE_UPDATED) {
		apply_updated(ap, f->op, ns);
		return;
	}
	struct pred p = opik_apply_compare(ap, f->field.at, engine_op[f->op], ns);
	p.absent_is_zero = false;
	opik_apply_add(ap, p);
}

/* Compares the difference of start and end in microseconds. It is 0 for unfinished rows and for
 * rows that no POST has begun yet. */
static void apply_duration(struct applying *ap, const struct opik_filter *f)
{
	/* Milliseconds times 10^6 are nanoseconds. */
	struct range r = range_of(f->op, millionths(f->value), NS_PER_US);
	struct pred begun = opik_apply_compare(ap, FIELD_STARTED_AT, OP_NE, 0);
	struct pred not_begun = opik_apply_compare(ap, FIELD_STARTED_AT, OP_EQ, 0);
	bool has_zero = range_has_zero(r);
	add_range(ap, QUERY_DURATION, r, NS_PER_US, has_zero ? &not_begun : NULL);
	if (!has_zero)
		opik_apply_add(ap, begun);
}

static void opik_apply_number(struct applying *ap, const struct opik_filter *f)
{
	int64_t pico;
	if (f->field.place == OPIK_PLACE_DURATION) {
		apply_duration(ap, f);
		return;
	}
	if (field_info[f->field.at].type != FIELD_TYPE_DEC) {
		add_range(ap, f->field.at, range_of(f->op, millionths(f->value), MICROS), 1, NULL);
		return;
	}
	if (!dec_to_pico(f->value, &pico))
		pico = f->value.ptr[0] == '-' ? INT64_MIN : INT64_MAX;
	struct pred p = opik_apply_compare(ap, f->field.at, engine_op[f->op], pico);
	p.absent_is_zero = f->field.at != FIELD_TTFT_MS;
	opik_apply_add(ap, p);
}

/* Splits "a, b,, c". */
static struct str *split_list(struct arena *a, struct str list, size_t *ret_n)
{
	struct str *texts = arena_calloc(a, LIMIT_IN_VALUES, sizeof *texts), rest = list;
	size_t n = 0;
	while (!str_is_null(rest) && n < LIMIT_IN_VALUES) {
		struct str one = str_trim(str_cut(&rest, ','));
		if (one.len)
			texts[n++] = one;
	}
	*ret_n = n;
	return texts;
}

static struct str *opik_apply_values_of(
	struct applying *ap, const struct opik_filter *f, size_t *ret_n)
{
	if (f->op == OPIK_IN || f->op == OPIK_NOT_IN)
		return split_list(ap->arena, f->value, ret_n);
	struct str *one = arena_alloc(ap->arena, sizeof *one);
	*one = f->value;
	*ret_n = 1;
	return one;
}

/* Compares the type of a span: several kinds are one type, and UNKNOWN is none. */
static void opik_apply_kind(struct applying *ap, const struct opik_filter *f)
{
	size_t n_names = 0, n = 0;
	struct str *names = str_is_null(f->value) ? NULL : opik_apply_values_of(ap, f, &n_names);
	int64_t *kinds = arena_calloc(ap->arena, KIND__MAX, sizeof *kinds);
	bool is_empty = f->op == OPIK_IS_EMPTY || f->op == OPIK_IS_NOT_EMPTY;
	bool negates =
		f->op == OPIK_NOT_EQUAL || f->op == OPIK_NOT_IN || f->op == OPIK_IS_NOT_EMPTY;
	for (unsigned k = 0; k < KIND__MAX; k++) {
		int type = opik_type_of_kind((enum kind)k);
		struct str name = type < 0 ? STR("unknown") : opik_types[type];
		bool is_meant = is_empty && type < 0;
		for (size_t i = 0; i < n_names && !is_empty; i++)
			is_meant = is_meant || str_eq(names[i], name);
		if (is_meant)
			kinds[n++] = k;
	}
	opik_apply_add(ap, (struct pred){ .field = FIELD_KIND,
				   .op = negates ? OP_NOT_IN : OP_IN,
				   .absent_is_zero = true,
				   .numbers = kinds,
				   .n_values = n });
}

static void apply_enum(struct applying *ap, const struct opik_filter *f)
{
	if (f->field.place == OPIK_PLACE_KIND) {
		opik_apply_kind(ap, f);
		return;
	}
	struct pred p = opik_apply_text_pred(ap, f, engine_op[f->op]);
	if (f->op == OPIK_IN || f->op == OPIK_NOT_IN) {
		struct str *texts = opik_apply_values_of(ap, f, &p.n_values);
		for (size_t i = 0; i < p.n_values; i++)
			texts[i] = json_encode(ap->arena, texts[i]);
		p.texts = texts;
	}
	opik_apply_add(ap, p);
}

/* A row without a source was sent by an SDK that did not name it yet. */
static void apply_legacy(struct applying *ap, const struct opik_filter *f)
{
	struct pred p = opik_apply_text_pred(ap, f, engine_op[f->op]);
	struct pred unset = { .field = f->field.at, .op = OP_EMPTY };
	if (!str_eq(f->value, STR("sdk"))) {
		opik_apply_add(ap, p);
	} else if (f->op == OPIK_EQUAL) {
		add_either(ap, p, &unset);
	} else {
		p.absent_is_zero = false;
		opik_apply_add(ap, p);
	}
}

static void apply_error(struct applying *ap, const struct opik_filter *f)
{
	enum { FIELDS = 3, PREDS };
	static const enum field fields[FIELDS] = { FIELD_ERROR_TYPE, FIELD_ERROR_MESSAGE,
		FIELD_ERROR_TRACEBACK };
	struct pred *preds = arena_calloc(ap->arena, PREDS, sizeof *preds);
	int64_t *status = arena_alloc(ap->arena, sizeof *status);
	*status = STATUS_ERROR;
	for (size_t i = 0; i < FIELDS; i++)
		preds[i] = (struct pred){ .field = fields[i],
			.op = f->op == OPIK_IS_EMPTY ? OP_EMPTY : OP_NOT_EMPTY };
	/* In other APIs a status alone may say that a span failed. */
	preds[FIELDS] = (struct pred){ .field = FIELD_STATUS,
		.op = f->op == OPIK_IS_EMPTY ? OP_NE : OP_EQ,
		.numbers = status,
		.n_values = 1,
		.absent_is_zero = true };
	if (f->op == OPIK_IS_NOT_EMPTY)
		ap->parts->list[ap->parts->n++] = (struct clause){ preds, PREDS };
	else
		for (size_t i = 0; i < PREDS; i++)
			opik_apply_add(ap, preds[i]);
}

static void apply_scores(struct applying *ap, const struct opik_filter *f)
{
	const struct opik_scores *s =
		f->field.place == OPIK_PLACE_SCORES ? ap->scores : ap->span_scores;
	unsigned field = ap->of == OPIK_SPANS ? FIELD_SPAN_ID : FIELD_TRACE_ID;
	uint64_t name = note_folded_hash(ap->arena, json_encode(ap->arena, f->key));
	int64_t value;
	if (f->op == OPIK_IS_EMPTY || f->op == OPIK_IS_NOT_EMPTY) {
		struct hash_set has = opik_scores_set(s, ap->arena, name, OP_EQ, NULL);
		opik_apply_add(ap, set_pred(field, f->op == OPIK_IS_NOT_EMPTY, has));
		return;
	}
	if (!dec_to_units(f->value, OPIK_SCORE_DIGITS, &value))
		value = f->value.ptr[0] == '-' ? INT64_MIN : INT64_MAX;
	if (f->op == OPIK_NOT_EQUAL) {
		/* Opik compares with existing scores, so a row without scores never matches !=. */
		opik_apply_add(
			ap, set_pred(field, true, opik_scores_set(s, ap->arena, 0, OP_EQ, NULL)));
		opik_apply_add(ap,
			set_pred(field, false, opik_scores_set(s, ap->arena, name, OP_EQ, &value)));
		return;
	}
	opik_apply_add(ap, set_pred(field, true,
				   opik_scores_set(s, ap->arena, name, engine_op[f->op], &value)));
}

/* Matches a field that is not stored: an unset text, an empty list. */
static void apply_nothing(struct applying *ap, const struct opik_filter *f)
{
	add_constant(ap, f->op == OPIK_IS_EMPTY || f->op == OPIK_NOT_CONTAINS ||
				 f->op == OPIK_NOT_EQUAL || f->op == OPIK_LESS);
}

static void apply_one(struct applying *ap, const struct opik_filter *f)
{
	if (f->field.place == OPIK_PLACE_NOTHING) {
		apply_nothing(ap, f);
		return;
	}
	switch (f->field.type) {
	case OPIK_TYPE_STRING:
	case OPIK_TYPE_STRING_EXACT:
		apply_string(ap, f);
		break;
	case OPIK_TYPE_DATE_TIME:
		opik_apply_time(ap, f);
		break;
	case OPIK_TYPE_NUMBER:
		opik_apply_number(ap, f);
		break;
	case OPIK_TYPE_LIST:
		apply_list(ap, f);
		break;
	case OPIK_TYPE_DICTIONARY:
		apply_dictionary(ap, f);
		break;
	case OPIK_TYPE_FEEDBACK_SCORES_NUMBER:
		apply_scores(ap, f);
		break;
	case OPIK_TYPE_ERROR_CONTAINER:
		apply_error(ap, f);
		break;
	case OPIK_TYPE_ENUM:
		apply_enum(ap, f);
		break;
	case OPIK_TYPE_ENUM_LEGACY:
		apply_legacy(ap, f);
		break;
	case OPIK_TYPE_CUSTOM: /* replaced when it was read */
	case OPIK_TYPE__MAX:
		break;
	}
}

/* ---- Combining ---- */

static struct clause opik_join_clauses(struct arena *a, struct clause x, struct clause y)
{
	struct pred *preds = arena_calloc(a, x.n + y.n, sizeof *preds);
	memcpy(preds, x.preds, x.n * sizeof *preds);
	memcpy(preds + x.n, y.preds, y.n * sizeof *preds);
	return (struct clause){ preds, x.n + y.n };
}

/* Replaces `all` by all OR more, multiplied out. Returns false when there are too many clauses. */
static bool either(struct arena *a, struct parts *all, const struct parts *more)
{
	struct parts *out = arena_alloc(a, sizeof *out);
	if (all->n * more->n > LIMIT_PREDICATES)
		return false;
	for (size_t i = 0; i < all->n; i++)
		for (size_t j = 0; j < more->n; j++)
			out->list[out->n++] = opik_join_clauses(a, all->list[i], more->list[j]);
	*all = *out;
	return true;
}

static bool append(struct clause *list, size_t *n, const struct parts *parts)
{
	if (*n + parts->n > LIMIT_PREDICATES)
		return false;
	memcpy(list + *n, parts->list, parts->n * sizeof *list);
	*n += parts->n;
	return true;
}

/* True when the filter is one on absent scores. Opik matches those with one NOT IN: a row without
 * one of the names matches. */
static bool lacks_score(const struct opik_filter *f)
{
	return f->field.type == OPIK_TYPE_FEEDBACK_SCORES_NUMBER && f->op == OPIK_IS_EMPTY &&
	       !f->group;
}

static bool belongs(const struct opik_filter *f, const struct opik_filter *first)
{
	if (f == first)
		return true;
	if (lacks_score(first))
		return lacks_score(f) && f->field.place == first->field.place;
	return first->group && f->group == first->group;
}

/* True when the filter needs more than the row's own fields. For a thread, all fields but two need
 * its traces. */
static bool needs_sum(enum opik_of of, const struct opik_field *field)
{
	if (of == OPIK_THREADS)
		return field->at != FIELD_ORIGIN && field->at != FIELD_ENVIRONMENT;
	return field->place == OPIK_PLACE_SUM;
}

bool opik_filter_apply(const struct opik_filters *f, enum opik_of of,
	const struct opik_scores *scores, const struct opik_scores *span_scores, struct arena *a,
	struct opik_clauses *ret)
{
	bool done[LIMIT_PREDICATES] = { false };
	struct applying ap = { .arena = a, .of = of, .scores = scores, .span_scores = span_scores };
	struct parts *all = arena_alloc(a, sizeof *all);
	ap.parts = arena_alloc(a, sizeof *ap.parts);
	ret->n_plain = ret->n_summed = 0;
	for (size_t i = 0; i < f->n; i++) {
		bool is_summed = false;
		if (done[i])
			continue;
		all->n = 0;
		for (size_t j = i; j < f->n; j++) {
			if (!belongs(&f->list[j], &f->list[i]))
				continue;
			done[j] = true;
			is_summed = is_summed || needs_sum(of, &f->list[j].field);
			ap.parts->n = 0;
			apply_one(&ap, &f->list[j]);
			if (j == i)
				*all = *ap.parts;
			else if (!either(a, all, ap.parts))
				return false;
		}
		if (is_summed ? !append(ret->summed, &ret->n_summed, all)
			      : !append(ret->plain, &ret->n_plain, all))
			return false;
	}
	return true;
}
