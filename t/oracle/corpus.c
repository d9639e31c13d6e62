#include "corpus.h"

#include "base/utime.h"
#include "index/flush.h"
#include "index/terms/terms.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define PICK(r, array) ((array)[rng_below((r), COUNT(array))])

const struct corpus_shape corpus_small = {
	.lines_max = 160, .days_max = 4, .n_spans = 40, .n_traces = 7, .batch_max = 20
};
const struct corpus_shape corpus_once = { .lines_max = 160,
	.days_max = 4,
	.n_spans = 40,
	.n_traces = 40,
	.batch_max = 20,
	.has_one_version = true };
const struct corpus_shape corpus_large = {
	.lines_max = 14000, .days_max = 3, .n_spans = 9000, .n_traces = 400, .batch_max = 900
};

struct maker {
	struct corpus *corpus;
	const struct corpus_shape *shape;
	struct rng *rng;
	struct scene *scene;
	uint64_t *identities; /* of each line */
	int32_t *days;
	bool has_sessions; /* all spans of a trace are of one, and all began */
};

static const char *const texts[] = { "", "a", "A", "ab", "alpha", "Alpha beta", "alpha\\nbeta",
	"say \\\"hi\\\"", "back\\\\slash", "n", "\\u0001", "caf\xc3\xa9", "10", "9", "true" };
static const char *const ids[] = { "t1", "t2", "t3", "T1", "t\\\"4", "t5", "t6" };
static const char *const sources[] = { "otel", "atif", "sdk" };
static const char *const decimals[] = { "0", "0.0", "0.1", "1e-1", "0.100000000000", "-5", "2",
	"1e300", "-1e300", "0.000000000001", "3.5" };
static const char *const values[] = { "{}", "[]", "\"\"", "\"alpha beta\"", "5", "null", "true",
	"{\"a\":1,\"b\":{\"c\":\"x\"}}", "{\"a\":\"10\",\"b\":[1,\"two\",{\"k\":3.0}]}",
	"{\"a\":null,\"b\":[]}", "[\"alpha\",\"404\",404]",
	"{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\\nalpha\"}", "{\"a\":1.0,\"a b\":\"Q\"}",
	"{\"a\":9}" };
static const char *const tag_lists[] = { "[]", "[\"a\"]", "[\"a\",\"b\",\"a\"]", "[\"B\",7,null]",
	"[\"\",\"x y\"]", "[[\"a\"],\"b\"]", "\"a\"" };

static void set_field(struct rng *r, struct span *s, enum field f)
{
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		span_set_text(s, f, str_from_c(PICK(r, texts)));
		break;
	case FIELD_TYPE_KIND:
		span_set_i64(s, f, (int64_t)rng_below(r, KIND__MAX));
		break;
	case FIELD_TYPE_STATUS:
		span_set_i64(s, f, (int64_t)rng_below(r, STATUS__MAX));
		break;
	case FIELD_TYPE_BOOL:
		span_set_i64(s, f, (int64_t)rng_below(r, 2));
		break;
	case FIELD_TYPE_TIME:
		span_set_i64(s, f, SCENE_NOW + (int64_t)rng_below(r, 12));
		break;
	case FIELD_TYPE_I64:
		span_set_i64(s, f, (int64_t)rng_below(r, 7) - 2);
		break;
	case FIELD_TYPE_DEC:
		span_set_text(s, f, str_from_c(PICK(r, decimals)));
		break;
	case FIELD_TYPE_JSON:
		span_set_text(
			s, f, str_from_c(f == FIELD_TAGS ? PICK(r, tag_lists) : PICK(r, values)));
		break;
	}
	/* What has been read back from a line is absent when it is null. */
	if (field_info[f].type == FIELD_TYPE_JSON && str_eq(s->value[f].text, STR("null")))
		span_unset(s, f);
}

/* Ids whose order shows in their first bytes, behind them, or not at all in those that the index
 * or a sort knows. */
static struct str id_of(struct corpus *c, size_t n)
{
	static const char *const ahead[] = { "s", "s", "span-of-some-agent-", "01890a5d-ac96-7",
		"Span", "caf\xc3\xa9 ", "a\\\"", "\\\\", "9.", "" };
	return arena_printf(c->arena, "%s%zu", ahead[n % COUNT(ahead)], n);
}

/* The line that it is a version of, when it is made as one; NULL: none. */
static const struct span *set_identity(struct maker *m, struct span *s)
{
	static const enum field identity[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SOURCE };
	struct corpus *c = m->corpus;
	struct rng *r = m->rng;
	size_t trace = rng_below(r, m->shape->n_traces);
	span_set_text(s, FIELD_SPAN_ID, id_of(c, rng_below(r, m->shape->n_spans)));
	span_set_text(s, FIELD_TRACE_ID,
		trace < COUNT(ids) ? str_from_c(ids[trace])
				   : arena_printf(c->arena, "trace %zu", trace));
	span_set_text(s, FIELD_SOURCE, str_from_c(PICK(r, sources)));
	if (m->shape->has_one_version) {
		span_set_text(s, FIELD_SPAN_ID, id_of(c, c->n));
		if (m->has_sessions)
			span_set_text(
				s, FIELD_SESSION_ID, trace % 7 ? id_of(c, trace / 3) : STR(""));
		return NULL;
	}
	/* A third of the lines are versions of what is there. */
	if (c->n == 0 || rng_below(r, 3))
		return NULL;
	const struct span *old = &c->lines[rng_below(r, c->n)];
	for (size_t i = 0; i < COUNT(identity); i++)
		span_set_text(s, identity[i], span_text(old, identity[i]));
	return old;
}

/* As an API makes it: with the start that it says now, and the arrival of what it changes. */
static void make_update(struct span *s, const struct span *old, int32_t day)
{
	span_set_i64(s, FIELD_UPDATED_AT, s->value[FIELD_INGESTED_AT].i64);
	span_set_i64(s, FIELD_INGESTED_AT, old->value[FIELD_INGESTED_AT].i64);
	span_set_i64(s, FIELD_STARTED_AT, (int64_t)day * NS_PER_DAY + NS_PER_DAY / 2);
}

/* Returns a string long enough to fill several reads. */
static struct str long_text(struct maker *m)
{
	static const char words[] = "lorem ipsum alpha dolor sit amet ";
	size_t n = (16 << 10) + rng_below(m->rng, 1000);
	char *text = arena_text(m->corpus->arena, n);
	for (size_t i = 0; i < n; i++)
		text[i] = words[i % (sizeof words - 1)];
	text[0] = text[n - 1] = '"';
	return str_of(text, n);
}

static struct span random_span(struct maker *m, int32_t day)
{
	static const enum field long_ones[] = { FIELD_INPUT, FIELD_OUTPUT, FIELD_ATTRIBUTES };
	struct span s;
	struct rng *r = m->rng;
	span_init(&s);
	unsigned fullness = (unsigned)rng_below(r, 10);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (rng_below(r, 10) < fullness)
			set_field(r, &s, (enum field)f);
	if (rng_below(r, 40) == 0)
		span_set_text(&s, PICK(r, long_ones), long_text(m));
	const struct span *old = set_identity(m, &s);
	if (m->has_sessions || rng_below(r, 20))
		set_field(r, &s, FIELD_STARTED_AT);
	/* Clocks of several writers: nearly in order. */
	span_set_i64(&s, FIELD_INGESTED_AT,
		(int64_t)day * NS_PER_DAY + (int64_t)(m->corpus->n / 4 + rng_below(r, 4)));
	span_unset(&s, FIELD_UPDATED_AT);
	if (rng_below(r, 8) == 0)
		span_set_i64(&s, FIELD_UPDATED_AT,
			s.value[FIELD_INGESTED_AT].i64 + (int64_t)rng_below(r, 9) - 4);
	else if (old && rng_below(r, 4) == 0)
		make_update(&s, old, day);
	if (rng_below(r, 2) == 0)
		span_unset(&s, FIELD_PARENT_SPAN_ID);
	s.is_deleted = !m->shape->has_one_version && rng_below(r, 12) == 0;
	return s;
}

/* What a crash or a disk leaves behind; readers skip it. */
static void add_damage(struct rng *r, struct buf *file)
{
	switch (rng_below(r, 5)) {
	case 0:
		buf_add(file, STR("{\"span_id\":\"s1\",\"trace_id\":\"t\n"));
		break;
	case 1:
		buf_add(file, STR("\n"));
		break;
	case 2:
		buf_add(file, str_of("\0\0\0\0\n", 5));
		break;
	case 3:
		buf_add(file, STR("{\"span_id\":\"s1\",\"_c\":\"00000000\"}\n"));
		break;
	default:
		buf_add(file, STR("nonsense\n"));
	}
}

/* The newest earlier day with a line of the same identity, as a writer finds it. */
static int32_t prev_day(const struct maker *m, const struct span *s, int32_t day)
{
	uint64_t identity = span_identity_hash(s);
	for (size_t i = m->corpus->n; i-- > 0;)
		if (m->identities[i] == identity && m->days[i] < day)
			return m->days[i];
	return SPAN_NO_DAY;
}

static void note_line(struct maker *m, const struct span *s, int32_t day)
{
	struct corpus *c = m->corpus;
	m->identities[c->n] = span_identity_hash(s);
	m->days[c->n] = day;
	c->lines[c->n++] = *s;
}

/* As the program does it: lines and live records. */
static void append_batch(struct maker *m, int32_t day, size_t n)
{
	struct corpus *c = m->corpus;
	size_t first = c->n;
	for (size_t i = 0; i < n; i++) {
		struct span s = random_span(m, day);
		note_line(m, &s, day);
	}
	ck_assert_int_eq(store_append(&m->scene->store, STR("w"), true, c->arena, c->lines + first,
				 n, (int64_t)day * NS_PER_DAY),
		ERR_OK);
}

static struct str newest_part(struct maker *m, int32_t day, char name[static STORE_NAME_MAX])
{
	int part = 0;
	store_file_name(STORE_FILE_SHARD, day, 0, name);
	if (!scene_has(m->scene, name))
		return STR("");
	for (; scene_has(m->scene, name); part++)
		store_file_name(STORE_FILE_SHARD, day, part + 1, name);
	store_file_name(STORE_FILE_SHARD, day, part - 1, name);
	return scene_file(m->scene, name);
}

/* As somebody else does it, with what crashes and disks leave behind. */
static void append_lines(struct maker *m, int32_t day, size_t n)
{
	char name[STORE_NAME_MAX];
	struct buf file;
	buf_init(&file, m->corpus->arena);
	buf_add(&file, newest_part(m, day, name));
	if (file.len && file.ptr[file.len - 1] != '\n')
		buf_add_char(&file, '\n');
	for (size_t i = 0; i < n; i++) {
		struct span s = random_span(m, day);
		s.prev_day = prev_day(m, &s, day);
		line_write(&file, &s);
		note_line(m, &s, day);
		if (rng_below(m->rng, 15) == 0)
			add_damage(m->rng, &file);
	}
	/* Half a line, as a reader beside a writer sees it. */
	if (rng_below(m->rng, 3) == 0)
		buf_add(&file, STR("{\"span_id\":\"s2\""));
	scene_put(m->scene, name, buf_str(&file));
}

static void close_day(struct maker *m, int32_t day)
{
	struct index_flush how = { .all = rng_below(m->rng, 2) };
	struct terms_updating words = { .all = rng_below(m->rng, 2) };
	ck_assert_int_eq(index_flush_day(&m->scene->store, STR("w"), day, &how), ERR_OK);
	if (rng_below(m->rng, 2))
		ck_assert_int_eq(
			terms_update(&m->scene->store, STR("w"), day, &words, NULL), ERR_OK);
}

/* Some of the days that are over. */
static void seal_days(struct maker *m, int32_t today, unsigned one_of)
{
	int32_t *days;
	size_t n;
	ck_assert_int_eq(seal_due(&m->scene->store, STR("w"), today * NS_PER_DAY, m->corpus->arena,
				 &days, &n),
		ERR_OK);
	for (size_t i = 0; i < n; i++)
		if (rng_below(m->rng, one_of) == 0)
			scene_seal(m->scene, days[i]);
}

void corpus_make(struct corpus *c, const struct corpus_shape *shape, struct rng *r,
	struct scene *sc, struct arena *a)
{
	size_t n_lines = rng_below(r, 10) ? rng_below(r, shape->lines_max + 1) : 0;
	int days = 1 + (int)rng_below(r, (size_t)shape->days_max);
	int32_t day = SCENE_DAY;
	*c = (struct corpus){ .arena = a,
		.lines = arena_calloc(a, shape->lines_max, sizeof *c->lines) };
	struct maker m = { c, shape, r, sc, arena_calloc(a, shape->lines_max, sizeof(uint64_t)),
		arena_calloc(a, shape->lines_max, sizeof(int32_t)),
		shape->has_one_version && rng_below(r, 2) };
	scene_workspace(sc);
	sc->store.shard_bytes = (int64_t)(1000 + rng_below(r, shape->lines_max * 600));
	sc->store.index_rows = 1 + (uint32_t)rng_below(r, shape->lines_max / 2);
	sc->store.index_bytes = (int64_t)(500 + rng_below(r, shape->lines_max * 600));
	sc->store.terms_bytes = (int64_t)(500 + rng_below(r, shape->lines_max * 100));
	sc->store.part_bytes = (size_t)rng_below(r, 3000);
	sc->store.terms_mark_bits = 7 + (unsigned)rng_below(r, 6);
	while (c->n < n_lines) {
		size_t n = 1 + rng_below(r, shape->batch_max);
		n = n < n_lines - c->n ? n : n_lines - c->n;
		if (rng_below(r, 3))
			append_batch(&m, day, n);
		else
			append_lines(&m, day, n);
		if (rng_below(r, 4) == 0)
			close_day(&m, day);
		if (c->n * (size_t)days / n_lines > (size_t)(day - SCENE_DAY)) {
			day++;
			seal_days(&m, day, 5);
		}
	}
	/* When other days know where its rows stood. */
	seal_days(&m, day + 1, 3);
}

/* Of each file: nothing, gone, cut, or a byte that is another one. */
static void damage_file(struct rng *r, int dir, const char *name)
{
	struct stat st;
	int fd = openat(dir, name, O_RDWR);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	char byte;
	off_t at = st.st_size ? (off_t)rng_below(r, (size_t)st.st_size) : 0;
	switch (rng_below(r, 8)) {
	case 0:
		ck_assert_int_eq(unlinkat(dir, name, 0), 0);
		break;
	case 1:
		ck_assert_int_eq(ftruncate(fd, at), 0);
		break;
	case 2:
		if (st.st_size && pread(fd, &byte, 1, at) == 1) {
			byte = (char)(byte ^ (1 << rng_below(r, 8)));
			ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
		}
		break;
	default:
		break;
	}
	close(fd);
}

static void damage_dir(struct scene *sc, struct rng *r, const char *name)
{
	int fd = openat(sc->dir_fd, name, O_RDONLY | O_DIRECTORY);
	DIR *d = fdopendir(fd);
	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.')
			damage_file(r, fd, e->d_name);
	closedir(d);
}

void corpus_damage_index(struct scene *sc, struct rng *r)
{
	char name[STORE_NAME_MAX];
	scene_workspace(sc);
	for (int32_t day = SCENE_DAY; day < SCENE_DAY + 8; day++) {
		store_file_name(STORE_FILE_INDEX, day, 0, name);
		if (scene_has(sc, name))
			damage_dir(sc, r, name);
	}
}
