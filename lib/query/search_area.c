/* What the word files of a shard say of a term: search.h. */
#include "query/search_area.h"

#include "base/helper.h"
#include "base/utime.h"

/* ---- Looking words up ---- */

static bool is_cheap(const struct search_part *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->any[i].is_start)
			return false;
	return true;
}

/* What is known of the rows of one file: bits, in so many words of 64. */
struct finding {
	struct words *words;
	size_t n;
	uint64_t *may, *sure;
	struct words_rows some; /* of one part */
};

static uint64_t *make_bits(struct arena *a, size_t n)
{
	return arena_calloc(a, n + 1, sizeof(uint64_t));
}

/* Only the first of the alternatives of a part is the whole text. */
static enum err find_part(
	struct finding *f, const struct search_term *t, const struct search_part *p)
{
	enum err e = ERR_OK;
	memset(f->some.may, 0, f->n * sizeof *f->some.may);
	memset(f->some.sure, 0, f->n * sizeof *f->some.sure);
	for (size_t i = 0; !e && i < p->n; i++)
		e = words_find(f->words, &p->any[i], t->may_in, i ? 0 : t->sure_in, &f->some);
	for (size_t w = 0; w < f->n; w++) {
		f->may[w] &= f->some.may[w] | f->some.sure[w];
		f->sure[w] &= f->some.sure[w];
	}
	return e;
}

/* Parts that need all words to be looked at come last, and are left out when few rows are left:
 * these are read faster. */
static enum err find_rows(struct finding *f, const struct search_term *t)
{
	enum { FEW_ROWS = 200 };
	enum err e = ERR_OK;
	size_t left = SIZE_MAX;
	for (int cheap = 1; cheap >= 0; cheap--)
		for (size_t i = 0; !e && i < t->n_parts; i++) {
			if (is_cheap(&t->parts[i]) != cheap || left == 0 ||
				(!cheap && left <= FEW_ROWS))
				continue;
			e = find_part(f, t, &t->parts[i]);
			if (t->n_parts > 1)
				left = bits_count(f->may, f->n);
		}
	if (e || !t->sure_in || !t->is_bounded)
		return e;
	memset(f->some.may, 0, f->n * sizeof *f->some.may);
	e = words_find_joined(f->words, t->parts[0].any[0].text, f->some.may);
	for (size_t w = 0; w < f->n; w++)
		f->sure[w] &= ~f->some.may[w];
	return e;
}

/* ---- Rows of a shard ---- */

/* The live records that begin before that place. */
static uint32_t live_before(const struct index *index, int64_t at)
{
	return (uint32_t)live_first(index->live, index->n_live, at);
}

/* How many rows of the shard begin before that place, as far as the index knows. */
static enum err count_before(const struct index *index, int64_t at, uint64_t *ret)
{
	uint64_t n = 0;
	for (size_t i = 0; i < index->n_segments; i++) {
		struct index_segment *s = &index->segments[i];
		const struct column *places;
		if (at <= s->from)
			break;
		if (at >= s->to) {
			n += s->n_rows;
			continue;
		}
		enum err e = segment_column(s, INDEX_AT, &places);
		if (e)
			return e;
		n += column_first_at(places, at);
	}
	*ret = n + live_before(index, at);
	return ERR_OK;
}

/* Where a row of the shard begins, as far as the index knows; INT64_MAX: there is none. */
static enum err place_of(const struct index *index, uint64_t row, int64_t *ret)
{
	for (size_t i = 0; i < index->n_segments; i++) {
		struct index_segment *s = &index->segments[i];
		const struct column *places;
		if (row >= s->n_rows) {
			row -= s->n_rows;
			continue;
		}
		enum err e = segment_column(s, INDEX_AT, &places);
		if (!e)
			*ret = column_value(places, (uint32_t)row);
		return e;
	}
	*ret = row < index->n_live ? live_row_at(index->live, row)->at : INT64_MAX;
	return ERR_OK;
}

/* Do so many rows begin before that place? */
static enum err is_count_before(const struct index *index, int64_t at, uint64_t n, bool *ret)
{
	int64_t last = INT64_MIN, next = INT64_MAX;
	enum err e = n ? place_of(index, n - 1, &last) : ERR_OK;
	if (!e)
		e = place_of(index, n, &next);
	*ret = last < at && next >= at;
	return e;
}

/* Are the rows that the index counts those that the word file counts? A line that was damaged when
 * one of them was made would move all that follow. Some of the blocks are asked. */
static enum err count_agrees(const struct index *index, struct words *w, struct search_file *ret)
{
	enum { STEP = 64 };
	const uint32_t *rows;
	uint64_t first;
	enum err e = count_before(index, words_from(w), &first);
	bool agrees = !e && words_block_rows(w, &rows) == ERR_OK;
	for (uint32_t i = 1; !e && agrees && i < words_n_blocks(w) + STEP; i += STEP) {
		uint32_t block = i < words_n_blocks(w) ? i : words_n_blocks(w);
		int64_t at = ((int64_t)words_first_block(w) + block) << words_block_bits(w);
		at = at < words_to(w) ? at : words_to(w);
		if (at > index->covered)
			break;
		e = is_count_before(index, at, first + rows[block], &agrees);
	}
	if (!e)
		*ret = (struct search_file){ .is_known = true, .agrees = agrees, .first = first };
	return e;
}

enum err search_file_of(struct search *s, size_t shard, size_t file, const struct search_file **ret)
{
	struct arena *a = s->set->view->arena;
	const struct words_list *l = index_words(s->set, shard);
	if (!s->files)
		s->files = arena_calloc(a, s->set->view->n_shards, sizeof *s->files);
	if (!s->files[shard])
		s->files[shard] = arena_calloc(a, l->n, sizeof **s->files);
	struct search_file *f = &s->files[shard][file];
	*ret = f;
	return f->is_known ? ERR_OK : count_agrees(&s->set->of[shard], l->files[file], f);
}

/* A text with bytes that no id has is in none of them. */
static void find_ids(struct finding *f, const struct search_term *t)
{
	bool may = !(words_id_bytes_of(t->needle.folded) & ~words_id_bytes(f->words));
	for (size_t w = 0; w < f->n; w++)
		f->may[w] = may ? f->may[w] : 0;
}

static enum err begin_area(
	struct search *s, size_t shard, size_t file, struct finding *f, struct search_area *ret)
{
	struct arena *a = s->set->view->arena;
	struct words *w = index_words(s->set, shard)->files[file];
	const struct search_file *known;
	enum err e = search_file_of(s, shard, file, &known);
	*ret = (struct search_area){ .first = known->first };
	if (e || !known->agrees)
		return e;
	*f = (struct finding){ .words = w, .n = bits_words(words_n_rows(w)) };
	ret->n = words_n_rows(w);
	ret->may = f->may = make_bits(a, f->n);
	ret->sure = f->sure = make_bits(a, f->n);
	return ERR_OK;
}

/* What the file does not know, or knows of other rows than the index has, it does not say. An
 * escape leaves it unknown. */
static void end_area(
	struct finding *f, const struct search_term *t, struct arena *a, struct search_area *area)
{
	if (area->n) {
		f->some.may = arena_block(a, NULL, (f->n + 1) * sizeof(uint64_t));
		f->some.sure = arena_block(a, NULL, (f->n + 1) * sizeof(uint64_t));
		memset(f->may, 0xff, f->n * sizeof *f->may);
		memset(f->sure, t->sure_in ? 0xff : 0, f->n * sizeof *f->sure);
		f->may[f->n - 1] = bits_of_word(area->n, f->n - 1);
		if (t->is_of_ids)
			find_ids(f, t);
		else if (find_rows(f, t)) /* damaged: as if it were not there */
			area->n = 0;
		(void)arena_block(a, f->some.may, 0); /* freed: there is no result */
		(void)arena_block(a, f->some.sure, 0);
	}
	area->is_known = true;
}

static enum err find_area(struct search *s, const struct search_term *t, size_t shard, size_t file,
	struct search_area *ret)
{
	for (size_t i = 0; i < s->n_terms; i++) {
		const struct search_term *other = &s->terms[i];
		if (other->areas && other->areas[shard] && other->areas[shard][file].is_known &&
			search_is_same(other, t)) {
			*ret = other->areas[shard][file];
			return ERR_OK;
		}
	}
	struct finding f;
	enum err e = begin_area(s, shard, file, &f, ret);
	if (!e)
		end_area(&f, t, s->set->view->arena, ret);
	return e;
}

static struct search_area *area_at(
	struct search *s, struct search_term *t, size_t shard, size_t file)
{
	const struct view *v = s->set->view;
	if (!t->areas)
		t->areas = arena_calloc(v->arena, v->n_shards, sizeof *t->areas);
	if (!t->areas[shard])
		t->areas[shard] =
			arena_calloc(v->arena, index_words(s->set, shard)->n, sizeof **t->areas);
	return &t->areas[shard][file];
}

enum err search_area_of(struct search *s, struct search_term *t, size_t shard, size_t file,
	const struct search_area **ret)
{
	struct search_area *area = area_at(s, t, shard, file);
	*ret = area;
	return area->is_known ? ERR_OK : find_area(s, t, shard, file, area);
}

/* ---- Several files at once ---- */

struct search_job {
	size_t shard, file;
	struct finding *findings; /* of each term of each clause in turn */
	struct search_area *areas;
};

struct search_jobs {
	const struct search_clause *clauses;
	size_t n_clauses, n_terms, n;
	struct search_job *jobs;
	struct arena seats[HELPER__SEATS];
	int64_t deadline_ns;
};

enum err search_expect(struct search *s, struct block *b)
{
	struct row_ref ref, last;
	const struct search_file *known;
	enum err e = block_ref(b, 0, &ref);
	if (!e)
		e = block_ref(b, b->n_rows - 1, &last);
	if (e)
		return e;
	const struct words_list *l = index_words(s->set, ref.shard);
	for (size_t i = 0; !e && i < l->n; i++) {
		if (words_from(l->files[i]) > last.at || words_to(l->files[i]) <= ref.at)
			continue;
		e = search_file_of(s, ref.shard, i, &known);
		s->files[ref.shard][i].is_expected = !e;
	}
	return e;
}

/* No row of the file meets a clause: the others are not asked. */
static bool is_none(const struct search_job *job, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (job->areas[i].n == 0 || bits_count(job->areas[i].may, job->findings[i].n))
			return false;
	return true;
}

static void ask_file(const struct search_jobs *all, struct search_job *job, struct arena *a)
{
	for (size_t c = 0, k = 0, from = 0; c < all->n_clauses; c++, from = k) {
		const struct search_clause *clause = &all->clauses[c];
		for (size_t i = 0; i < clause->n; i++, k++) {
			if (all->deadline_ns && utime_monotonic() > all->deadline_ns)
				return;
			end_area(&job->findings[k], clause->terms[i], a, &job->areas[k]);
		}
		if (is_none(job, from, k))
			return;
	}
}

/* An escape must end here: the other one goes on. */
static void do_job(void *user, size_t number, enum helper_seat seat)
{
	struct search_jobs *all = user;
	struct search_job *job = &all->jobs[number];
	struct words *w = job->findings->words;
	struct arena *a = &all->seats[seat];
	if (setjmp(a->escape) == 0) {
		a->has_escape = true;
		words_read_into(w, a);
		ask_file(all, job, a);
	}
	words_read_into(w, NULL);
	arena_release(a);
}

static enum err add_job(struct search *s, struct search_jobs *all, size_t shard, size_t file)
{
	struct arena *a = s->set->view->arena;
	struct search_job *job = &all->jobs[all->n++];
	enum err e = ERR_OK;
	*job = (struct search_job){ .shard = shard, .file = file };
	job->findings = arena_calloc(a, all->n_terms, sizeof *job->findings);
	job->areas = arena_calloc(a, all->n_terms, sizeof *job->areas);
	for (size_t i = 0; !e && i < all->n_terms; i++)
		e = begin_area(s, shard, file, &job->findings[i], &job->areas[i]);
	/* The view's arena is nobody's while two are at it. */
	if (!e)
		words_read_into(job->findings->words, NULL);
	return e;
}

static void end_job(struct search *s, const struct search_jobs *all, const struct search_job *job)
{
	for (size_t c = 0, k = 0; c < all->n_clauses; c++)
		for (size_t i = 0; i < all->clauses[c].n; i++, k++)
			if (job->areas[k].is_known)
				*area_at(s, all->clauses[c].terms[i], job->shard, job->file) =
					job->areas[k];
}

enum err search_ahead(
	struct search *s, const struct search_clause *clauses, size_t n, int64_t deadline_ns)
{
	struct view *v = s->set->view;
	struct search_jobs all = { .clauses = clauses, .n_clauses = n, .deadline_ns = deadline_ns };
	size_t n_files = 0;
	enum err e = ERR_OK;
	for (size_t i = 0; i < n; i++)
		all.n_terms += clauses[i].n;
	for (size_t i = 0; s->files && i < v->n_shards; i++)
		n_files += s->files[i] ? index_words(s->set, i)->n : 0;
	if (n_files < 2)
		return ERR_OK;
	all.jobs = arena_calloc(v->arena, n_files, sizeof *all.jobs);
	for (size_t i = 0; i < v->n_shards; i++)
		for (size_t k = 0; !e && s->files[i] && k < index_words(s->set, i)->n; k++)
			if (s->files[i][k].is_expected && s->files[i][k].agrees)
				e = add_job(s, &all, i, k);
	if (e)
		return e;
	for (int i = 0; i < HELPER__SEATS; i++)
		arena_init(&all.seats[i], helper_seat_bytes(v->arena->limit_bytes));
	helper_share(v->store->helper, all.n, do_job, &all);
	for (size_t i = 0; i < all.n; i++)
		end_job(s, &all, &all.jobs[i]);
	return ERR_OK;
}
