/*
 * Heads of long lines: who wants no bodies reads what stands before them, and sees what the whole
 * line would have shown.  So does who wants them, and knows of a sealed day how long they are.  And
 * who need not read lines does not.
 */
#include "random.h"
#include "scene.h"

#include "base/hash.h"
#include "base/io.h"
#include "index/flush.h"
#include "index/index.h"
#include "index/segment/segment.h"
#include "index/segment/write.h"
#include "query/engine.h"
#include "shard/sealed/sealed.h"
#include "json/write.h"

static struct scene sc;

enum { BODY_BYTES = 40 << 10, LINES_MAX = 128 };

static const char shard_name[] = "2026-11-20.jsonl";
static const unsigned head_columns[] = { INDEX_HEAD_LEN, INDEX_HEAD_CRC, INDEX_INPUT_LEN,
	INDEX_OUTPUT_LEN };
enum { HEAD_COLUMNS = 4 };

static bool is_head_column(unsigned column)
{
	for (unsigned i = 0; i < HEAD_COLUMNS; i++)
		if (column == head_columns[i])
			return true;
	return false;
}

/* ---- How much is read ---- */

static size_t n_read;

static ssize_t counted_pread(int fd, void *buf, size_t n, off_t at)
{
	ssize_t got = io_system.pread(fd, buf, n, at);
	n_read += got > 0 ? (size_t)got : 0;
	return got;
}

static struct io_table counting;

static void count_reads(void)
{
	counting = io_system;
	counting.pread = counted_pread;
	io = &counting;
	n_read = 0;
}

static size_t reads_counted(void)
{
	io = &io_system;
	return n_read;
}

/* ---- Lines ---- */

/* Members of objects; B stands for a long body. "*": no head of it is noted. */
static const char *const forms[] = {
	/* As they are written. */
	"'span_id':'$','trace_id':'t','source':'x','name':'n','model':'m','input':B",
	"'span_id':'$','trace_id':'t','source':'x','name':'n','output':B",
	"'span_id':'$','trace_id':'t','source':'x','metadata':{'a':1},'input':B,'output':B",
	"'span_id':'$','trace_id':'t','source':'x','input':'short','output':B,'zebra':[1],"
	"'_prev':'2026-11-18'",
	"'op':'delete','span_id':'$','trace_id':'t','source':'x','output':B",
	/* What looks like a body and is none. */
	"'span_id':'$','trace_id':'t','name':',\\'input\\':','metadata':{'a':1,'input':2,'output':3},"
	"'attributes':[',',{'output':'x'}],'source':'late','output':B",
	/* By somebody else: bodies in front, in between and the other way round. */
	"'span_id':'$','trace_id':'t','input':B,'source':'x','name':'behind'",
	"'span_id':'$','output':B,'trace_id':'t','input':B,'name':'behind','op':'delete'",
	"'zebra':1,'span_id':'$','yak':{'input':1},'name':'n','name':'twice','input':B",
	"'name':'n','span_id':'$','trace_id':'t','input':B",
	"*'input':B,'span_id':'$','trace_id':'t','source':'x','name':'behind'",
	"*'output':B",
	/* With blanks. */
	"*'span_id':'$','trace_id':'t','source':'x', 'input':B",
	"*'span_id':'$','trace_id':'t','source':'x','input' :B",
	/* What is long is no body. */
	"*'span_id':'$','trace_id':'t','source':'x','attributes':B,'input':'short'",
	"*'span_id':'$','trace_id':'t','source':'x','zebra':B",
	"*'span_id':'$','trace_id':'t','source':'x','input':'short'",
};

enum { FORMS = sizeof forms / sizeof forms[0] };

/* A sealed line of that form, for the span of that number. */
static void add_line(struct buf *lines, const char *form, unsigned number)
{
	size_t start = lines->len;
	buf_add_char(lines, '{');
	for (const char *p = form + (*form == '*'); *p; p++)
		if (*p == '$')
			buf_printf(lines, "s%06u", number);
		else if (*p == 'B') {
			char *body = buf_reserve(lines, BODY_BYTES);
			memset(body, 'a' + (int)(number % 26), BODY_BYTES);
			body[0] = body[BODY_BYTES - 1] = '"';
			lines->len += BODY_BYTES;
		} else
			buf_add_char(lines, *p == '\'' ? '"' : *p);
	line_seal(lines, start);
}

struct long_line {
	struct str line; /* without its newline */
	int64_t at;
	bool has_head;
};

/* Between short lines, so that the ends of the segment are theirs. */
static size_t put_forms(struct long_line *ret)
{
	struct buf lines;
	size_t at[FORMS], end[FORMS];
	buf_init(&lines, scene_arena());
	add_line(&lines, "'span_id':'$','trace_id':'t','source':'first'", 100);
	for (unsigned i = 0; i < FORMS; i++) {
		at[i] = lines.len;
		add_line(&lines, forms[i], i);
		end[i] = lines.len - 1;
	}
	add_line(&lines, "'span_id':'$','trace_id':'t','source':'last'", 101);
	struct str all = arena_copy(scene_arena(), buf_str(&lines));
	for (unsigned i = 0; i < FORMS; i++) {
		ret[i].line = str_first(str_skip(all, at[i]), end[i] - at[i]);
		ret[i].at = (int64_t)at[i];
		ret[i].has_head = forms[i][0] != '*';
	}
	scene_put(&sc, shard_name, all);
	return FORMS;
}

static void close_day(void)
{
	const struct index_closing how = { .all = true };
	ck_assert_int_eq(index_close_day(&sc.store, STR("w"), SCENE_DAY, &how), ERR_OK);
}

/* The view with its index. */
static void open_view(struct view *v)
{
	struct index_set set;
	ck_assert_int_eq(view_open(&sc.store, STR("w"), scene_arena(), v), ERR_OK);
	ck_assert_int_eq(index_open(v, &set), ERR_OK);
}

/* Its lines, by the index: sealing puts them into another order. */
static struct row_ref *all_rows(struct view *v, size_t *ret_n)
{
	const struct index *ix = &v->index->of[0];
	struct row_ref *rows = arena_calloc(scene_arena(), LINES_MAX, sizeof *rows);
	*ret_n = 0;
	for (size_t i = 0; i < ix->n_segments; i++)
		for (uint32_t row = 0; row < ix->segments[i].n_rows; row++)
			ck_assert_int_eq(
				segment_row_ref(&ix->segments[i], row, &rows[(*ret_n)++]), ERR_OK);
	for (size_t i = 0; i < ix->n_live; i++) {
		const struct live_row *r = live_row_at(ix->live, i);
		rows[(*ret_n)++] = (struct row_ref){ .len = r->len, .at = r->at };
	}
	ck_assert_uint_le(*ret_n, LINES_MAX);
	return rows;
}

static struct str line_of(struct view *v, struct row_ref ref)
{
	struct str line;
	ck_assert_int_eq(view_read_line(v, ref, &line), ERR_OK);
	return arena_copy(scene_arena(), line);
}

/* ---- What is seen ---- */

static struct field_set all_but_bodies(void)
{
	struct field_set want = field_set_all;
	want.word[0] &= ~(UINT64_C(1) << FIELD_INPUT | UINT64_C(1) << FIELD_OUTPUT);
	return want;
}

static struct field_set some_fields(struct rng *r)
{
	struct field_set want = field_set_all;
	for (size_t n = rng_below(r, 5); n-- > 0;)
		want.word[0] &= rng_next(r);
	if (rng_below(r, 4))
		want.word[0] &= all_but_bodies().word[0];
	return want;
}

static void must_be_the_same(const struct span *x, const struct span *y)
{
	ck_assert_int_eq(x->is_deleted, y->is_deleted);
	ck_assert_str_is(x->extra, y->extra);
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		enum field_type t = field_info[f].type;
		ck_assert_int_eq(span_has(x, (enum field)f), span_has(y, (enum field)f));
		if (!span_has(x, (enum field)f))
			continue;
		if (t == FIELD_TYPE_STR || t == FIELD_TYPE_TEXT || t == FIELD_TYPE_DEC ||
			t == FIELD_TYPE_JSON)
			ck_assert_str_is(x->value[f].text, y->value[f].text);
		else
			ck_assert_int_eq(x->value[f].i64, y->value[f].i64);
	}
}

/* Whatever is wanted of whichever row is what its line says. */
static void must_read_lines(struct view *v, struct rng *rng)
{
	size_t n;
	struct row_ref *rows = all_rows(v, &n);
	ck_assert_uint_gt(n, 0);
	for (unsigned i = 0; i < 300; i++) {
		struct arena_mark mark = arena_mark(scene_arena());
		struct row_ref ref = rows[rng_below(rng, n)];
		struct field_set want = some_fields(rng);
		struct span by_line, by_view;
		struct str line = line_of(v, ref);
		ck_assert_int_eq(line_read(line, &want, false, &by_line), LINE_OK);
		if (i % 3 == 0)
			view_expect(v, rows, n, &want);
		ck_assert_int_eq(view_read_span(v, ref, &want, &by_view, NULL), ERR_OK);
		must_be_the_same(&by_view, &by_line);
		arena_rewind(scene_arena(), mark);
	}
}

/* In a segment. */
static size_t open_day(struct long_line lines[static FORMS], bool is_sealed)
{
	scene_open(&sc);
	scene_workspace(&sc);
	size_t n = put_forms(lines);
	if (is_sealed)
		scene_seal(&sc, SCENE_DAY);
	close_day();
	return n;
}

static size_t open_forms(struct long_line lines[static FORMS])
{
	return open_day(lines, false);
}

START_TEST(what_is_read_of_a_head_is_what_the_line_says)
	{
		struct rng rng = rng_from_seed();
		struct long_line lines[FORMS];
		for (int is_sealed = 0; is_sealed < 2; is_sealed++) {
			struct view v;
			(void)open_day(lines, is_sealed);
			open_view(&v);
			must_read_lines(&v, &rng);
			view_close(&v);
			scene_close(&sc);
		}
	}
END_TEST

/* What is not read cannot be the bodies. */
START_TEST(of_lines_with_a_head_no_more_is_read)
	{
		struct long_line lines[FORMS];
		struct field_set want = all_but_bodies();
		size_t n = open_forms(lines);
		struct view v;
		open_view(&v);
		for (size_t i = 0; i < n; i++) {
			struct line_head head;
			struct span s;
			struct row_ref ref = { .len = (uint32_t)lines[i].line.len,
				.at = lines[i].at };
			ck_assert_msg(index_head(&v, ref, &head) == lines[i].has_head,
				"form %zu: %s", i, forms[i]);
			ck_assert_int_eq(line_head(lines[i].line, &head), lines[i].has_head);
			count_reads();
			ck_assert_int_eq(view_read_span(&v, ref, &want, &s, NULL), ERR_OK);
			size_t n_bytes = reads_counted();
			ck_assert_uint_le(n_bytes, lines[i].line.len + 1);
			ck_assert(lines[i].has_head ? n_bytes < 1024
						    : n_bytes == lines[i].line.len + 1);
		}
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

/* ---- Damage ---- */

static void flip(struct str bytes, size_t at)
{
	char *p = (char *)(uintptr_t)(bytes.ptr + at);
	*p = (char)(*p ^ 1);
	scene_put(&sc, shard_name, bytes);
	scene_reopen(&sc);
}

/* As a list with bodies sees it, and as one without them does. */
static void must_be_seen(struct row_ref ref, bool with_bodies, bool without)
{
	struct field_set want = all_but_bodies();
	struct span s;
	struct view v;
	open_view(&v);
	ck_assert_int_eq(
		view_read_span(&v, ref, NULL, &s, NULL), with_bodies ? ERR_OK : ERR_NOT_FOUND);
	ck_assert_int_eq(
		view_read_span(&v, ref, &want, &s, NULL), without ? ERR_OK : ERR_NOT_FOUND);
	if (without)
		ck_assert_str_is(span_text(&s, FIELD_SPAN_ID), STR("s000002"));
	view_close(&v);
}

START_TEST(damage_in_a_head_hides_the_line_and_damage_behind_it_only_the_bodies)
	{
		struct long_line lines[FORMS];
		struct line_head head;
		enum { FORM = 2 };
		(void)open_forms(lines);
		const struct long_line *l = &lines[FORM];
		struct row_ref ref = { .len = (uint32_t)l->line.len, .at = l->at };
		size_t at = (size_t)l->at;
		struct str bytes = arena_copy(scene_arena(), scene_file(&sc, shard_name));
		ck_assert(line_head(l->line, &head));
		must_be_seen(ref, true, true);
		for (size_t i = 0; i <= head.len; i += i + 9 < head.len ? 9 : 1) {
			flip(bytes, at + i);
			must_be_seen(ref, false, false);
			flip(bytes, at + i);
		}
		size_t behind[] = { head.len + 2u, head.len + 100u, l->line.len - 40,
			l->line.len - 3 };
		for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
			flip(bytes, at + behind[i]);
			must_be_seen(ref, false, true);
			flip(bytes, at + behind[i]);
		}
		must_be_seen(ref, true, true);
		scene_close(&sc);
	}
END_TEST

/* ---- Segments of others ---- */

static struct str segment_bytes(struct str *ret_name)
{
	struct view v;
	open_view(&v);
	const struct index_segment *s = &v.index->of[0].segments[0];
	ck_assert_uint_eq(v.index->of[0].n_segments, 1);
	*ret_name = arena_printf(scene_arena(), "2026-11-20.idx/%d-%lld-%lld.seg", v.shards[0].part,
		(long long)s->from, (long long)s->to);
	view_close(&v);
	return scene_file(&sc, arena_copy_c(scene_arena(), *ret_name));
}

/* The segment as it would be if the columns were not known: from the first one on they are left out
 * of the table. */
static struct str without_heads(struct str segment, unsigned first)
{
	struct index_header h;
	struct buf out, tables;
	memcpy(&h, segment.ptr + segment.len - sizeof h, sizeof h);
	size_t chunk_bytes = h.n_chunks * sizeof(struct index_chunk);
	const char *head = segment.ptr + segment.len - h.head_bytes;
	uint16_t n_kept = 0;
	buf_init(&out, scene_arena());
	buf_init(&tables, scene_arena());
	buf_add(&tables, str_of(head, chunk_bytes));
	for (unsigned i = 0; i < h.n_columns; i++) {
		struct index_column c;
		memcpy(&c, head + chunk_bytes + i * sizeof c, sizeof c);
		if (is_head_column(c.column) && c.column >= first)
			continue;
		buf_add(&tables, str_of((const char *)&c, sizeof c));
		n_kept++;
	}
	ck_assert_int_lt(n_kept, h.n_columns);
	buf_add(&out, str_first(segment, segment.len - h.head_bytes));
	buf_add(&out, buf_str(&tables));
	h.n_columns = n_kept;
	h.head_bytes = (uint32_t)(tables.len + sizeof h);
	h.file_bytes = out.len + sizeof h;
	h.checksum = segment_head_checksum(buf_str(&tables), &h);
	buf_add(&out, str_of((const char *)&h, sizeof h));
	return buf_str(&out);
}

/* How many rows have a head, and how many lengths of bodies. */
static void count_notes(const struct view *v, const struct row_ref *rows, size_t n,
	size_t *ret_heads, size_t *ret_bodies)
{
	ck_assert_uint_eq(v->index->of[0].n_segments, 1);
	*ret_heads = *ret_bodies = 0;
	for (size_t i = 0; i < n; i++) {
		struct line_head head;
		struct line_bodies bodies;
		*ret_heads += index_head(v, rows[i], &head);
		*ret_bodies += index_bodies(v, rows[i], &bodies);
	}
}

START_TEST(a_segment_without_heads_is_as_good)
	{
		struct rng rng = rng_from_seed();
		struct long_line lines[FORMS];
		struct str name;
		/* Of a sealed day that was indexed before there were lengths of bodies as well. */
		for (int is_sealed = 0; is_sealed < 2; is_sealed++)
			for (int has_heads = 0; has_heads <= is_sealed; has_heads++) {
				struct view v;
				size_t n, n_heads, n_bodies;
				open_day(lines, is_sealed);
				struct str old = without_heads(segment_bytes(&name),
					has_heads ? INDEX_INPUT_LEN : INDEX_HEAD_LEN);
				scene_put(&sc, arena_copy_c(scene_arena(), name), old);
				scene_reopen(&sc);
				open_view(&v);
				struct row_ref *rows = all_rows(&v, &n);
				count_notes(&v, rows, n, &n_heads, &n_bodies);
				ck_assert_int_eq(n_heads > 0, has_heads);
				ck_assert_uint_eq(n_bodies, 0);
				must_read_lines(&v, &rng);
				view_close(&v);
				scene_close(&sc);
			}
	}
END_TEST

static bool count(void *user, const struct span *s, struct row_ref ref)
{
	size_t *n = user;
	(void)s;
	(void)ref;
	++*n;
	return true;
}

/* How many spans are handed out when that is wanted of each: by a process that has read nothing of
 * the index yet. */
static size_t handed_out(const struct field_set *want)
{
	struct query all;
	struct view v;
	size_t n = 0;
	query_init(&all);
	scene_reopen(&sc);
	open_view(&v);
	ck_assert_int_eq(engine_each(&v, &all, want, count, &n), ERR_OK);
	view_close(&v);
	return n;
}

/* A damaged column is found out when somebody reads a line, who then reads it whole. */
START_TEST(damaged_heads_are_not_believed)
	{
		struct rng rng = rng_from_seed();
		struct long_line lines[FORMS];
		struct str name;
		unsigned n_damaged = 0;
		struct field_set heads = all_but_bodies();
		(void)open_day(lines, true);
		size_t n_heads_out = handed_out(&heads), n_out = handed_out(&field_set_all);
		struct str bytes = arena_copy(scene_arena(), segment_bytes(&name));
		struct index_header h;
		memcpy(&h, bytes.ptr + bytes.len - sizeof h, sizeof h);
		const char *chunks = bytes.ptr + bytes.len - h.head_bytes;
		for (unsigned i = 0; i < h.n_chunks; i++) {
			struct index_chunk c;
			size_t n, n_heads, n_bodies;
			memcpy(&c, chunks + i * sizeof c, sizeof c);
			if (!is_head_column(c.column) || c.id != INDEX_CHUNK_VALUES)
				continue;
			char *p = (char *)(uintptr_t)(bytes.ptr + c.offset);
			*p = (char)(*p ^ 1);
			const char *file = arena_copy_c(scene_arena(), name);
			scene_put(&sc, file, bytes);
			ck_assert_uint_eq(handed_out(&heads), n_heads_out);
			scene_put(&sc, file, bytes); /* who met it has removed it */
			ck_assert_uint_eq(handed_out(&field_set_all), n_out);
			scene_put(&sc, file, bytes);
			scene_reopen(&sc);
			struct view v;
			open_view(&v);
			struct row_ref *rows = all_rows(&v, &n);
			must_read_lines(&v, &rng);
			count_notes(&v, rows, n, &n_heads, &n_bodies);
			ck_assert_uint_eq(n_heads + n_bodies, 0);
			n_damaged++;
			view_close(&v);
			*p = (char)(*p ^ 1);
		}
		ck_assert_uint_eq(n_damaged, HEAD_COLUMNS - 1); /* outputs are all as long */
		scene_close(&sc);
	}
END_TEST

/* ---- Traces without a root ---- */

static void put_rootless(unsigned n)
{
	struct span *spans = arena_calloc(scene_arena(), n, sizeof *spans);
	for (unsigned i = 0; i < n; i++) {
		spans[i] = scene_span(i, SCENE_NOW + (int64_t)i, 1000);
		span_set_text(&spans[i], FIELD_TRACE_ID, arena_printf(scene_arena(), "t%u", i));
		span_set_text(&spans[i], FIELD_PARENT_SPAN_ID, STR("elsewhere"));
		span_set_i64(&spans[i], FIELD_STATUS, i % 3 ? STATUS_SUCCESS : STATUS_ERROR);
	}
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), spans, n, SCENE_NOW),
		ERR_OK);
}

/* There may be as many as spans. */
START_TEST(which_traces_without_a_root_are_asked_for_is_told_by_the_index)
	{
		enum { TRACES = 300, FEW_LINES = 10 * 1000 };
		static const int64_t error = STATUS_ERROR;
		struct pred is_error = {
			.field = FIELD_STATUS, .op = OP_EQ, .numbers = &error, .n_values = 1
		};
		struct clause clause = { &is_error, 1 };
		struct trace_query q = { .descending = true, .limit = 1, .with_rootless = true };
		query_init(&q.roots);
		q.roots.clauses = &clause;
		q.roots.n_clauses = 1;
		scene_open(&sc);
		put_rootless(TRACES);
		close_day();
		scene_reopen(&sc);
		struct view v;
		struct trace_list traces;
		open_view(&v);
		count_reads();
		ck_assert_int_eq(engine_traces(&v, &q, &traces), ERR_OK);
		size_t n_bytes = reads_counted();
		ck_assert_uint_eq(traces.total, TRACES / 3);
		ck_assert_str_is(traces.rows[0].trace_id, STR("t297"));
		ck_assert_uint_lt(n_bytes, FEW_LINES);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

/* ---- Lengths of bodies ---- */

START_TEST(how_long_bodies_are_is_noted_of_sealed_days_only)
	{
		struct long_line lines[FORMS];
		for (int is_sealed = 0; is_sealed < 2; is_sealed++) {
			struct view v;
			size_t n, n_noted = 0;
			(void)open_day(lines, is_sealed);
			open_view(&v);
			struct row_ref *rows = all_rows(&v, &n);
			for (size_t i = 0; i < n; i++) {
				struct line_bodies got, want;
				struct line_head head;
				struct str line = line_of(&v, rows[i]);
				bool has = line_head(line, &head) && is_sealed;
				ck_assert_int_eq(index_bodies(&v, rows[i], &got), has);
				if (!has)
					continue;
				line_bodies(line, &head, &want);
				ck_assert_uint_eq(got.head_len, want.head_len);
				ck_assert_uint_eq(got.input_len, want.input_len);
				ck_assert_uint_eq(got.output_len, want.output_len);
				n_noted++;
			}
			ck_assert_int_eq(n_noted > 0, is_sealed);
			view_close(&v);
			scene_close(&sc);
		}
	}
END_TEST

/* ---- Records ---- */

static void append_long(unsigned n, size_t output_bytes)
{
	struct span s = scene_span(n, SCENE_NOW, output_bytes);
	ck_assert_int_eq(
		store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, SCENE_NOW), ERR_OK);
}

/* How many of the live rows have a head. */
static size_t count_heads(struct view *v)
{
	size_t n, n_heads = 0;
	struct row_ref *rows = all_rows(v, &n);
	ck_assert_uint_eq(v->index->of[0].n_segments, 0);
	for (size_t i = 0; i < n; i++) {
		struct field_set want = all_but_bodies();
		struct line_head head;
		struct span s;
		bool has_head = index_head(v, rows[i], &head);
		n_heads += has_head;
		count_reads();
		ck_assert_int_eq(view_read_span(v, rows[i], &want, &s, NULL), ERR_OK);
		ck_assert_uint_eq(reads_counted(), has_head ? head.len + 1u : rows[i].len + 1u);
	}
	return n_heads;
}

static void restart_machine(void)
{
	static const char name[] = "2026-11-20.idx/0.live";
	struct live_header h;
	struct str bytes = arena_copy(scene_arena(), scene_file(&sc, name));
	memcpy(&h, bytes.ptr, sizeof h);
	h.booted_ns -= 60 * NS_PER_S;
	size_t from = offsetof(struct live_header, checksum) + sizeof h.checksum;
	h.checksum = hash64(str_of((const char *)&h + from, sizeof h - from), LIVE_MAGIC);
	memcpy((char *)(uintptr_t)bytes.ptr, &h, sizeof h);
	scene_put(&sc, name, bytes);
	scene_reopen(&sc);
}

/* What was not synced may be gone after a power cut, and a head there without its body. */
START_TEST(records_know_heads_until_the_machine_is_started_again)
	{
		struct rng rng = rng_from_seed();
		struct view v;
		scene_open(&sc);
		append_long(1, 20);
		append_long(2, BODY_BYTES);
		append_long(3, 20);
		append_long(4, LINE_LONG_BYTES);
		open_view(&v);
		ck_assert_uint_eq(v.index->of[0].n_live, 4);
		ck_assert_uint_eq(count_heads(&v), 2);
		must_read_lines(&v, &rng);
		view_close(&v);
		restart_machine();
		open_view(&v);
		ck_assert_uint_eq(v.index->of[0].n_live, 4);
		ck_assert_uint_eq(count_heads(&v), 0);
		must_read_lines(&v, &rng);
		view_close(&v);
		scene_close(&sc);
	}
END_TEST

/* ---- Sealed days ---- */

/* The history comes again with every call of a session, so that frames become long. */
static void put_session(unsigned n)
{
	struct rng rng = rng_from_seed();
	struct buf lines, history;
	buf_init(&lines, scene_arena());
	buf_init(&history, scene_arena());
	for (unsigned i = 0; i < n; i++) {
		struct span s = scene_span(i, SCENE_NOW, 10);
		for (int k = 0; k < 400; k++)
			buf_printf(&history, "%08llx ", (unsigned long long)rng_next(&rng));
		struct str body =
			arena_printf(scene_arena(), "\"%.*s\"", STR_ARG(buf_str(&history)));
		span_set_text(&s, FIELD_INPUT, body);
		line_write(&lines, &s);
	}
	scene_put(&sc, shard_name, buf_str(&lines));
}

START_TEST(heads_of_a_sealed_day_are_remembered)
	{
		enum { CALLS = 120 };
		struct field_set want = all_but_bodies();
		size_t n, n_bytes[2], n_all = 0;
		scene_open(&sc);
		scene_workspace(&sc);
		put_session(CALLS);
		scene_seal(&sc, SCENE_DAY);
		close_day();
		sc.store.sealed->settle_s = -1; /* else the file may still change */
		for (int again = 0; again < 2; again++) {
			struct view v;
			open_view(&v);
			struct row_ref *rows = all_rows(&v, &n);
			ck_assert_uint_eq(n, CALLS);
			n_all = 0;
			count_reads();
			view_expect(&v, rows, n, &want);
			for (size_t i = 0; i < n; i++) {
				struct span s;
				n_all += rows[i].len;
				ck_assert_int_eq(
					view_read_span(&v, rows[i], &want, &s, NULL), ERR_OK);
			}
			n_bytes[again] = reads_counted();
			view_close(&v);
		}
		ck_assert_uint_gt(n_all, SEALED_CACHE_BYTES);
		ck_assert_uint_gt(n_bytes[0], 10000);
		ck_assert_uint_lt(n_bytes[1], 1000);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("heads", what_is_read_of_a_head_is_what_the_line_says,
	of_lines_with_a_head_no_more_is_read,
	damage_in_a_head_hides_the_line_and_damage_behind_it_only_the_bodies,
	a_segment_without_heads_is_as_good, damaged_heads_are_not_believed,
	which_traces_without_a_root_are_asked_for_is_told_by_the_index,
	how_long_bodies_are_is_noted_of_sealed_days_only,
	records_know_heads_until_the_machine_is_started_again, heads_of_a_sealed_day_are_remembered)
