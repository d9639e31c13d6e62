#include "sealed_scene.h"

#include "shard/sealed/sealed.h"

#include <fcntl.h>
#include <unistd.h>

const char *sealed_name(int32_t day, int part)
{
	char *name = arena_text(scene_arena(), STORE_NAME_MAX);
	store_file_name(STORE_FILE_SEALED, day, part, name);
	return name;
}

struct str some_lines(struct rng *rng, size_t n_bytes)
{
	struct buf b;
	buf_init(&b, scene_arena());
	while (b.len < n_bytes) {
		size_t n = rng_below(rng, rng_below(rng, 10) ? 300 : n_bytes / 5);
		bool repeats = b.len > 2 * n && rng_below(rng, 2);
		size_t from = repeats ? rng_below(rng, b.len - n) : 0;
		for (size_t i = 0; i < n; i++) {
			char c = repeats ? b.ptr[from + i] : (char)('a' + rng_below(rng, 26));
			buf_add_char(&b, c == '\n' ? ' ' : c);
		}
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

struct str some_talk(struct rng *rng, size_t n_bytes)
{
	struct buf b;
	buf_init(&b, scene_arena());
	while (b.len < n_bytes) {
		for (size_t i = 0, n = 20 + rng_below(rng, 300); i < n; i++) {
			struct rng word = { rng_below(rng, 500) + 1 };
			for (size_t k = 3 + rng_below(&word, 7); k; k--)
				buf_add_char(&b, (char)('a' + rng_below(&word, 26)));
			buf_printf(&b, " %u ", (unsigned)rng_below(rng, 1000));
		}
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

struct str some_repeats(struct rng *rng, size_t n_bytes)
{
	struct buf history, b;
	buf_init(&history, scene_arena());
	buf_init(&b, scene_arena());
	while (b.len < n_bytes) {
		for (size_t i = 0; i < 500; i++)
			buf_add_char(&history, (char)('a' + rng_below(rng, 26)));
		buf_add(&b, buf_str(&history));
		buf_add_char(&b, '\n');
	}
	return buf_str(&b);
}

void add_letters(struct rng *rng, struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_add_char(b, (char)('a' + rng_below(rng, 26)));
}

void write_sealed(struct scene *sc, const char *name, struct str lines)
{
	struct sealed_writer w;
	scene_workspace(sc);
	int fd = openat(sc->dir_fd, name, O_RDWR | O_CREAT | O_TRUNC, 0640);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(sealed_writer_open(&w, scene_arena(), fd, 1), ERR_OK);
	for (size_t n = 0; !str_is_null(lines) && lines.len; n++) {
		struct str line = str_first(lines, str_index(lines, '\n') + 1);
		lines = str_skip(lines, line.len);
		if (n % 7 == 0)
			sealed_writer_hint(&w);
		ck_assert_int_eq(sealed_writer_add(&w, line), ERR_OK);
	}
	ck_assert_int_eq(sealed_writer_finish(&w), ERR_OK);
	sealed_writer_close(&w);
	close(fd);
}

size_t put_damaged(struct scene *sc, struct rng *rng, struct str file, size_t n, bool is_good)
{
	char *p = (char *)(uintptr_t)file.ptr;
	size_t at = is_good ? 0 : rng_below(rng, n);
	char was = p[at];
	p[at] = (char)(is_good ? was : was ^ 1 << rng_below(rng, 8));
	scene_put(sc, sealed_name(SCENE_DAY, 1), file);
	p[at] = was;
	return at;
}

enum err seal_first_day(struct scene *sc)
{
	struct seal_options o;
	struct seal_result result;
	seal_options_init(&o, SCENE_NOW + 3 * NS_PER_DAY);
	o.grace_ms = 0;
	o.level = 1;
	o.lock_ms = 100;
	return seal_day(&sc->store, STR("w"), SCENE_DAY, &o, &result);
}

void write_long_lines(struct scene *sc, unsigned n, size_t output_bytes, struct buf *ret)
{
	enum { PERIOD = 64 << 10 };
	struct rng rng = rng_from_seed();
	for (unsigned i = 0; i < n; i++)
		scene_must_append(sc, i, SCENE_NOW);
	struct scene_lines before = scene_read(sc);
	ck_assert_uint_eq(before.n, n);
	char *body = arena_text(scene_arena(), output_bytes);
	for (size_t k = 0; k < output_bytes; k++)
		body[k] = k < PERIOD ? (char)('a' + rng_below(&rng, 26)) : body[k - PERIOD];
	body[0] = body[output_bytes - 1] = '"';
	buf_init(ret, scene_arena());
	for (unsigned i = 0; i < n; i++) {
		struct span s = before.spans[i];
		span_set_text(&s, FIELD_OUTPUT, str_of(body, output_bytes));
		line_write(ret, &s);
	}
}
