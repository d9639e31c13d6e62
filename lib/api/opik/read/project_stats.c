#include "api/opik/read/project_stats.h"

#include "api/opik/filter/roots.h"
#include "api/opik/read/stats.h"
#include "base/hash.h"
#include "base/utime.h"
#include "span/normalise.h"

#include <math.h>

enum { RECENT_DAYS = 7, NO_PROJECT = -1 };

/* The project that a name in spans means. */
struct spelling {
	uint64_t hash;
	struct str name; /* canonical body */
	ptrdiff_t number;
};

struct spellings {
	const struct projects *all;
	struct table names;
	struct string_pool keep;
};

static void spellings_init(struct spellings *s, struct arena *a, const struct projects *all)
{
	s->all = all;
	table_init(&s->names, a, sizeof(struct spelling));
	string_pool_init(&s->keep, a);
}

static void spellings_release(struct spellings *s)
{
	table_release(&s->names);
	string_pool_release(&s->keep);
}

/* Returns the number of the span's project, or NO_PROJECT. */
static ptrdiff_t opik_project_stats_project_of(struct spellings *s, const struct span *span)
{
	struct str name = span_text(span, FIELD_PROJECT);
	if (name.len == 0)
		name = STR(PROJECT_DEFAULT_NAME);
	uint64_t hash = hash64(name, 0);
	struct table_probe p = table_probe(&s->names, hash);
	struct spelling *one;
	while ((one = table_next(&s->names, &p)))
		if (str_eq(one->name, name))
			return one->number;
	const struct project *found = projects_by_name(s->all, name);
	one = table_add(&s->names, hash);
	one->name = string_pool_copy(&s->keep, name);
	one->number = found ? found - s->all->list : NO_PROJECT;
	return one->number;
}

/* Calls each for all rows that stand for traces. */
static enum err each_trace(struct request *r, struct view *v, int64_t deadline_ns,
	const struct field_set *want,
	bool (*each)(void *user, const struct span *s, struct row_ref ref), void *user)
{
	struct query q;
	struct clause clauses[OPIK_ROWS_CLAUSES + 1];
	query_init(&q);
	q.clauses = clauses;
	q.n_clauses = opik_rows_of(OPIK_TRACES, r->arena, clauses);
	q.deadline_ns = deadline_ns;
	enum err e = opik_roots_clause(v, &q, true, &clauses[q.n_clauses]);
	if (e)
		return e;
	q.n_clauses += clauses[q.n_clauses].n > 0;
	return engine_each(v, &q, want, each, user);
}

/* ---- Times ---- */

struct times {
	struct spellings spellings;
	int64_t *of;
};

static bool opik_project_stats_add_time(void *user, const struct span *s, struct row_ref ref)
{
	struct times *t = user;
	ptrdiff_t number = opik_project_stats_project_of(&t->spellings, s);
	int64_t ns = span_i64(s, FIELD_UPDATED_AT, span_i64(s, FIELD_INGESTED_AT, 0));
	(void)ref;
	if (number != NO_PROJECT && ns > t->of[number])
		t->of[number] = ns;
	return true;
}

enum err opik_project_times(
	struct request *r, struct view *v, const struct projects *all, int64_t *ret)
{
	struct times t = { .of = ret };
	struct field_set want = { { 0 } };
	field_set_add(&want, FIELD_PROJECT);
	field_set_add(&want, FIELD_UPDATED_AT);
	field_set_add(&want, FIELD_INGESTED_AT);
	spellings_init(&t.spellings, r->arena, all);
	for (size_t i = 0; i < all->n; i++)
		ret[i] = 0;
	enum err e = each_trace(r, v, opik_deadline(r), &want, opik_project_stats_add_time, &t);
	spellings_release(&t.spellings);
	return e;
}

/* ---- Statistics ---- */

struct thread_seen {
	uint64_t hash;
};

struct project_stats {
	struct opik_stats stats;
	uint64_t n_recent_errors;
	struct table threads; /* struct thread_seen */
};

struct opik_project_stats {
	struct request *request;
	struct spellings spellings;
	struct opik_sums sums;
	struct notes notes;
	struct string_pool keep;
	int64_t recent_ns; /* errors after this time are recent */
	uint32_t *place;   /* number of each requested project, plus 1; 0 for others */
	size_t n;
	struct project_stats list[];
};

static void count_thread(struct project_stats *p, struct str id)
{
	uint64_t hash = pred_text_hash(id);
	struct table_probe at = table_probe(&p->threads, hash);
	if (id.len && !table_next(&p->threads, &at))
		(void)table_add(&p->threads, hash);
}

static bool opik_project_stats_add_trace(void *user, const struct span *s, struct row_ref ref)
{
	struct opik_project_stats *all = user;
	ptrdiff_t number = opik_project_stats_project_of(&all->spellings, s);
	uint32_t place = number == NO_PROJECT ? 0 : all->place[number];
	(void)ref;
	if (!place)
		return true;
	struct project_stats *p = &all->list[place - 1];
	opik_stats_add(&p->stats, s);
	p->n_recent_errors +=
		opik_stats_is_error(s) && span_i64(s, FIELD_STARTED_AT, 0) >= all->recent_ns;
	count_thread(p, span_given_session(all->request->arena, all->request->workspace, s));
	return true;
}

enum err opik_project_stats_make(struct request *r, struct view *v, const struct projects *all,
	const struct project *const *of, size_t n, struct opik_project_stats **ret)
{
	struct opik_project_stats *p = arena_calloc(r->arena, 1, sizeof *p + n * sizeof p->list[0]);
	struct field_set want = opik_stats_fields();
	int64_t deadline_ns = opik_deadline(r);
	*ret = p;
	p->request = r;
	p->n = n;
	p->recent_ns = r->now_ns - RECENT_DAYS * NS_PER_DAY;
	p->place = arena_calloc(r->arena, all->n, sizeof *p->place);
	spellings_init(&p->spellings, r->arena, all);
	string_pool_init(&p->keep, r->arena);
	for (size_t i = 0; i < n; i++) {
		p->place[of[i] - all->list] = (uint32_t)i + 1;
		opik_stats_init(&p->list[i].stats, r->arena, OPIK_TRACES, &p->notes, &p->keep);
		p->list[i].stats.sums = &p->sums;
		table_init(&p->list[i].threads, r->arena, sizeof(struct thread_seen));
	}
	field_set_add(&want, FIELD_PROJECT);
	field_set_add(&want, FIELD_SESSION_ID);
	enum err e = notes_open(v, 1u << NOTE_SCORE, &p->notes);
	if (!e)
		e = opik_stats_sums(r, v, deadline_ns, &p->sums);
	if (!e)
		e = each_trace(r, v, deadline_ns, &want, opik_project_stats_add_trace, p);
	for (size_t i = 0; i < n && !e; i++)
		opik_stats_finish(&p->list[i].stats);
	return e;
}

void opik_project_stats_release(struct opik_project_stats *p)
{
	for (size_t i = 0; i < p->n; i++) {
		opik_stats_release(&p->list[i].stats);
		table_release(&p->list[i].threads);
	}
	spellings_release(&p->spellings);
	string_pool_release(&p->keep);
	opik_sums_release(&p->sums);
	notes_close(&p->notes);
}

static double mean_of(const struct opik_mean *m)
{
	double v = m->sum / (double)m->n;
	return isfinite(v) ? v : 0;
}

static void print_scores(struct json_writer *w, const struct table *scores)
{
	json_key(w, STR("feedback_scores"));
	json_array(w);
	for (size_t i = 0; i < scores->n; i++) {
		const struct opik_mean *one = table_row(scores, i);
		json_object(w);
		json_member_body(w, STR("name"), one->name);
		json_member_double(w, STR("value"), mean_of(one));
		json_end(w);
	}
	json_end(w);
}

static void print_usage(struct json_writer *w, const struct table *usage)
{
	json_key(w, STR("usage"));
	json_object(w);
	for (size_t i = 0; i < usage->n; i++) {
		const struct opik_mean *one = table_row(usage, i);
		json_key_body(w, one->name);
		json_double(w, mean_of(one));
	}
	json_end(w);
}

/* Writes the number of errors, of new errors, and their percentage of the older ones. */
static void print_errors(struct json_writer *w, const struct project_stats *p)
{
	uint64_t n_recent = p->n_recent_errors, n_older = p->stats.n_errors - n_recent;
	json_key(w, STR("error_count"));
	json_object(w);
	json_member_i64(w, STR("count"), (int64_t)p->stats.n_errors);
	json_member_i64(w, STR("deviation"), (int64_t)n_recent);
	if (n_older)
		json_member_i64(w, STR("deviation_percentage"),
			(int64_t)((double)n_recent * 100 / (double)n_older + 0.5));
	json_end(w);
}

void opik_project_stats_render(struct opik_project_stats *p, size_t i, struct json_writer *w)
{
	const struct project_stats *one = &p->list[i];
	const struct opik_stats *st = &one->stats;
	if (!st->n)
		return;
	print_scores(w, &st->scores);
	json_key(w, STR("duration"));
	opik_stats_render_durations(w, st);
	json_member_double(w, STR("total_estimated_cost"), opik_stats_cost(st));
	json_member_double(w, STR("total_estimated_cost_sum"), (double)st->cost / 1e12);
	print_usage(w, &st->usage);
	json_member_i64(w, STR("trace_count"), (int64_t)st->n);
	json_member_i64(w, STR("thread_count"), (int64_t)one->threads.n);
	json_member_i64(w, STR("guardrails_failed_count"), 0); /* not stored */
	print_errors(w, one);
}
