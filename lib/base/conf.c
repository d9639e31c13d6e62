#include "base/conf.h"

#include "base/buf.h"
#include "base/io.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <regex.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/auxv.h>
#endif

enum {
	FILE_MAX_BYTES = 64 << 10, /* twenty settings and the longest explanations */
	SHOWN_BYTES = 80           /* of a bad value in a message */
};

#define SYSTEM_FILE "/etc/flatspan/flatspan.conf"
#define HOME_FILE ".config/flatspan/flatspan.conf"
#define POINTER_FILE "flatspan.conf.path"

static const char *const auth_words[] = {
	[CONF_AUTH_LOOPBACK] = "loopback",
	[CONF_AUTH_ON] = "on",
	[CONF_AUTH_OFF] = "off",
	NULL,
};

static const char *const sync_words[] = {
	[CONF_SYNC_ALWAYS] = "always",
	[CONF_SYNC_NONE] = "none",
	NULL,
};

static const char *const content_words[] = {
	[CONF_CONTENT_FULL] = "full",
	[CONF_CONTENT_HASH] = "hash",
	[CONF_CONTENT_NONE] = "none",
	NULL,
};

static const char *const sandbox_words[] = {
	[CONF_SANDBOX_AUTO] = "auto",
	[CONF_SANDBOX_REQUIRE] = "require",
	[CONF_SANDBOX_OFF] = "off",
	NULL,
};

/* The table says of what type each member of struct conf is; here the compiler compares. */
#define IS_TEXT(member) _Generic((member), struct str : 1, default : 0)
#define IS_ENUM(member) (sizeof(member) == sizeof(unsigned))
#define IS_BOOL(member) _Generic((member), bool : 1, default : 0)
#define IS_SIZE(member) _Generic((member), size_t : 1, default : 0)
#define IS_INT(member) _Generic((member), int : 1, default : 0)
#define X(type, name, value, reason) \
	_Static_assert(IS_##type(((struct conf *)0)->name), #name " is no " #type);
CONF_LIST(X)
#undef X

#define WORDS_TEXT(name) NULL
#define WORDS_ENUM(name) name##_words
#define WORDS_BOOL(name) NULL
#define WORDS_SIZE(name) NULL
#define WORDS_INT(name) NULL

static const struct setting {
	const char *name, *value;
	enum conf_type type;
	size_t offset;
	const char *const *words; /* of an ENUM, in the order of its values */
} settings[] = {
#define X(type, name, value, reason) \
	{ #name, value, CONF_##type, offsetof(struct conf, name), WORDS_##type(name) },
	CONF_LIST(X)
#undef X
};

enum { N_SETTINGS = sizeof settings / sizeof settings[0] };

static bool read_bool(struct str s, bool *ret)
{
	bool is_yes = str_eq_nocase(s, STR("yes")) || str_eq_nocase(s, STR("true")) ||
		      str_eq_nocase(s, STR("on"));
	bool is_no = str_eq_nocase(s, STR("no")) || str_eq_nocase(s, STR("false")) ||
		     str_eq_nocase(s, STR("off"));
	if (is_yes || is_no)
		*ret = is_yes;
	return is_yes || is_no;
}

/* Reads digits and an optional K, M, G or T, the powers of 1024. */
static bool read_size(struct str s, size_t *ret)
{
	static const char units[] = "kmgt";
	uint64_t n, factor = 1;
	if (s.len && !ascii_is_digit(s.ptr[s.len - 1])) {
		size_t unit =
			str_index(str_of(units, sizeof units - 1), ascii_lower(s.ptr[s.len - 1]));
		if (unit == sizeof units - 1)
			return false;
		factor = UINT64_C(1) << (10 * (unit + 1));
		s = str_trim(str_first(s, s.len - 1));
	}
	return str_to_u64(s, &n) && !__builtin_mul_overflow(n, factor, ret);
}

static bool read_int(struct str s, int *ret)
{
	uint64_t n;
	if (!str_to_u64(s, &n) || n > INT_MAX)
		return false;
	*ret = (int)n;
	return true;
}

static bool conf_read_choice(struct str s, const char *const *words, unsigned *ret)
{
	for (unsigned i = 0; words[i]; i++)
		if (str_eq_nocase(s, str_from_c(words[i]))) {
			*ret = i;
			return true;
		}
	return false;
}

static bool conf_set(struct conf *c, const struct setting *s, struct str value)
{
	char *member = (char *)c + s->offset;
	switch (s->type) {
	case CONF_TEXT:
		*(struct str *)member = value;
		return true;
	case CONF_ENUM:
		return conf_read_choice(value, s->words, (unsigned *)member);
	case CONF_BOOL:
		return read_bool(value, (bool *)member);
	case CONF_SIZE:
		return read_size(value, (size_t *)member);
	case CONF_INT:
		return read_int(value, (int *)member);
	}
	return false;
}

/* Returns what a value of the setting looks like. */
static struct str wanted(struct arena *a, const struct setting *s)
{
	struct buf b;
	switch (s->type) {
	case CONF_BOOL:
		return STR("yes or no");
	case CONF_SIZE:
		return STR("a number of bytes such as 64M or 2G");
	case CONF_INT:
		return STR("a whole number");
	case CONF_ENUM:
		buf_init(&b, a);
		for (size_t i = 0; s->words[i]; i++)
			buf_printf(&b, "%s%s",
				i == 0            ? ""
				: s->words[i + 1] ? ", "
						  : " or ",
				s->words[i]);
		return buf_str(&b);
	case CONF_TEXT:
		break;
	}
	return STR("a text");
}

void conf_defaults(struct conf *c)
{
	*c = (struct conf){ 0 };
	for (size_t i = 0; i < N_SETTINGS; i++) {
		bool is_good = conf_set(c, &settings[i], str_from_c(settings[i].value));
		assert(is_good);
		(void)is_good;
	}
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return true;
	return false;
}

/* Returns the text up to a # that begins the line or follows a blank. */
static struct str without_comment(struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] == '#' &&
			(i == 0 || line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t'))
			return str_first(line, i);
	return line;
}

static const struct setting *find_setting(struct str name)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (str_eq(name, str_from_c(settings[i].name)))
			return &settings[i];
	return NULL;
}

/* Empty counts as one: there is none to match. */
static bool is_regex(struct arena *a, struct str text)
{
	regex_t regex;
	if (!text.len)
		return true;
	if (regcomp(&regex, arena_copy_c(a, text), REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	regfree(&regex);
	return true;
}

/* One line that is not empty. seen: of each setting, whether an earlier line set it. Returns what
 * is wrong, or STR_NULL. */
static struct str conf_parse_line(struct conf *c, struct arena *a, struct str line, bool *seen)
{
	struct str value = line, key = str_trim(str_cut(&value, '='));
	struct str shown = str_first(key, SHOWN_BYTES);
	if (str_is_null(value) || key.len == 0)
		return STR("a line is `key = value`, or a comment that begins with #");
	const struct setting *s = find_setting(key);
	if (!s)
		return arena_printf(a, "%.*s: there is no such setting", STR_ARG(shown));
	if (seen[s - settings])
		return arena_printf(a, "%s: set twice", s->name);
	seen[s - settings] = true;
	value = arena_copy(a, str_trim(value));
	if (has_control(value))
		return arena_printf(a, "%s: the value holds control characters", s->name);
	if (!conf_set(c, s, value)) {
		shown = str_first(value, SHOWN_BYTES);
		return arena_printf(a, "%s: must be %.*s, not \"%.*s\"", s->name,
			STR_ARG(wanted(a, s)), STR_ARG(shown));
	}
	if (str_is_null(c->root) || c->root.len == 0)
		return STR("root: must not be empty");
	if (!is_regex(a, c->mask_regex))
		return STR("mask_regex: must be a POSIX extended regular expression");
	return STR_NULL;
}

enum err conf_parse(struct conf *c, struct arena *a, struct str text, struct str *ret_message)
{
	struct conf parsed = *c;
	bool seen[N_SETTINGS] = { false };
	size_t line_number = 0;
	if (str_starts(text, STR("\xef\xbb\xbf"))) /* editors on Windows */
		text = str_skip(text, 3);
	while (!str_is_null(text)) {
		struct str line = str_trim(without_comment(str_cut(&text, '\n')));
		line_number++;
		if (line.len == 0)
			continue;
		struct str wrong = conf_parse_line(&parsed, a, line, seen);
		if (!str_is_null(wrong)) {
			*ret_message = arena_printf(a, "%.*s%s%zu: %.*s", STR_ARG(c->path),
				c->path.len ? ":" : "line ", line_number, STR_ARG(wrong));
			return ERR_CONF;
		}
	}
	*c = parsed;
	return ERR_OK;
}

/* ---- Finding the file ---- */

/* A whole small file. ERR_NOT_FOUND; ERR_FORBIDDEN: a directory on the way may not be entered.
 * Symbolic links are the operator's choice and followed. */
static enum err conf_file_read(struct arena *a, struct str path, struct str *ret_text)
{
	char real[PATH_MAX];
	if (!realpath(arena_copy_c(a, path), real))
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND
		       : errno == EACCES                   ? ERR_FORBIDDEN
							   : io_error(errno);
	char *name = strrchr(real, '/');
	assert(name); /* realpath's results are absolute */
	*name++ = '\0';
	int dir, fd;
	enum err e = io_open_root(*real ? real : "/", &dir);
	if (e)
		return e;
	e = io_open_file(dir, name, O_RDONLY, &fd);
	(void)io->close(dir); /* only read from */
	if (e)
		return e;
	int64_t size = 0;
	size_t n = 0;
	char *text = NULL;
	e = io_size(fd, &size);
	if (!e && size > FILE_MAX_BYTES)
		e = ERR_TOO_LARGE;
	if (!e) {
		text = arena_text(a, (size_t)size);
		e = io_pread(fd, text, (size_t)size, 0, &n);
	}
	(void)io->close(fd); /* only read from */
	if (!e)
		*ret_text = str_of(text, n);
	return e;
}

static enum err unreadable(struct arena *a, struct str path, enum err e, struct str *ret_message)
{
	struct str why = e == ERR_NOT_FOUND   ? STR("is not there")
			 : e == ERR_FORBIDDEN ? STR("is in a directory that may not be entered")
			 : e == ERR_UNSAFE    ? STR("is not a regular file with one link")
			 : e == ERR_TOO_LARGE ? STR("is too large for a configuration file")
					      : STR("cannot be read");
	*ret_message = arena_printf(a, "%.*s %.*s", STR_ARG(path), STR_ARG(why));
	return ERR_CONF;
}

/* Returns the directory of the program with the slash: argv[0] says it when it has one. A bare name
 * was found through PATH; then the name the kernel was given says it. (The working directory never
 * does: it may be anyone's.) STR_NULL: unknown. */
static struct str program_directory(const char *program)
{
	const char *slash = program ? strrchr(program, '/') : NULL;
#ifdef __linux__
	if (!slash) {
		program = (const char *)getauxval(AT_EXECFN);
		slash = program ? strrchr(program, '/') : NULL;
	}
#endif
	return slash ? str_of(program, (size_t)(slash - program) + 1) : STR_NULL;
}

/* The path that stands in the pointer file; STR_NULL when there is none. A relative one counts from
 * the pointer's directory. */
static enum err read_pointer(
	struct arena *a, const char *program, struct str *ret_path, struct str *ret_message)
{
	struct str dir = program_directory(program), text;
	if (str_is_null(dir)) {
		*ret_path = STR_NULL;
		return ERR_OK;
	}
	struct str pointer = arena_printf(a, "%.*s" POINTER_FILE, STR_ARG(dir));
	enum err e = conf_file_read(a, pointer, &text);
	if (e == ERR_NOT_FOUND) {
		*ret_path = STR_NULL;
		return ERR_OK;
	}
	if (e)
		return unreadable(a, pointer, e, ret_message);
	text = str_trim(text);
	if (text.len == 0 || has_control(text)) {
		*ret_message = arena_printf(
			a, "%.*s: must hold one path and nothing else", STR_ARG(pointer));
		return ERR_CONF;
	}
	if (text.ptr[0] == '/')
		dir.len = 0;
	*ret_path = arena_printf(a, "%.*s%.*s", STR_ARG(dir), STR_ARG(text));
	return ERR_OK;
}

/* A value of the environment; STR_NULL when unset or empty.  This is the only file that reads the
 * environment, and HOME, FLATSPAN_CONF, FLATSPAN_ROOT, GATEWAY_INTERFACE and, for import, TMPDIR
 * are all it reads. In a plain CGI program the parameters of the request stand there as well, but a
 * client chooses values only of names that the server fixes and of HTTP_*, and none of those is
 * ever read here. */
static struct str environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? str_from_c(value) : STR_NULL;
}

static enum err read_conf(
	struct conf *c, struct arena *a, struct str path, struct str text, struct str *ret_message)
{
	c->path = arena_copy(a, path);
	return conf_parse(c, a, text, ret_message);
}

/* Finds the file and applies it over the defaults in c. */
static enum err find_and_read(
	struct conf *c, struct arena *a, const char *program, struct str *ret_message)
{
	struct str text, path = environment("FLATSPAN_CONF");
	enum err e;
	if (str_is_null(path)) {
		e = read_pointer(a, program, &path, ret_message);
		if (e)
			return e;
	}
	if (!str_is_null(path)) { /* somebody named it, so it must be there */
		e = conf_file_read(a, path, &text);
		return e ? unreadable(a, path, e, ret_message)
			 : read_conf(c, a, path, text, ret_message);
	}
	struct str home = environment("HOME");
	if (!str_is_null(home)) {
		path = arena_printf(a, "%.*s/" HOME_FILE, STR_ARG(home));
		e = conf_file_read(a, path, &text);
		if (!e)
			return read_conf(c, a, path, text, ret_message);
		/* A worker that root started and that then changed its user still has root's HOME,
		 * which it may not enter: not its home, so not its file. */
		if (e != ERR_NOT_FOUND && e != ERR_FORBIDDEN)
			return unreadable(a, path, e, ret_message);
	}
	path = STR(SYSTEM_FILE);
	e = conf_file_read(a, path, &text);
	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	return e ? unreadable(a, path, e, ret_message) : read_conf(c, a, path, text, ret_message);
}

/* Applies what the environment says about the data directory. */
static void override_root(struct conf *c, struct arena *a)
{
	struct str root = environment("FLATSPAN_ROOT");
	if (!str_is_null(root))
		c->root = arena_copy(a, root);
}

enum err conf_load(struct conf *c, struct arena *a, const char *program, struct str *ret_message)
{
	struct conf loaded;
	conf_defaults(&loaded);
	enum err e = find_and_read(&loaded, a, program, ret_message);
	if (e)
		return e;
	override_root(&loaded, a);
	*c = loaded;
	return ERR_OK;
}

enum err conf_read_file(struct conf *c, struct arena *a, struct str path, struct str *ret_message)
{
	struct conf loaded;
	struct str text;
	conf_defaults(&loaded);
	enum err e = conf_file_read(a, path, &text);
	if (e)
		return unreadable(a, path, e, ret_message);
	e = read_conf(&loaded, a, path, text, ret_message);
	if (!e)
		*c = loaded;
	return e;
}

enum err conf_load_file(struct conf *c, struct arena *a, struct str path, struct str *ret_message)
{
	enum err e = conf_read_file(c, a, path, ret_message);
	if (!e)
		override_root(c, a);
	return e;
}

bool conf_is_cgi(void)
{
	return !str_is_null(environment("GATEWAY_INTERFACE"));
}

struct str conf_home(void)
{
	return environment("HOME");
}

struct str conf_temp_dir(void)
{
	struct str dir = environment("TMPDIR");
	return str_is_null(dir) ? STR("/tmp") : dir;
}

struct str conf_client_key(void)
{
	return environment("FLATSPAN_KEY");
}
