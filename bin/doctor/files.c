/* Checks that no path leads to the data, the settings, the keys or the program file. Only the
 * content of an answer tells, because a server may answer any path with 200. Declared in doctor.h.
 */
#include "doctor/doctor.h"

struct finding {
	bool (*is_it)(struct str body);
	const char *what, *advice;
};

static bool doctor_files_is_format(struct str body)
{
	return str_starts(body, STR("flatspan ")) && body.len > 9 && ascii_is_digit(body.ptr[9]);
}

static bool is_program(struct str body)
{
	return str_starts(body, STR("\x7f"
				    "ELF"));
}

static bool is_settings(struct str body)
{
	return str_starts(body, STR("root =")) || str_find(body, STR("\nroot =")) < body.len;
}

/* True when the file holds one path of the machine. */
static bool is_pointer(struct str body)
{
	body = str_trim(body);
	return str_starts(body, STR("/")) && str_index(body, '\n') == body.len &&
	       str_ends(body, STR(".conf"));
}

static bool is_htaccess(struct str body)
{
	return str_find(body, STR("FallbackResource")) < body.len;
}

static const struct finding data = { doctor_files_is_format, "the data",
	"move it out of the document root (root = ...), and replace the keys" };

static const struct {
	const char *path; /* below the URL of the service */
	struct finding finding;
} files[] = {
	{ "/app.fcgi", { is_program, "the program file", "CGI is not enabled for it" } },
	{ "/flatspan.conf.path", { is_pointer, "the path of the settings",
					 "the server ignores .htaccess; deny it there" } },
	{ "/.htaccess", { is_htaccess, ".htaccess", "deny names that begin with .ht" } },
	{ "/flatspan.conf", { is_settings, "the settings", "move them out of the document root" } },
	{ "/.flatspan.conf",
		{ is_settings, "the settings", "move them out of the document root" } },
};

/* True when the path leads to a file of that kind. */
static bool doctor_files_look(struct patient *p, struct str path, const struct finding *f)
{
	struct fetch_answer a;
	struct fetch what = { .method = "GET", .target = path };
	if (!fetch(p->doctor->cli, &p->url, &what, &a) || a.status != 200 || !f->is_it(a.body))
		return false;
	SAY(p->doctor, WRONG, "files", "%.*s shows %s to everybody: %s", STR_ARG(path), f->what,
		f->advice);
	return true;
}

static bool doctor_files_is_plain(struct str path)
{
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.ptr[i] <= ' ' || (unsigned char)path.ptr[i] >= 0x7f ||
			path.ptr[i] == '"' || path.ptr[i] == '\\' || path.ptr[i] == '?' ||
			path.ptr[i] == '#' || path.ptr[i] == '%')
			return false;
	return true;
}

/* Tries the ends of the data directory's path, if the service is on this machine: one of them is
 * its URL when the document root is above it. */
static size_t look_for_root(struct patient *p, struct str prefix)
{
	struct arena *a = p->doctor->cli->arena;
	struct str root = p->doctor->cli->conf.root;
	size_t n = 0;
	for (size_t i = 0; i < root.len && doctor_files_is_plain(root); i++)
		if (root.ptr[i] == '/')
			n += doctor_files_look(p,
				arena_printf(a, "%.*s%.*s/FORMAT", STR_ARG(prefix),
					STR_ARG(str_skip(root, i))),
				&data);
	return n;
}

void doctor_files(struct patient *p)
{
	static const char *const likely[] = { "/data/FORMAT", "/FORMAT", "/flatspan/data/FORMAT",
		"/flatspan/FORMAT", "/../data/FORMAT", "/..%2fdata/FORMAT" };
	size_t n = 0;
	for (size_t i = 0; i < sizeof likely / sizeof likely[0]; i++) {
		n += doctor_files_look(p, patient_path(p, likely[i]), &data);
		if (p->url.path.len)
			n += doctor_files_look(p, str_from_c(likely[i]), &data);
	}
	n += look_for_root(p, STR(""));
	if (p->url.path.len)
		n += look_for_root(p, p->url.path);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		n += doctor_files_look(p, patient_path(p, files[i].path), &files[i].finding);
	if (!n)
		SAY(p->doctor, FINE, "files", "no path leads to data, settings or the program");
}
