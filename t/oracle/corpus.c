#include "corpus.h"

#include "base/utime.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define PICK(r, array) ((array)[rng_below((r), COUNT(array))])

enum { LINES_MAX = 160, DAYS_MAX = 4, PARTS_MAX = 2 };

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

static void set_identity(struct rng *r, struct span *s, const struct corpus *c)
{
	static const enum field identity[] = { FIELD_SPAN_ID, FIELD_TRACE_ID, FIELD_SOURCE };
	span_set_text(s, FIELD_SPAN_ID, arena_printf(c->arena, "s%zu", rng_below(r, 40)));
	span_set_text(s, FIELD_TRACE_ID, str_from_c(PICK(r, ids)));
	span_set_text(s, FIELD_SOURCE, str_from_c(PICK(r, sources)));
	/* A third of the lines are versions of what is there. */
	if (c->n && rng_below(r, 3) == 0) {
		const struct span *old = &c->lines[rng_below(r, c->n)];
		for (size_t i = 0; i < COUNT(identity); i++)
			span_set_text(s, identity[i], span_text(old, identity[i]));
	}
}

static struct span random_span(struct rng *r, const struct corpus *c, int32_t day)
{
	struct span s;
	span_init(&s);
	unsigned fullness = (unsigned)rng_below(r, 10);
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (rng_below(r, 10) < fullness)
			set_field(r, &s, (enum field)f);
	set_identity(r, &s, c);
	if (rng_below(r, 20))
		set_field(r, &s, FIELD_STARTED_AT);
	/* Clocks of several writers: nearly in order. */
	span_set_i64(&s, FIELD_INGESTED_AT,
		(int64_t)day * NS_PER_DAY + (int64_t)(c->n / 4 + rng_below(r, 4)));
	span_unset(&s, FIELD_UPDATED_AT);
	if (rng_below(r, 8) == 0)
		span_set_i64(&s, FIELD_UPDATED_AT,
			s.value[FIELD_INGESTED_AT].i64 + (int64_t)rng_below(r, 9) - 4);
	if (rng_below(r, 2) == 0)
		span_unset(&s, FIELD_PARENT_SPAN_ID);
	s.is_deleted = rng_below(r, 12) == 0;
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

void corpus_make(struct corpus *c, struct rng *r, struct scene *sc, struct arena *a)
{
	*c = (struct corpus){ .arena = a, .lines = arena_calloc(a, LINES_MAX, sizeof *c->lines) };
	size_t n_lines = rng_below(r, 10) ? rng_below(r, LINES_MAX + 1) : 0;
	int days = 1 + (int)rng_below(r, DAYS_MAX), parts = 1 + (int)rng_below(r, PARTS_MAX);
	int n_files = days * parts;
	scene_workspace(sc);
	for (int i = 0; i < n_files; i++) {
		int32_t day = SCENE_DAY - days + 1 + i / parts;
		char name[STORE_NAME_MAX];
		struct buf file;
		buf_init(&file, a);
		size_t end = n_lines * (size_t)(i + 1) / (size_t)n_files;
		while (c->n < end) {
			struct span *s = &c->lines[c->n];
			*s = random_span(r, c, day);
			line_write(&file, s);
			c->n++;
			if (rng_below(r, 15) == 0)
				add_damage(r, &file);
		}
		/* Half a line, as a reader beside a writer sees it. */
		if (rng_below(r, 3) == 0)
			buf_add(&file, STR("{\"span_id\":\"s2\""));
		store_file_name(STORE_FILE_SHARD, day, i % parts, name);
		scene_put(sc, name, buf_str(&file));
	}
	corpus_resolve(c);
}
