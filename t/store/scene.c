#include "scene.h"

#include "base/io.h"
#include "base/utime.h"
#include "shard/sealed/sealed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of what the scene hands out, from scene_open() to scene_close(). */
static struct arena arena;

struct arena *scene_arena(void)
{
	return &arena;
}

static void open_store(struct scene *sc)
{
	ck_assert_int_eq(store_open(&sc->store, &sc->conf), ERR_OK);
	sc->store.index_pause_ns = 0; /* no test shall depend on how fast it runs */
}

static int no_sync(int fd)
{
	(void)fd;
	return 0;
}

/* Without power cuts, waiting for the disk tells nothing and takes long. */
static void use_quick_io(void)
{
	static struct io_table quick;
	quick = io_system;
	quick.fsync = quick.fdatasync = no_sync;
	io = &quick;
}

void scene_open(struct scene *sc)
{
	use_quick_io();
	arena_init(&arena, (size_t)1 << 30);
	const char *base = getenv("TMPDIR");
	(void)snprintf(sc->path, sizeof sc->path, "%.40s/fs-store.XXXXXX", base ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(sc->path));
	conf_defaults(&sc->conf);
	sc->conf.root = str_from_c(sc->path);
	sc->conf.free_bytes = 0; /* tests run on small disks */
	sc->dir_fd = -1;
	open_store(sc);
}

void scene_reopen(struct scene *sc)
{
	store_close(&sc->store);
	open_store(sc);
}

void scene_remove_tree(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0) {
		ck_assert_int_eq(unlinkat(parent, name, 0), 0);
		return;
	}
	DIR *d = fdopendir(fd);
	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			scene_remove_tree(fd, e->d_name);
	closedir(d);
	ck_assert_int_eq(unlinkat(parent, name, AT_REMOVEDIR), 0);
}

void scene_close(struct scene *sc)
{
	io = &io_system;
	store_close(&sc->store);
	if (sc->dir_fd >= 0)
		close(sc->dir_fd);
	scene_remove_tree(AT_FDCWD, sc->path);
	arena_release(&arena);
}

struct str scene_id(unsigned n)
{
	return arena_printf(scene_arena(), "s%07u", n);
}

struct span scene_span(unsigned n, int64_t started_ns, size_t output_bytes)
{
	struct span s;
	span_init(&s);
	span_set_text(&s, FIELD_SPAN_ID, scene_id(n));
	span_set_text(&s, FIELD_TRACE_ID, STR("t1"));
	span_set_text(&s, FIELD_SOURCE, STR("test"));
	span_set_i64(&s, FIELD_STARTED_AT, started_ns);
	span_set_i64(&s, FIELD_INGESTED_AT, started_ns);
	char *text = arena_text(scene_arena(), output_bytes + 2);
	memset(text, 'a' + (int)(n % 26), output_bytes + 2);
	text[0] = text[output_bytes + 1] = '"';
	span_set_text(&s, FIELD_OUTPUT, str_of(text, output_bytes + 2));
	return s;
}

enum err scene_append(struct scene *sc, unsigned n, int64_t now_ns)
{
	struct span s = scene_span(n, now_ns, 20);
	return store_append(&sc->store, STR("w"), true, scene_arena(), &s, 1, now_ns);
}

void scene_must_append(struct scene *sc, unsigned n, int64_t now_ns)
{
	enum err e = scene_append(sc, n, now_ns);
	ck_assert_msg(e == ERR_OK, "%s", err_name(e));
}

struct scene_lines scene_read_view(struct view *v)
{
	struct scene_lines lines = { 0 };
	struct buf spans, refs;
	buf_init(&spans, scene_arena());
	buf_init(&refs, scene_arena());
	for (size_t i = 0; i < v->n_shards; i++) {
		struct shard_reader r;
		struct str line;
		struct row_ref ref;
		bool more;
		ck_assert_int_eq(shard_reader_open(v, i, 0, -1, &r), ERR_OK);
		for (;;) {
			ck_assert_int_eq(shard_reader_next(&r, &line, &ref, &more), ERR_OK);
			if (!more)
				break;
			struct span s;
			enum line_state state =
				line_read(arena_copy(scene_arena(), line), NULL, false, &s);
			view_count(v, state);
			if (state != LINE_OK)
				continue;
			buf_add(&spans, str_of((const char *)&s, sizeof s));
			buf_add(&refs, str_of((const char *)&ref, sizeof ref));
			lines.n++;
		}
		shard_reader_close(&r);
	}
	lines.spans = arena_calloc(scene_arena(), lines.n, sizeof *lines.spans);
	lines.refs = arena_calloc(scene_arena(), lines.n, sizeof *lines.refs);
	if (lines.n) {
		memcpy(lines.spans, spans.ptr, spans.len);
		memcpy(lines.refs, refs.ptr, refs.len);
	}
	buf_release(&spans);
	buf_release(&refs);
	lines.n_torn = v->n_torn;
	lines.n_rot = v->n_rot;
	lines.n_zero = v->n_zero;
	return lines;
}

struct scene_lines scene_read(struct scene *sc)
{
	struct scene_lines lines = { 0 };
	struct view v;
	enum err e = view_open(&sc->store, STR("w"), scene_arena(), &v);
	if (e == ERR_NOT_FOUND)
		return lines;
	ck_assert_int_eq(e, ERR_OK);
	lines = scene_read_view(&v);
	view_close(&v);
	return lines;
}

size_t scene_count(struct scene *sc, unsigned n)
{
	struct scene_lines lines = scene_read(sc);
	size_t found = 0;
	for (size_t i = 0; i < lines.n; i++)
		found += str_eq(span_text(&lines.spans[i], FIELD_SPAN_ID), scene_id(n));
	return found;
}

void scene_put_sealed(struct scene *sc, const char *name)
{
	struct sealed_writer w;
	scene_put(sc, name, STR(""));
	int fd = openat(sc->dir_fd, name, O_RDWR);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(sealed_writer_open(&w, scene_arena(), fd, 1), ERR_OK);
	ck_assert_int_eq(sealed_writer_finish(&w), ERR_OK);
	sealed_writer_close(&w);
	close(fd);
}

void scene_seal(struct scene *sc, int32_t day)
{
	struct seal_options o;
	struct seal_result result;
	seal_options_init(&o, (day + 2) * NS_PER_DAY);
	o.grace_ms = 0;
	o.level = 1;
	enum err e = seal_day(&sc->store, STR("w"), day, &o, &result);
	ck_assert_msg(e == ERR_OK, "%s", err_name(e));
	ck_assert_int_eq(result.wait_ms, 0);
}

void scene_workspace(struct scene *sc)
{
	if (sc->dir_fd < 0)
		ck_assert_int_eq(workspace_open(&sc->store, STR("w"), true, &sc->dir_fd), ERR_OK);
}

bool scene_has(struct scene *sc, const char *name)
{
	scene_workspace(sc);
	return faccessat(sc->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

struct str scene_file(struct scene *sc, const char *name)
{
	scene_workspace(sc);
	int fd = openat(sc->dir_fd, name, O_RDONLY);
	ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
	struct stat st;
	ck_assert_int_eq(fstat(fd, &st), 0);
	char *p = arena_text(scene_arena(), (size_t)st.st_size + 1);
	ck_assert_int_eq(read(fd, p, (size_t)st.st_size), st.st_size);
	close(fd);
	return str_of(p, (size_t)st.st_size);
}

void scene_put(struct scene *sc, const char *name, struct str bytes)
{
	scene_workspace(sc);
	/* A new file: truncating the old one makes some file systems wait for the disk. */
	(void)unlinkat(sc->dir_fd, name, 0);
	int fd = openat(sc->dir_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0640);
	ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
	ck_assert_int_eq(write(fd, bytes.ptr, bytes.len), (ssize_t)bytes.len);
	close(fd);
}

void scene_remove(struct scene *sc, const char *name)
{
	scene_workspace(sc);
	ck_assert_int_eq(unlinkat(sc->dir_fd, name, 0), 0);
}

struct scene_holder scene_hold(struct scene *sc, int32_t day)
{
	char name[STORE_NAME_MAX], c;
	int ready[2], go[2];
	scene_workspace(sc);
	store_file_name(STORE_FILE_LOCK, day, 0, name);
	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(go), 0);
	struct scene_holder h = { .pid = fork(), .tell_fd = go[1] };
	ck_assert_int_ge(h.pid, 0);
	if (h.pid == 0) {
		close(go[1]);
		int fd = openat(sc->dir_fd, name, O_RDWR | O_CREAT, 0640);
		if (flock(fd, LOCK_EX) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(go[0], &c, 1) < 0);
	}
	close(go[0]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return h;
}

void scene_release(struct scene_holder h)
{
	int status;
	close(h.tell_fd);
	ck_assert_int_eq(waitpid(h.pid, &status, 0), h.pid);
	ck_assert_int_eq(status, 0);
}

int scene_open_fds(void)
{
	int n = 0;
	for (int fd = 0; fd < 512; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}
