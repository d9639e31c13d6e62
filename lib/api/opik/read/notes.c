/* Renders the scores and comments of a span, trace or thread. */
#include "api/opik/render.h"

#include <stdlib.h>

struct str opik_score_text(struct arena *a, int64_t units)
{
	uint64_t n = units < 0 ? (uint64_t)0 - (uint64_t)units : (uint64_t)units;
	struct str text = arena_printf(a, "%s%llu.%09llu", units < 0 ? "-" : "",
		(unsigned long long)(n / 1000000000), (unsigned long long)(n % 1000000000));
	while (text.ptr[text.len - 1] == '0')
		text.len--;
	if (text.ptr[text.len - 1] == '.')
		text.len--;
	return text;
}

/* The scores of one name, one for each author. */
struct scores {
	const struct note *list;
	size_t n;
};

static struct str of_score(const struct note *n, enum note_field f)
{
	return n->text[f].len ? n->text[f] : STR_NULL;
}

/* Writes the authors' texts separated by ", ", and nothing when no author has one. */
static void write_joined(struct opik_render *p, struct json_writer *w, const char *name,
	struct scores s, enum note_field f, struct str otherwise)
{
	struct buf b;
	size_t n_said = 0;
	buf_init(&b, p->arena);
	for (size_t i = 0; i < s.n; i++) {
		struct str text = of_score(&s.list[i], f);
		n_said += !str_is_null(text);
		if (str_is_null(text))
			text = otherwise;
		if (i)
			buf_add(&b, STR(", "));
		buf_add(&b, text);
	}
	if (n_said)
		json_member_body(w, str_from_c(name), buf_str(&b));
}

static struct str value_text(struct opik_render *p, const struct note *n)
{
	int64_t units = 0;
	(void)dec_to_units(n->text[NOTE_FIELD_VALUE], OPIK_SCORE_DIGITS, &units); /* as stored */
	return opik_score_text(p->arena, units);
}

static void write_mean(struct opik_render *p, struct json_writer *w, struct scores s)
{
	struct opik_score mean = { .n = 0 };
	for (size_t i = 0; i < s.n; i++) {
		int64_t units;
		if (!dec_to_units(s.list[i].text[NOTE_FIELD_VALUE], OPIK_SCORE_DIGITS, &units))
			continue;
		mean.sum += units;
		mean.n++;
	}
	json_member_raw(w, STR("value"),
		mean.n ? opik_score_text(p->arena, opik_score_value(&mean)) : STR("0"));
}

static void write_by_author(struct opik_render *p, struct json_writer *w, struct scores s)
{
	json_key(w, STR("value_by_author"));
	json_object(w);
	for (size_t i = 0; i < s.n; i++) {
		const struct note *n = &s.list[i];
		struct str author = of_score(n, NOTE_FIELD_UPDATED_BY);
		if (str_is_null(author))
			author = STR("admin");
		json_key_body(w, author);
		json_object(w);
		json_member_body(w, STR("author"), author);
		json_member_raw(w, STR("value"), value_text(p, n));
		if (n->text[NOTE_FIELD_REASON].len)
			json_member_body(w, STR("reason"), n->text[NOTE_FIELD_REASON]);
		if (n->text[NOTE_FIELD_CATEGORY].len)
			json_member_body(w, STR("category_name"), n->text[NOTE_FIELD_CATEGORY]);
		if (n->text[NOTE_FIELD_ORIGIN].len)
			json_member_body(w, STR("source"), n->text[NOTE_FIELD_ORIGIN]);
		opik_render_time(w, STR("last_updated_at"), n->updated_ns);
		json_member_text(w, STR("span_type"), STR(""));
		json_member_text(w, STR("span_id"), STR(""));
		json_end(w);
	}
	json_end(w);
}

static void write_score(struct opik_render *p, struct json_writer *w, struct scores s)
{
	int64_t created = s.list[0].created_ns, updated = s.list[0].updated_ns;
	for (size_t i = 1; i < s.n; i++) {
		created = s.list[i].created_ns < created ? s.list[i].created_ns : created;
		updated = s.list[i].updated_ns > updated ? s.list[i].updated_ns : updated;
	}
	json_object(w);
	json_member_body(w, STR("name"), s.list[0].text[NOTE_FIELD_NAME]);
	write_joined(p, w, "category_name", s, NOTE_FIELD_CATEGORY, STR(""));
	write_mean(p, w, s);
	write_joined(p, w, "reason", s, NOTE_FIELD_REASON, STR("<no reason>"));
	if (s.list[0].text[NOTE_FIELD_ORIGIN].len)
		json_member_body(w, STR("source"), s.list[0].text[NOTE_FIELD_ORIGIN]);
	opik_render_time(w, STR("created_at"), created);
	opik_render_time(w, STR("last_updated_at"), updated);
	write_joined(p, w, "created_by", s, NOTE_FIELD_CREATED_BY, STR("admin"));
	write_joined(p, w, "last_updated_by", s, NOTE_FIELD_UPDATED_BY, STR("admin"));
	write_by_author(p, w, s);
	json_end(w);
}

/* Writes scores of the same name together, in the order of their first score. */
static void write_scores(struct opik_render *p, struct json_writer *w, struct note *list, size_t n)
{
	json_key(w, STR("feedback_scores"));
	json_array(w);
	for (size_t i = 0; i < n;) {
		size_t same = i + 1;
		for (size_t j = i + 1; j < n; j++)
			if (str_eq(list[j].text[NOTE_FIELD_NAME], list[i].text[NOTE_FIELD_NAME])) {
				struct note other = list[j];
				list[j] = list[same];
				list[same++] = other;
			}
		write_score(p, w, (struct scores){ list + i, same - i });
		i = same;
	}
	json_end(w);
}

static int opik_notes_compare_ids(const void *x, const void *y)
{
	const struct note *a = x, *b = y;
	return str_cmp(a->text[NOTE_FIELD_ID], b->text[NOTE_FIELD_ID]);
}

static void write_comments(struct json_writer *w, struct note *list, size_t n)
{
	qsort(list, n, sizeof *list, opik_notes_compare_ids);
	json_key(w, STR("comments"));
	json_array(w);
	for (size_t i = 0; i < n; i++)
		opik_comment_render(w, &list[i]);
	json_end(w);
}

void opik_comment_render(struct json_writer *w, const struct note *n)
{
	json_object(w);
	json_member_body(w, STR("id"), n->text[NOTE_FIELD_ID]);
	json_member_body(w, STR("text"), n->text[NOTE_FIELD_REASON]);
	opik_render_time(w, STR("created_at"), n->created_ns);
	opik_render_time(w, STR("last_updated_at"), n->updated_ns);
	json_member_body(w, STR("created_by"), n->text[NOTE_FIELD_CREATED_BY]);
	json_member_body(w, STR("last_updated_by"), n->text[NOTE_FIELD_UPDATED_BY]);
	json_end(w);
}

/* Returns the notes of one kind and skips those of others. */
static enum err fetch(struct opik_render *p, const struct note_row *first, enum note_kind kind,
	struct note **ret, size_t *ret_n)
{
	size_t n = 0;
	const struct note_row *row;
	for (row = first; row; row = notes_next(p->notes, row))
		n += row->kind == kind;
	*ret = arena_calloc(p->arena, n, sizeof **ret);
	*ret_n = 0;
	for (row = first; row; row = notes_next(p->notes, row)) {
		if (row->kind != kind)
			continue;
		enum err e = notes_fetch(p->notes, row, &(*ret)[*ret_n]);
		if (e)
			return e;
		++*ret_n;
	}
	return ERR_OK;
}

enum err opik_notes_render(
	struct opik_render *p, struct json_writer *w, enum note_about about, struct str id)
{
	struct note *list;
	size_t n;
	enum err e = ERR_OK;
	const struct note_row *first = notes_first(p->notes, about, id);
	if (!first)
		return ERR_OK;
	if (!(p->exclude & OPIK_PART_BIT(feedback_scores))) {
		e = fetch(p, first, NOTE_SCORE, &list, &n);
		if (!e && n)
			write_scores(p, w, list, n);
	}
	if (!e && !(p->exclude & OPIK_PART_BIT(comments))) {
		e = fetch(p, first, NOTE_COMMENT, &list, &n);
		if (!e && n)
			write_comments(w, list, n);
	}
	return e;
}
