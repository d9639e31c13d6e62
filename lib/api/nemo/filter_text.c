#include "api/nemo/filter.h"

#include "json/write.h"

/*
 * The grammar:
 *
 *	expression	conjunction { OR conjunction }
 *	conjunction	unary { [AND] unary }
 *	unary		- unary | ( expression ) | comparison
 *	comparison	field (: | ~ | > | >= | < | <=) value | field [NOT] IN [ value {, value} ]
 *	value		"text" | number | true | false | null
 */

/* Largest depth of nested parentheses and minus signs. */
enum { TEXT_DEPTH = 16 };

enum node_type { NODE_COMPARISON, NODE_AND, NODE_OR, NODE_NOT };

struct node {
	enum node_type type;
	struct str field; /* plain text, of a comparison */
	const char *op;   /* "$eq" */
	struct str value; /* JSON */
	struct node *first, *last;
	size_t n;          /* children */
	struct node *next; /* sibling */
};

struct parser {
	struct arena *arena;
	struct str text;
	size_t at;
	unsigned depth;
	struct str detail;
};

static struct node *parse_expression(struct parser *p);

static struct node *nemo_text_fail(struct parser *p, const char *what)
{
	p->detail = arena_printf(
		p->arena, "Invalid filter query: %s at character %zu", what, p->at + 1);
	return NULL;
}

static void nemo_text_skip_blanks(struct parser *p)
{
	while (p->at < p->text.len &&
		(p->text.ptr[p->at] == ' ' || p->text.ptr[p->at] == '\t' ||
			p->text.ptr[p->at] == '\n' || p->text.ptr[p->at] == '\r'))
		p->at++;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ascii_is_digit(c) || c == '_' ||
	       c == '.' || c == '$';
}

/* Returns the word that begins here; empty when there is none. */
static struct str peek_word(const struct parser *p)
{
	struct str rest = str_skip(p->text, p->at);
	size_t n = 0;
	while (n < rest.len && is_word_char(rest.ptr[n]))
		n++;
	return str_first(rest, n);
}

static bool take_word(struct parser *p, struct str word)
{
	nemo_text_skip_blanks(p);
	if (!str_eq_nocase(peek_word(p), word))
		return false;
	p->at += word.len;
	return true;
}

static bool nemo_text_take_char(struct parser *p, char c)
{
	nemo_text_skip_blanks(p);
	if (p->at >= p->text.len || p->text.ptr[p->at] != c)
		return false;
	p->at++;
	return true;
}

static struct node *new_node(struct parser *p, enum node_type type)
{
	struct node *n = arena_alloc(p->arena, sizeof *n);
	n->type = type;
	return n;
}

static void add_child(struct node *parent, struct node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->n++;
}

/* Returns the bytes of the quoted text that begins here, with its quotes, or 0 when it does not
 * end. */
static size_t quoted_length(struct str s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '"')
			return i + 1;
	}
	return 0;
}

static bool parse_value(struct parser *p, struct str *ret)
{
	nemo_text_skip_blanks(p);
	struct str rest = str_skip(p->text, p->at);
	size_t n = 0;
	if (rest.len && rest.ptr[0] == '"') {
		n = quoted_length(rest);
	} else {
		while (n < rest.len &&
			(is_word_char(rest.ptr[n]) || rest.ptr[n] == '-' || rest.ptr[n] == '+'))
			n++;
	}
	struct str value = str_first(rest, n);
	struct json_error e;
	if (n == 0 || !json_check(value, 1, &e)) {
		(void)nemo_text_fail(p, "expected a value (texts stand in double quotes)");
		return false;
	}
	p->at += n;
	*ret = value;
	return true;
}

static bool parse_list(struct parser *p, struct str *ret)
{
	if (!nemo_text_take_char(p, '[')) {
		(void)nemo_text_fail(p, "expected [");
		return false;
	}
	struct buf b;
	buf_init(&b, p->arena);
	buf_add_char(&b, '[');
	do {
		struct str value;
		if (!parse_value(p, &value))
			return false;
		if (b.len > 1)
			buf_add_char(&b, ',');
		buf_add(&b, value);
	} while (nemo_text_take_char(p, ','));
	if (!nemo_text_take_char(p, ']')) {
		(void)nemo_text_fail(p, "expected ]");
		return false;
	}
	buf_add_char(&b, ']');
	*ret = buf_str(&b);
	return true;
}

static const char *take_operator(struct parser *p)
{
	static const struct {
		const char *sign, *op;
	} signs[] = { { ">=", "$gte" }, { "<=", "$lte" }, { ">", "$gt" }, { "<", "$lt" },
		{ ":", "$eq" }, { "~", "$like" } };
	nemo_text_skip_blanks(p);
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		struct str sign = str_from_c(signs[i].sign);
		if (str_starts(str_skip(p->text, p->at), sign)) {
			p->at += sign.len;
			return signs[i].op;
		}
	}
	return NULL;
}

static struct node *parse_comparison(struct parser *p)
{
	nemo_text_skip_blanks(p);
	struct node *n = new_node(p, NODE_COMPARISON);
	n->field = peek_word(p);
	if (n->field.len == 0)
		return nemo_text_fail(p, "expected a field");
	p->at += n->field.len;
	n->op = take_operator(p);
	if (n->op)
		return parse_value(p, &n->value) ? n : NULL;
	bool is_negated = take_word(p, STR("NOT"));
	if (!take_word(p, STR("IN")))
		return nemo_text_fail(p, "expected an operator");
	n->op = is_negated ? "$nin" : "$in";
	return parse_list(p, &n->value) ? n : NULL;
}

static struct node *parse_unary(struct parser *p)
{
	if (p->depth >= TEXT_DEPTH)
		return nemo_text_fail(p, "too many parentheses");
	p->depth++;
	struct node *n;
	if (nemo_text_take_char(p, '-')) {
		struct node *child = parse_unary(p);
		n = child ? new_node(p, NODE_NOT) : NULL;
		if (n)
			add_child(n, child);
	} else if (nemo_text_take_char(p, '(')) {
		n = parse_expression(p);
		if (n && !nemo_text_take_char(p, ')'))
			n = nemo_text_fail(p, "expected )");
	} else {
		n = parse_comparison(p);
	}
	p->depth--;
	return n;
}

static struct node *parse_conjunction(struct parser *p)
{
	struct node *all = new_node(p, NODE_AND);
	for (;;) {
		struct node *child = parse_unary(p);
		if (!child)
			return NULL;
		add_child(all, child);
		if (take_word(p, STR("AND")))
			continue;
		nemo_text_skip_blanks(p);
		if (p->at >= p->text.len || p->text.ptr[p->at] == ')' ||
			str_eq_nocase(peek_word(p), STR("OR")))
			return all->n == 1 ? all->first : all;
	}
}

static struct node *parse_expression(struct parser *p)
{
	struct node *any = new_node(p, NODE_OR);
	do {
		struct node *child = parse_conjunction(p);
		if (!child)
			return NULL;
		add_child(any, child);
	} while (take_word(p, STR("OR")));
	return any->n == 1 ? any->first : any;
}

/* True when these comparisons can be members of one object: each pair of field and operator stands
 * once, and $eq stands alone. */
static bool can_merge(const struct node *all)
{
	for (const struct node *x = all->first; x; x = x->next) {
		if (x->type != NODE_COMPARISON)
			return false;
		for (const struct node *y = all->first; y != x; y = y->next)
			if (str_eq(x->field, y->field) &&
				(strcmp(x->op, y->op) == 0 || strcmp(x->op, "$eq") == 0 ||
					strcmp(y->op, "$eq") == 0))
				return false;
	}
	return true;
}

/* Writes the member of x's field with all operators of that field from x on. */
static void nemo_text_write_member(struct json_writer *w, const struct node *x)
{
	json_key_text(w, x->field);
	if (strcmp(x->op, "$eq") == 0) {
		json_raw(w, x->value);
		return;
	}
	json_object(w);
	for (const struct node *y = x; y; y = y->next) {
		if (!str_eq(x->field, y->field))
			continue;
		json_key(w, str_from_c(y->op));
		json_raw(w, y->value);
	}
	json_end(w);
}

static bool stands_before(const struct node *all, const struct node *x)
{
	for (const struct node *y = all->first; y != x; y = y->next)
		if (str_eq(x->field, y->field))
			return true;
	return false;
}

/* TEXT_DEPTH bounds the recursion. */
static void write_node(struct json_writer *w, const struct node *n)
{
	json_object(w);
	switch (n->type) {
	case NODE_COMPARISON: {
		struct node alone = *n;
		alone.next = NULL;
		nemo_text_write_member(w, &alone);
		break;
	}
	case NODE_NOT:
		json_key(w, STR("$not"));
		write_node(w, n->first);
		break;
	case NODE_AND:
	case NODE_OR:
		if (n->type == NODE_AND && can_merge(n)) {
			for (const struct node *x = n->first; x; x = x->next)
				if (!stands_before(n, x))
					nemo_text_write_member(w, x);
			break;
		}
		json_key(w, n->type == NODE_AND ? STR("$and") : STR("$or"));
		json_array(w);
		for (const struct node *x = n->first; x; x = x->next)
			write_node(w, x);
		json_end(w);
		break;
	}
	json_end(w);
}

bool nemo_filter_parse_text(
	struct arena *a, struct str text, struct str *ret_json, struct str *ret_detail)
{
	if (str_trim(text).len == 0) {
		*ret_detail = STR("Filter query cannot be empty");
		return false;
	}
	struct parser p = { .arena = a, .text = text };
	struct node *n = parse_expression(&p);
	if (n && p.at < text.len)
		n = nemo_text_fail(&p, "unexpected text");
	if (!n) {
		*ret_detail = p.detail;
		return false;
	}
	struct buf b;
	struct json_writer w;
	buf_init(&b, a);
	json_writer_init(&w, &b);
	write_node(&w, n);
	*ret_json = buf_str(&b);
	return true;
}
