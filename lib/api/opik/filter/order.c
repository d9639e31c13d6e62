#include "api/opik/filter/order.h"

#include "base/utime.h"
#include "base/uuid.h"
#include "query/match/match.h"
#include "semconv/opik_id.h"

/* Bytes of a time in front of an id: hex digits, which sort like the number. */
enum { TIME_DIGITS = 16 };

/* ---- Keys ---- */

int64_t opik_order_ms(struct str shown, const struct span *s)
{
	int64_t ms, ns = span_i64(s, FIELD_STARTED_AT, 0);
	if (opik_id_time(shown, &ms))
		return ms;
	return ns / NS_PER_MS - (ns % NS_PER_MS < 0);
}

static struct str opik_order_text(struct arena *a, int64_t ms, struct str shown)
{
	return arena_printf(a, "%0*llx%.*s", TIME_DIGITS,
		(unsigned long long)((uint64_t)ms ^ UINT64_C(1) << 63), STR_ARG(shown));
}

static struct str opik_order_key(struct arena *a, const struct span *s, enum field id)
{
	struct str shown = opik_id_shown_in(a, s, id);
	return opik_order_text(a, opik_order_ms(shown, s), shown);
}

static void opik_order_by_trace(
	void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	(void)user;
	ret->text = opik_order_key(a, s, FIELD_TRACE_ID);
}

static void by_span(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	(void)user;
	ret->text = opik_order_key(a, s, FIELD_SPAN_ID);
}

static void by_parent(void *user, const struct span *s, struct arena *a, struct sort_value *ret)
{
	(void)user;
	ret->text = opik_id_shown_in(a, s, FIELD_PARENT_SPAN_ID);
	if (str_is_null(ret->text))
		ret->text = STR("");
}

static void opik_order_add_plain(struct query *q, enum field f)
{
	q->sort[q->n_sort++] =
		(struct sort_key){ .field = f, .descending = true, .absent_is_zero = true };
}

static void opik_order_add_computed(struct query *q, sort_compute *compute, enum field f)
{
	struct sort_key k = { .field = QUERY_COMPUTED, .descending = true, .compute = compute };
	field_set_add(&k.needs, f);
	field_set_add(&k.needs, FIELD_STARTED_AT);
	field_set_add(&k.needs, FIELD_OPIK_MS);
	q->sort[q->n_sort++] = k;
}

/* ---- Which keys ---- */

static bool opik_order_note_any(void *user, const struct span *s, struct row_ref ref)
{
	(void)s;
	(void)ref;
	*(bool *)user = true;
	return false;
}

/* Sets *ret to true when each row is Opik's own and its trace's id has a time. */
static enum err opik_order_is_plain(struct opik_list *l, bool *ret)
{
	static const struct str own = { OPIK_SOURCE, sizeof OPIK_SOURCE - 1 };
	static const struct str first = { "01", 2 }, end = { "04", 2 };
	const struct pred others[] = {
		{ .field = FIELD_SOURCE, .op = OP_NE, .texts = &own, .n_values = 1 },
		{ .field = FIELD_TRACE_ID, .op = OP_LT, .texts = &first, .n_values = 1 },
		{ .field = FIELD_TRACE_ID, .op = OP_GE, .texts = &end, .n_values = 1 }
	};
	struct field_set nothing = { { 0 } };
	struct query q = l->query;
	struct clause *clauses = arena_calloc(l->request->arena, q.n_clauses + 1, sizeof *clauses);
	bool any = false;
	memcpy(clauses, q.clauses, q.n_clauses * sizeof *clauses);
	clauses[q.n_clauses++] = (struct clause){ others, sizeof others / sizeof others[0] };
	q.clauses = clauses;
	enum err e = engine_each(&l->view, &q, &nothing, opik_order_note_any, &any);
	*ret = !any;
	return e;
}

enum err opik_order_list(struct opik_list *l)
{
	struct query *q = &l->query;
	bool is_plain;
	enum err e = opik_order_is_plain(l, &is_plain);
	if (e)
		return e;
	if (is_plain)
		opik_order_add_plain(q, FIELD_TRACE_ID);
	else
		opik_order_add_computed(q, opik_order_by_trace, FIELD_TRACE_ID);
	if (l->of != OPIK_SPANS)
		return ERR_OK;
	if (is_plain) {
		opik_order_add_plain(q, FIELD_PARENT_SPAN_ID);
		opik_order_add_plain(q, FIELD_SPAN_ID);
	} else {
		opik_order_add_computed(q, by_parent, FIELD_PARENT_SPAN_ID);
		opik_order_add_computed(q, by_span, FIELD_SPAN_ID);
	}
	return ERR_OK;
}

/* ---- Streams ---- */

/* Sets the position of the cursor: that of its row, or where the time in the id says. */
static enum err opik_order_find_cursor(
	struct opik_list *l, bool is_plain, struct position *ret, bool *ret_is_end)
{
	struct arena *a = l->request->arena;
	struct span s;
	bool is_found;
	int64_t ms;
	enum err e = opik_find_one(&l->view, l->of, l->last_id, &s, &is_found);
	if (e)
		return e;
	if (is_found) {
		query_position(&l->query, &s, a, ret);
		return ERR_OK;
	}
	*ret_is_end = !opik_id_time(l->last_id, &ms);
	if (!*ret_is_end)
		ret->value[0] = (struct sort_value){
			.text = is_plain ? l->last_id : opik_order_text(a, ms, l->last_id)
		};
	return ERR_OK;
}

enum err opik_order_stream(struct opik_list *l, bool *ret_is_end)
{
	enum field f = l->of == OPIK_SPANS ? FIELD_SPAN_ID : FIELD_TRACE_ID;
	struct query *q = &l->query;
	bool is_plain;
	enum err e = opik_order_is_plain(l, &is_plain);
	*ret_is_end = false;
	if (e)
		return e;
	q->n_sort = 0;
	if (is_plain)
		opik_order_add_plain(q, f);
	else
		opik_order_add_computed(q, f == FIELD_SPAN_ID ? by_span : opik_order_by_trace, f);
	if (str_is_null(l->last_id))
		return ERR_OK;
	struct position *after = arena_calloc(l->request->arena, 1, sizeof *after);
	q->after = after;
	return opik_order_find_cursor(l, is_plain, after, ret_is_end);
}
