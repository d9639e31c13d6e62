/*
 * One byte of one file of a workspace is damaged: what else is there is served and written to all
 * the same, and what is missing is named.
 *
 * Requests go through the handlers of the programs, without a server.  FLATSPAN_BYTES says how many
 * bytes are tried, a random choice of all files and workspaces; "all" tries each.
 */
#include "scene.h"

#include "api/api.h"
#include "base/io.h"
#include "base/utime.h"
#include "index/flush.h"
#include "random.h"
#include "store/damage.h"
#include "store/notes.h"
#include "store/projects.h"
#include "store/settings.h"
#include "web.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

enum {
	SPANS = 16,        /* of each of the two days */
	BODY_BYTES = 1200, /* the page with all of them goes out at once, its headers last */
	FILES_MAX = 64,
	DEFAULT_TRIES = 60,
	NAME_BYTES = 64
};

static struct scene sc;

/* ---- A workspace in memory ---- */

struct file {
	char name[NAME_BYTES]; /* with the directory of an index in front */
	struct str bytes;
};

struct image {
	const char *what;
	struct file files[FILES_MAX];
	size_t n;
};

static void read_dir(struct image *m, int fd, const char *prefix)
{
	DIR *d = fdopendir(dup(fd));
	ck_assert_ptr_nonnull(d);
	rewinddir(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		struct stat st;
		char name[NAME_BYTES];
		if (e->d_name[0] == '.' || fstatat(fd, e->d_name, &st, 0) != 0)
			continue;
		ck_assert_int_lt(snprintf(name, sizeof name, "%s%.40s%s", prefix, e->d_name,
					 S_ISDIR(st.st_mode) ? "/" : ""),
			(int)sizeof name);
		int other = openat(fd, e->d_name, O_RDONLY);
		ck_assert_int_ge(other, 0);
		if (S_ISDIR(st.st_mode)) {
			read_dir(m, other, name);
		} else {
			struct file *f = &m->files[m->n++];
			char *p = arena_text(scene_arena(), (size_t)st.st_size + 1);
			ck_assert_uint_lt(m->n, FILES_MAX);
			memcpy(f->name, name, sizeof name);
			ck_assert_int_eq(read(other, p, (size_t)st.st_size), st.st_size);
			f->bytes = str_of(p, (size_t)st.st_size);
		}
		close(other);
	}
	closedir(d);
}

static bool is_of_index(const struct file *f)
{
	return strstr(f->name, ".idx/") != NULL;
}

/* The workspace as the image has it. */
static void put_image(const struct image *m, bool has_index)
{
	scene_workspace(&sc);
	close(sc.dir_fd);
	sc.dir_fd = -1;
	scene_remove_tree(sc.store.root_fd, "w");
	scene_workspace(&sc);
	for (size_t i = 0; i < m->n; i++) {
		char dir[NAME_BYTES];
		size_t n = strcspn(m->files[i].name, "/");
		if (is_of_index(&m->files[i]) && !has_index)
			continue;
		memcpy(dir, m->files[i].name, n);
		dir[n] = '\0';
		if (m->files[i].name[n])
			(void)mkdirat(sc.dir_fd, dir, 0750); /* or it is there */
		scene_put(&sc, m->files[i].name, m->files[i].bytes);
	}
}

/* ---- Making them ---- */

static void append_day(struct rng *rng, int32_t day)
{
	for (unsigned i = 0; i < SPANS; i++) {
		int64_t now_ns = day * NS_PER_DAY + NS_PER_DAY / 2 + i * NS_PER_S;
		struct span s = scene_span((unsigned)(day - SCENE_DAY) * 100 + i, now_ns, 0);
		char *body = arena_text(scene_arena(), BODY_BYTES);
		for (size_t k = 0; k < BODY_BYTES; k++)
			body[k] = (char)('a' + rng_below(rng, 26));
		body[0] = body[BODY_BYTES - 1] = '"';
		span_set_text(&s, FIELD_INPUT, str_of(body, BODY_BYTES));
		span_set_text(&s, FIELD_PROJECT, i % 2 ? STR("one") : STR("two"));
		ck_assert_int_eq(
			store_append(&sc.store, STR("w"), true, scene_arena(), &s, 1, now_ns),
			ERR_OK);
	}
}

static bool keep_long(void *user, struct settings *settings)
{
	(void)user;
	settings->keep_days = 9000;
	settings->mask.keys = STR("password");
	return true;
}

static void make_small_files(void)
{
	static const struct str projects[] = { { "one", 3 }, { "two", 3 } };
	struct projects p;
	struct note note;
	ck_assert_int_eq(projects_ensure(&sc.store, STR("w"), true, scene_arena(), projects, 2,
				 STR("me"), SCENE_NOW, &p),
		ERR_OK);
	ck_assert_int_eq(
		settings_change(&sc.store, STR("w"), scene_arena(), keep_long, NULL), ERR_OK);
	note_init(&note, NOTE_SCORE, NOTE_ABOUT_SPAN);
	note.text[NOTE_FIELD_ID] = STR("n1");
	note.text[NOTE_FIELD_SPAN_ID] = scene_id(1);
	note.text[NOTE_FIELD_TRACE_ID] = STR("t1");
	note.text[NOTE_FIELD_NAME] = STR("good");
	ck_assert_int_eq(
		notes_append(&sc.store, STR("w"), true, scene_arena(), &note, 1, SCENE_NOW),
		ERR_OK);
	scene_put(&sc, "erase.json",
		STR("{\"orders\":[{\"at\":\"2026-11-20T12:00:00Z\",\"what\":\"user_id=x\","
		    "\"where\":[\"user_id=x\"],\"last_day\":\"2026-11-19\"}]}\n"));
	scene_put(&sc, "audit.jsonl",
		STR("{\"at\":\"2026-11-20T12:00:00Z\",\"verb\":\"erase\",\"state\":\"begin\"}\n"));
}

enum { HAS_PLAIN = 1, HAS_SEALED = 2 };

static void make_image(struct image *m, unsigned what)
{
	static const char *const names[] = { "", "plain days", "sealed days", "both" };
	struct rng rng = { 7 };
	*m = (struct image){ .what = names[what] };
	append_day(&rng, SCENE_DAY);
	append_day(&rng, SCENE_DAY + 1);
	make_small_files();
	for (int32_t day = SCENE_DAY; day < SCENE_DAY + 2; day++) {
		const struct index_flush all = { .all = true, .wait_ms = 1000 };
		if (what == HAS_SEALED || (what == (HAS_PLAIN | HAS_SEALED) && day == SCENE_DAY))
			scene_seal(&sc, day);
		else
			ck_assert_int_eq(index_flush_day(&sc.store, STR("w"), day, &all), ERR_OK);
	}
	read_dir(m, sc.dir_fd, "");
	close(sc.dir_fd);
	sc.dir_fd = -1;
	scene_remove_tree(sc.store.root_fd, "w");
}

/* ---- Asking ---- */

struct answer {
	int status;
	struct str text; /* headers and body */
	bool is_named;   /* something was skipped */
};

static struct answer ask(struct app *app, const char *method, const char *target, struct str body)
{
	struct fake f;
	struct str reason = STR_NULL;
	const char *variables[] = {
		arena_copy_c(test_arena(), arena_printf(test_arena(), "REQUEST_METHOD=%s", method)),
		arena_copy_c(test_arena(), arena_printf(test_arena(), "REQUEST_URI=%s", target)),
		"CONTENT_TYPE=application/json",
		arena_copy_c(
			test_arena(), arena_printf(test_arena(), "CONTENT_LENGTH=%zu", body.len)),
		NULL
	};
	fake_init(&f, variables, body);
	f.request.conf = &sc.conf;
	f.request.app = app;
	f.request.now_ns = SCENE_NOW + 2 * NS_PER_DAY;
	ck_assert_int_eq(request_read_target(&f.request, &reason), ERR_OK);
	route_request(&f.request, api_tables, PROGRAM_ALL);
	response_finish(&f.response);
	struct str text = buf_str(&f.out);
	return (struct answer){ .status = f.response.status,
		.text = text,
		.is_named = str_find(text, STR("X-Skipped-Lines: ")) < text.len ||
			    str_find(text, STR("X-Skipped-Days: ")) < text.len };
}

/* Where the damage is, for messages. */
struct place {
	const struct image *image;
	const struct file *file;
	size_t at;
	unsigned bit;
	bool has_index;
};

static void must_be_2xx(const struct answer *a, const struct place *p, const char *what)
{
	ck_assert_msg(a->status / 100 == 2, "%s, %s, byte %zu, bit %u, %s index: %s is %.*s",
		p->image->what, p->file ? p->file->name : "", p->at, p->bit,
		p->has_index ? "with" : "no", what, (int)(a->text.len < 900 ? a->text.len : 900),
		a->text.ptr);
}

static size_t count(struct str text, struct str what)
{
	size_t n = 0;
	for (size_t at; (at = str_find(text, what)) < text.len; n++)
		text = str_skip(text, at + what.len);
	return n;
}

#define SPANS_PATH "/apis/intake/v2/workspaces/w/spans"

static void read_all(struct app *app, const struct place *p)
{
	struct answer a;
	a = ask(app, "GET", SPANS_PATH "?sort=-started_at&page_size=100", STR(""));
	must_be_2xx(&a, p, "the list");
	size_t n = count(a.text, STR("\"span_id\":\"s"));
	ck_assert_msg(n == 2 * SPANS || a.is_named,
		"%s, %s, byte %zu, bit %u, %s index: %zu of %d spans, and nothing is said",
		p->image->what, p->file ? p->file->name : "", p->at, p->bit,
		p->has_index ? "with" : "no", n, 2 * SPANS);
	ck_assert_uint_ge(n, SPANS);
	a = ask(app, "GET", SPANS_PATH "/groups?by=trace_id", STR(""));
	must_be_2xx(&a, p, "the groups");
	a = ask(app, "GET", "/health", STR(""));
	must_be_2xx(&a, p, "the health");
	a = ask(app, "GET", "/metrics", STR(""));
	must_be_2xx(&a, p, "the metrics");
	/* A span of a day that is not damaged. */
	unsigned other =
		p->file && str_starts(str_from_c(p->file->name), STR("2026-11-20")) ? 103 : 3;
	a = ask(app, "GET",
		arena_copy_c(test_arena(), arena_printf(test_arena(), SPANS_PATH "/s%07u", other)),
		STR(""));
	must_be_2xx(&a, p, "a span of another day");
}

static void write_one(struct app *app, const struct place *p)
{
	struct answer a = ask(app, "POST", "/v1/traces",
		STR("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":"
		    "\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\","
		    "\"name\":\"new\",\"startTimeUnixNano\":\"1795200000000000000\","
		    "\"endTimeUnixNano\":\"1795200001000000000\"}]}]}]}"));
	must_be_2xx(&a, p, "a write");
	ck_assert(str_find(a.text, STR("rejected")) == a.text.len);
	a = ask(app, "GET", SPANS_PATH "/eee19b7ec3c1b174", STR(""));
	must_be_2xx(&a, p, "what was written");
}

static void open_app(struct app *app)
{
	*app = (struct app){ .conf = &sc.conf };
	ck_assert_int_eq(store_open(&app->store, &sc.conf), ERR_OK);
	app->store.index_pause_ns = 0;
}

/* What is not understood is named, and no answer misses anything in silence. */
static void try_requests(const struct place *p)
{
	struct app app;
	struct settings settings;
	struct damages damages;
	open_app(&app);
	read_all(&app, p);
	enum err e = settings_read(&app.store, STR("w"), test_arena(), &settings);
	ck_assert_int_eq(damage_list(&app.store, STR("w"), test_arena(), &damages), ERR_OK);
	ck_assert(!e || damages.n);
	write_one(&app, p);
	price_file_close(&app.prices);
	store_close(&app.store);
}

static void try_byte(const struct image *m, size_t file, size_t at, unsigned bit, bool has_index)
{
	struct place p = { m, &m->files[file], at, bit, has_index };
	struct arena_mark mark = arena_mark(scene_arena());
	char *byte = (char *)(uintptr_t)p.file->bytes.ptr + at;
	*byte = (char)(*byte ^ 1 << bit);
	put_image(m, has_index);
	*byte = (char)(*byte ^ 1 << bit);
	try_requests(&p);
	arena_rewind(scene_arena(), mark);
	unit_teardown(); /* blocks too */
	unit_setup();
}

/* ---- */

static void begin(struct image m[3])
{
	scene_open(&sc);
	sc.conf.workspace = STR("w");
	sc.conf.auth = CONF_AUTH_OFF;
	make_image(&m[0], HAS_PLAIN);
	make_image(&m[1], HAS_SEALED);
	make_image(&m[2], HAS_PLAIN | HAS_SEALED);
}

START_TEST(without_damage_nothing_is_missing)
	{
		static struct image m[3];
		begin(m);
		for (unsigned i = 0; i < 6; i++) {
			struct place p = { .image = &m[i / 2], .has_index = i % 2 };
			struct damages damages;
			struct app app;
			put_image(p.image, p.has_index);
			open_app(&app);
			struct answer a = ask(&app, "GET", SPANS_PATH "?page_size=100", STR(""));
			ck_assert(!a.is_named);
			ck_assert_int_eq(
				damage_list(&app.store, STR("w"), test_arena(), &damages), ERR_OK);
			ck_assert_uint_eq(damages.n, 0);
			read_all(&app, &p);
			write_one(&app, &p);
			store_close(&app.store);
		}
		scene_close(&sc);
	}
END_TEST

static void try_all(const struct image *m)
{
	for (size_t f = 0; f < m->n; f++)
		for (size_t at = 0; at < m->files[f].bytes.len; at++)
			for (int has_index = is_of_index(&m->files[f]); has_index < 2; has_index++)
				try_byte(m, f, at, (unsigned)(at * 5 + f) % 8, has_index);
}

/* Each file as often as the others, however short. */
static void try_some(struct rng *rng, const struct image *m)
{
	size_t file;
	do
		file = rng_below(rng, m->n);
	while (m->files[file].bytes.len == 0);
	bool has_index = is_of_index(&m->files[file]) || rng_below(rng, 2);
	size_t at = rng_below(rng, m->files[file].bytes.len);
	try_byte(m, file, at, (unsigned)rng_below(rng, 8), has_index);
}

START_TEST(a_damaged_byte_stops_nothing_else_and_is_named)
	{
		static struct image m[3];
		const char *text = getenv("FLATSPAN_BYTES");
		struct rng rng = rng_from_seed();
		int64_t tries = DEFAULT_TRIES;
		begin(m);
		bool is_all = text && strcmp(text, "all") == 0;
		ck_assert(!text || is_all || str_to_i64(str_from_c(text), &tries));
		for (unsigned i = 0; is_all && i < 3; i++)
			try_all(&m[i]);
		for (int64_t i = 0; !is_all && i < tries; i++)
			try_some(&rng, &m[i % 3]);
		scene_close(&sc);
	}
END_TEST

UNIT_MAIN("any_byte", without_damage_nothing_is_missing,
	a_damaged_byte_stops_nothing_else_and_is_named)
