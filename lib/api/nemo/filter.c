#include "api/nemo/filter.h"
#include "api/sort.h"

#include "json/write.h"

/* Largest depth of nested $and, $or and $not. Each opens two containers when it is written, and a
 * json_writer has room for JSON_WRITER_DEPTH. */
enum { FILTER_DEPTH = 20 };

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

struct member {
	struct str key; /* canonical body */
	struct json value;
};

struct members {
	struct member *list;
	size_t n;
};

struct reader {
	struct arena *arena;
	struct nemo_filter *out;
	struct json_writer echo, canonical;
	struct str detail;
};

static bool nemo_filter_fail(struct reader *rd, struct str detail)
{
	rd->detail = detail;
	return false;
}

static bool is_logical(struct str key)
{
	return str_eq(key, STR("$and")) || str_eq(key, STR("$or")) || str_eq(key, STR("$not"));
}

/* Returns the operator's name, "gte" also for "$gte", or STR_NULL for a key that is not an
 * operator. */
static struct str operator_key(struct str key)
{
	static const char *const bare[] = { "$gte", "$lte", "$gt", "$lt", "$like", "$eq", "$in",
		"$nin", "$not", "$exists" };
	if (key.len && key.ptr[0] == '$')
		return key;
	for (size_t i = 0; i < COUNT(bare); i++)
		if (str_eq(key, str_skip(str_from_c(bare[i]), 1)))
			return str_from_c(bare[i]);
	return STR_NULL;
}

/* Reads each key once: at its first place, with its last value, as in Python's dict. With
 * of_operators, "gte" and "$gte" are the same key. */
static bool nemo_filter_read_members(
	struct reader *rd, struct json object, bool of_operators, struct members *ret)
{
	struct member *list = arena_calloc(rd->arena, LIMIT_PREDICATES, sizeof *list);
	size_t n = 0;
	struct json_iter it = json_members(object);
	while (json_next(&it)) {
		struct str key = of_operators ? operator_key(it.key) : STR_NULL;
		if (str_is_null(key))
			key = it.key;
		size_t i = 0;
		while (i < n && !str_eq(list[i].key, key))
			i++;
		if (i == LIMIT_PREDICATES)
			return nemo_filter_fail(
				rd, arena_printf(rd->arena, "A filter has at most %d conditions",
					    LIMIT_PREDICATES));
		if (i == n)
			list[n++].key = key;
		list[i].value = it.value;
	}
	*ret = (struct members){ list, n };
	return true;
}

static bool has_operator(struct json v)
{
	struct json_iter it = json_members(v);
	while (json_next(&it))
		if (!str_is_null(operator_key(it.key)))
			return true;
	return false;
}

/* Returns ['a', 'b'] in ascending order, each name once. */
static struct str name_list(struct arena *a, struct str *names, size_t n)
{
	struct buf b;
	buf_init(&b, a);
	sort_texts(names, n);
	buf_add_char(&b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i && str_eq(names[i], names[i - 1]))
			continue;
		if (i)
			buf_add(&b, STR(", "));
		buf_add_char(&b, '\'');
		buf_add(&b, json_decode(a, names[i]));
		buf_add_char(&b, '\'');
	}
	buf_add_char(&b, ']');
	return buf_str(&b);
}

static bool check_not_mixed(struct reader *rd, const struct members *m, struct str scope)
{
	bool is_mixed = false;
	struct str names[LIMIT_PREDICATES];
	for (size_t i = 0; i < m->n; i++) {
		is_mixed |= m->n > 1 && is_logical(m->list[i].key);
		names[i] = m->list[i].key;
	}
	if (!is_mixed)
		return true;
	struct str list = name_list(rd->arena, names, m->n);
	return nemo_filter_fail(rd,
		arena_printf(rd->arena,
			"%.*s filter mixes a logical operator with sibling keys (%.*s); wrap the "
			"siblings inside the logical operator or under an explicit $and",
			STR_ARG(scope), STR_ARG(list)));
}

static bool nemo_filter_add_term(
	struct reader *rd, struct str field, enum nemo_op op, struct json value)
{
	struct nemo_filter *f = rd->out;
	if (f->n_terms == LIMIT_PREDICATES)
		return nemo_filter_fail(
			rd, arena_printf(rd->arena, "A filter has at most %d conditions",
				    LIMIT_PREDICATES));
	if ((op == NEMO_OP_IN || op == NEMO_OP_NIN) && value.type == JSON_STRING) {
		/* "a,b" means ["a","b"], as in the bracket form. */
		struct buf b;
		buf_init(&b, rd->arena);
		struct str rest = json_body(value);
		while (!str_is_null(rest)) {
			buf_add(&b, b.len ? STR(",\"") : STR("[\""));
			buf_add(&b, str_cut(&rest, ','));
			buf_add_char(&b, '"');
		}
		buf_add_char(&b, ']');
		value = json_open(buf_str(&b));
	}
	f->terms[f->n_terms++] = (struct nemo_term){ .field = field, .op = op, .value = value };
	json_object(&rd->canonical);
	json_key_body(&rd->canonical, field);
	json_object(&rd->canonical);
	json_key(&rd->canonical, nemo_op_name(op));
	json_raw(&rd->canonical, value.raw);
	json_end(&rd->canonical);
	json_end(&rd->canonical);
	return true;
}

static bool read_comparison(struct reader *rd, struct str field, struct str key, struct json value)
{
	for (unsigned op = 0; op < NEMO_OP__MAX; op++)
		if (str_eq(key, nemo_op_name(op)))
			return nemo_filter_add_term(rd, field, op, value);
	return nemo_filter_fail(rd, arena_printf(rd->arena, "'%.*s' is not a valid FilterOperator",
					    STR_ARG(json_decode(rd->arena, key))));
}

static bool read_operators(struct reader *rd, struct str field, struct json value, unsigned depth);
static bool read_object(struct reader *rd, struct json object, unsigned depth);

/* Reads the children of a logical operator: of a field ("gte" and so on inside) or of whole
 * objects. */
static bool read_logical(struct reader *rd, const struct str *field, struct str key,
	struct json value, unsigned depth)
{
	bool is_not = str_eq(key, STR("$not"));
	if (depth == FILTER_DEPTH)
		return nemo_filter_fail(rd, STR("The filter is nested too deeply"));
	if (value.type != (is_not ? JSON_OBJECT : JSON_ARRAY))
		return nemo_filter_fail(rd, arena_printf(rd->arena, "%.*s takes %s", STR_ARG(key),
						    is_not ? "an object" : "a list of objects"));
	if (!str_eq(key, STR("$and")))
		rd->out->is_and_only = false;
	json_object(&rd->canonical);
	json_key(&rd->canonical, key);
	json_key(&rd->echo, key);
	if (is_not) {
		if (!(field ? read_operators(rd, *field, value, depth + 1)
			    : read_object(rd, value, depth + 1)))
			return false;
		json_end(&rd->canonical);
		return true;
	}
	json_array(&rd->canonical);
	json_array(&rd->echo);
	struct json_iter it = json_elements(value);
	while (json_next(&it)) {
		if (it.value.type != JSON_OBJECT)
			return nemo_filter_fail(
				rd, arena_printf(rd->arena, "%.*s takes a list of objects",
					    STR_ARG(key)));
		if (!(field ? read_operators(rd, *field, it.value, depth + 1)
			    : read_object(rd, it.value, depth + 1)))
			return false;
	}
	json_end(&rd->canonical);
	json_end(&rd->canonical);
	json_end(&rd->echo);
	return true;
}

static void open_and(struct reader *rd, size_t n)
{
	if (n == 1)
		return;
	json_object(&rd->canonical);
	json_key(&rd->canonical, STR("$and"));
	json_array(&rd->canonical);
}

static void close_and(struct reader *rd, size_t n)
{
	if (n == 1)
		return;
	json_end(&rd->canonical);
	json_end(&rd->canonical);
}

/* Reads {"$gte":…,"$lte":…} of one field. FILTER_DEPTH bounds the recursion. */
static bool read_operators(struct reader *rd, struct str field, struct json value, unsigned depth)
{
	struct members m;
	struct str plain = json_decode(rd->arena, field);
	if (!nemo_filter_read_members(rd, value, true, &m) ||
		!check_not_mixed(rd, &m, arena_printf(rd->arena, "Field '%.*s'", STR_ARG(plain))))
		return false;
	if (m.n == 0)
		return nemo_filter_fail(
			rd, arena_printf(rd->arena, "No valid operation found for field %.*s",
				    STR_ARG(plain)));
	json_object(&rd->echo);
	open_and(rd, m.n);
	for (size_t i = 0; i < m.n; i++) {
		struct str key = m.list[i].key;
		struct json operand = m.list[i].value;
		if (is_logical(key)) {
			if (!read_logical(rd, &field, key, operand, depth))
				return false;
			continue;
		}
		if (!read_comparison(rd, field, key, operand))
			return false;
		json_key(&rd->echo, key);
		json_raw(&rd->echo, operand.raw);
	}
	close_and(rd, m.n);
	json_end(&rd->echo);
	return true;
}

/* Reads {"field":…,"field":…} or {"$and":[…]}. FILTER_DEPTH bounds the recursion. */
static bool read_object(struct reader *rd, struct json object, unsigned depth)
{
	struct members m;
	if (!nemo_filter_read_members(rd, object, false, &m) ||
		!check_not_mixed(rd, &m, STR("Top-level")))
		return false;
	if (m.n == 0)
		return nemo_filter_fail(rd, STR("No valid filter criteria found"));
	json_object(&rd->echo);
	open_and(rd, m.n);
	for (size_t i = 0; i < m.n; i++) {
		struct str key = m.list[i].key;
		struct json value = m.list[i].value;
		if (is_logical(key)) {
			if (!read_logical(rd, NULL, key, value, depth))
				return false;
			continue;
		}
		json_key_body(&rd->echo, key);
		if (has_operator(value)) {
			if (!read_operators(rd, key, value, depth))
				return false;
			continue;
		}
		json_raw(&rd->echo, value.raw);
		if (!nemo_filter_add_term(rd, key, NEMO_OP_EQ, value))
			return false;
	}
	close_and(rd, m.n);
	json_end(&rd->echo);
	return true;
}

static bool check_names(struct reader *rd)
{
	const struct nemo_filter *f = rd->out;
	for (size_t i = 0; i < f->n_terms; i++) {
		if (nemo_filter_knows(f->of, f->terms[i].field))
			continue;
		struct str names[NEMO_FILTER_NAMES_MAX];
		size_t n = nemo_filter_names(f->of, names);
		struct str list = name_list(rd->arena, names, n);
		return nemo_filter_fail(rd,
			arena_printf(rd->arena, "Unknown filter field '%.*s'. Valid fields: %.*s",
				STR_ARG(json_decode(rd->arena, f->terms[i].field)), STR_ARG(list)));
	}
	return true;
}

static bool nemo_filter_read_json(struct reader *rd, struct str text)
{
	struct json_error e;
	if (!json_check(text, LIMIT_DEPTH, &e))
		return nemo_filter_fail(
			rd, arena_printf(rd->arena, "Invalid JSON in filter parameter: %.*s",
				    STR_ARG(text)));
	struct json v = json_open(json_canonical(rd->arena, str_trim(text)));
	if (str_eq(v.raw, STR("{}")))
		return true;
	struct buf echo, canonical;
	buf_init(&echo, rd->arena);
	buf_init(&canonical, rd->arena);
	json_writer_init(&rd->echo, &echo);
	json_writer_init(&rd->canonical, &canonical);
	rd->out->terms = arena_calloc(rd->arena, LIMIT_PREDICATES, sizeof *rd->out->terms);
	if (!read_object(rd, v, 0))
		return false;
	rd->out->echo = buf_str(&echo);
	rd->out->canonical = buf_str(&canonical);
	return check_names(rd);
}

bool nemo_filter_parse(const struct request *r, enum nemo_filter_of of, struct nemo_filter *ret,
	struct str *ret_detail)
{
	struct nemo_filter f = { .of = of, .is_and_only = true, .echo = STR("{}") };
	struct reader rd = { .arena = r->arena, .out = &f };
	const struct param *p = request_param(r, STR("filter"));
	struct str json = STR_NULL;
	bool is_read;
	if (p && str_starts(str_trim(p->value), STR("{"))) {
		json = p->value;
		is_read = true;
	} else if (p) {
		is_read = nemo_filter_parse_text(r->arena, p->value, &json, &rd.detail);
	} else {
		is_read = nemo_filter_parse_brackets(r, &json, &rd.detail);
	}
	if (is_read && !str_is_null(json))
		is_read = nemo_filter_read_json(&rd, json);
	if (!is_read) {
		*ret_detail = rd.detail;
		return false;
	}
	*ret = f;
	return true;
}
