/* Sort orders of match.h: the values of a span, their comparison, and their keys. */
#include "query/match/order.h"

#include "query/match/path.h"
#include "query/match/text.h"
#include "json/order.h"

bool order_dec(struct str dec, int64_t *ret)
{
	if (dec.len == 0 || (dec.ptr[0] != '-' && !ascii_is_digit(dec.ptr[0])))
		return false;
	if (!dec_to_pico(dec, ret))
		*ret = dec.ptr[0] == '-' ? INT64_MIN : INT64_MAX;
	return true;
}

int64_t order_double(double d)
{
	int64_t bits;
	d += 0.0; /* -0 is 0 */
	memcpy(&bits, &d, sizeof bits);
	return bits < 0 ? bits ^ INT64_MAX : bits;
}

static void json_value(
	const struct sort_key *k, const struct span *s, struct arena *a, struct sort_value *ret)
{
	double d;
	struct str text = span_text(s, (enum field)k->field);
	if (!str_is_null(k->path))
		text = path_scalar(path_get(a, json_open(text), k->path));
	ret->is_absent = str_is_null(text);
	if (!k->numeric)
		ret->text = text;
	else if (!ret->is_absent && str_to_double(text, &d))
		ret->number = order_double(d);
	else
		ret->is_absent = true;
}

static void order_number_value(bool is_present, int64_t number, struct sort_value *ret)
{
	ret->is_absent = !is_present;
	ret->number = is_present ? number : 0;
}

static void key_value(
	const struct sort_key *k, const struct span *s, struct arena *a, struct sort_value *ret)
{
	int64_t number = 0;
	enum field f = (enum field)k->field;
	if (k->field == QUERY_COMPUTED) {
		k->compute(k->user, s, a, ret);
		return;
	}
	if (k->field == QUERY_DURATION) {
		bool is_present = span_duration(s, &number);
		order_number_value(is_present, number, ret);
		return;
	}
	if (k->field == QUERY_SPAN_ORDER) {
		struct str id = span_text(s, FIELD_SPAN_ID);
		order_number_value(!str_is_null(id), span_text_order(id), ret);
		return;
	}
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		ret->text = span_text(s, f);
		ret->is_absent = str_is_null(ret->text);
		break;
	case FIELD_TYPE_JSON:
		json_value(k, s, a, ret);
		break;
	case FIELD_TYPE_DEC:
		ret->is_absent = !order_dec(span_text(s, f), &ret->number);
		break;
	default:
		order_number_value(span_has(s, f), span_i64(s, f, 0), ret);
	}
}

void query_position(
	const struct query *q, const struct span *s, struct arena *a, struct position *ret)
{
	for (size_t i = 0; i < q->n_sort; i++) {
		struct sort_value *v = &ret->value[i];
		*v = (struct sort_value){ .text = STR_NULL };
		key_value(&q->sort[i], s, a, v);
		if (v->is_absent && q->sort[i].absent_is_zero) {
			v->is_absent = false;
			v->text = STR("");
		}
	}
}

static bool order_is_text(const struct sort_key *k)
{
	if (k->field >= FIELD__MAX)
		return k->field == QUERY_COMPUTED && !k->numeric;
	enum field_type t = field_info[k->field].type;
	return t == FIELD_TYPE_STR || t == FIELD_TYPE_TEXT || (t == FIELD_TYPE_JSON && !k->numeric);
}

/* The text of a whole JSON value is plain text, and so is a computed one; all else is a body. */
static bool order_is_plain(const struct sort_key *k)
{
	if (k->field == QUERY_COMPUTED)
		return true;
	return k->field < FIELD__MAX && field_info[k->field].type == FIELD_TYPE_JSON &&
	       str_is_null(k->path);
}

static int value_compare(
	const struct sort_key *k, const struct sort_value *x, const struct sort_value *y)
{
	if (x->is_absent || y->is_absent)
		return x->is_absent - y->is_absent;
	int order = (x->number > y->number) - (x->number < y->number);
	if (order_is_text(k))
		order = order_is_plain(k) ? str_cmp(x->text, y->text)
					  : body_order(x->text, y->text);
	return k->descending ? (order < 0) - (order > 0) : order;
}

int query_compare(const struct query *q, const struct position *x, const struct position *y)
{
	for (size_t i = 0; i < q->n_sort; i++) {
		int order = value_compare(&q->sort[i], &x->value[i], &y->value[i]);
		if (order)
			return order;
	}
	return 0;
}

static void order_put_number(struct buf *out, int64_t number, unsigned char invert)
{
	uint64_t v = (uint64_t)number ^ UINT64_C(1) << 63;
	char *p = buf_reserve(out, sizeof v);
	for (size_t i = 0; i < sizeof v; i++)
		p[i] = (char)((v >> (56 - 8 * i) & 0xff) ^ invert);
	out->len += sizeof v;
}

static void order_put_text(struct buf *out, struct str text, unsigned char invert)
{
	char *start = buf_reserve(out, 2 * text.len + 2), *p = start;
	for (size_t i = 0; i < text.len; i++) {
		*p++ = (char)(text.ptr[i] ^ invert);
		if (text.ptr[i] == 0)
			*p++ = (char)(0xff ^ invert);
	}
	*p++ = (char)invert;
	*p++ = (char)invert;
	out->len += (size_t)(p - start);
}

void order_key(const struct query *q, const struct position *p, struct arena *a, struct buf *out)
{
	for (size_t i = 0; i < q->n_sort; i++) {
		const struct sort_key *k = &q->sort[i];
		const struct sort_value *v = &p->value[i];
		unsigned char invert = k->descending ? 0xff : 0;
		buf_add_char(out, v->is_absent ? 1 : 0);
		if (v->is_absent)
			continue;
		if (order_is_text(k))
			order_put_text(
				out, order_is_plain(k) ? v->text : json_decode(a, v->text), invert);
		else
			order_put_number(out, v->number, invert);
	}
}
