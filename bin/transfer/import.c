/* import: reads spans from files or standard input, in a format that --from names or that is
 * recognised. A file is one JSON document (an array stands for its elements), or a document a line.
 */
#include "convert/convert.h"
#include "transfer/input.h"
#include "verb.h"

#include "base/limits.h"
#include "base/utime.h"

enum { DOCUMENT_BYTES = 1 << 30 };

struct source {
	struct cli *cli;
	struct convert *convert;
	struct input file;
	enum format forced;
	bool has_stdin; /* standard input was read once */
	bool is_twice;  /* files that can be read twice were read once */
	bool is_unread; /* only this file failed: others may still be read */
};

static enum cli_exit import_take_value(struct source *s, struct json v, size_t number)
{
	enum format f = s->forced == FORMAT_UNKNOWN ? format_of(v) : s->forced;
	return convert_record(s->convert, f, v, number);
}

/* True for {"first":{…},"second":{…}}, which is not a record, but whose members are. */
static bool is_bundle(const struct source *s, struct json v)
{
	struct json_iter any = json_members(v);
	if (s->forced != FORMAT_UNKNOWN || format_of(v) != FORMAT_UNKNOWN || !json_next(&any))
		return false;
	for (struct json_iter it = json_members(v); json_next(&it);)
		if (format_of(it.value) == FORMAT_UNKNOWN)
			return false;
	return true;
}

static enum cli_exit take_document(struct source *s, struct str text, size_t number)
{
	struct json v = json_open(text);
	enum cli_exit code = CLI_OK;
	size_t n = 0;
	/* Pages of REST answers hold their records in these. */
	static const char *const lists[] = { "content", "data" };
	for (size_t i = 0; v.type == JSON_OBJECT && i < sizeof lists / sizeof lists[0]; i++) {
		struct json list = json_get(v, str_from_c(lists[i]));
		if (list.type == JSON_ARRAY && s->forced != FORMAT_OWN &&
			format_of(v) == FORMAT_UNKNOWN)
			v = list;
	}
	if (is_bundle(s, v)) {
		for (struct json_iter it = json_members(v); json_next(&it) && code == CLI_OK;)
			code = import_take_value(s, it.value, ++n);
		return code;
	}
	if (v.type != JSON_ARRAY)
		return import_take_value(s, v, number);
	for (struct json_iter it = json_elements(v); json_next(&it) && code == CLI_OK;)
		code = import_take_value(s, it.value, ++n);
	return code;
}

static enum cli_exit unread(struct source *s, enum err e)
{
	s->is_unread = true;
	if (s->file.is_damaged)
		return cli_fail(s->cli, CLI_FAILED, "%.*s: the gzip data is damaged or incomplete",
			STR_ARG(s->file.name));
	return cli_error(s->cli, e, s->file.name);
}

static enum cli_exit take_lines(struct source *s, struct str line)
{
	struct json_error error;
	bool has_more = true;
	enum cli_exit code = CLI_OK;
	do {
		struct str bare = str_trim(line);
		size_t number = s->file.line_number;
		/* The intake checks its own lines. */
		bool is_own =
			s->forced == FORMAT_OWN ||
			(s->forced == FORMAT_UNKNOWN && str_starts(bare, STR("{\"span_id\":")));
		if (is_own)
			code = intake_line(s->convert->intake, bare, s->file.name, number);
		else if (bare.len && !json_check(bare, LIMIT_DEPTH, &error))
			intake_refuse(s->convert->intake, s->file.name, number,
				arena_printf(&s->convert->memory, "invalid JSON: %s at byte %zu",
					error.message, error.offset));
		else if (bare.len)
			code = take_document(s, bare, number);
		if (code)
			return code;
		enum err e = input_line(&s->file, LIMIT_LINE_BYTES, &line, &has_more);
		if (e == ERR_TOO_LARGE) {
			s->is_unread = true;
			return cli_fail(s->cli, CLI_FAILED, "%.*s:%zu: the line is too long",
				STR_ARG(s->file.name), s->file.line_number + 1);
		}
		if (e)
			return unread(s, e);
	} while (has_more);
	return code;
}

static enum cli_exit import_read_whole(struct source *s, struct str *ret)
{
	input_rewind(&s->file);
	enum err e = input_all(&s->file, DOCUMENT_BYTES, ret);
	return e ? unread(s, e) : CLI_OK;
}

/* True when a line is an object or an array by itself, and not an indented part of one. */
static bool has_document_line(struct str text)
{
	struct json_error error;
	while (text.len) {
		struct str line = str_cut(&text, '\n');
		bool is_open = line.len && (line.ptr[0] == '{' || line.ptr[0] == '[');
		if (is_open && json_check(str_trim(line), LIMIT_DEPTH, &error))
			return true;
	}
	return false;
}

static size_t line_of(struct str text, size_t offset)
{
	size_t n = 1;
	for (struct str before = str_first(text, offset); str_index(before, '\n') < before.len; n++)
		before = str_skip(before, str_index(before, '\n') + 1);
	return n;
}

/* The first line decides whether the file has a document a line. */
static enum cli_exit take_file(struct source *s)
{
	struct json_error error;
	struct str line, text;
	bool has_more;
	enum err e = input_line(&s->file, LIMIT_LINE_BYTES, &line, &has_more);
	if (e && e != ERR_TOO_LARGE)
		return unread(s, e);
	if (!e && !has_more)
		return CLI_OK;
	if (!e && str_starts(line, STR("\x28\xb5\x2f\xfd"))) {
		s->is_unread = true;
		return cli_fail(s->cli, CLI_FAILED,
			"%.*s is compressed; use `zstd -dc FILE | flatspan import`",
			STR_ARG(s->file.name));
	}
	if (!e && (s->forced == FORMAT_OWN || json_check(line, LIMIT_DEPTH, &error)))
		return take_lines(s, line);
	enum cli_exit code = import_read_whole(s, &text);
	if (code)
		return code;
	if (json_check(text, LIMIT_DEPTH, &error))
		return take_document(s, text, 1);
	if (s->forced == FORMAT_UNKNOWN && convert_is_protobuf(text))
		return convert_protobuf(s->convert, text);
	/* The file is neither. For lines, each one that is invalid is reported; for one document
	 * over several lines, which may be incomplete, the place where it stops being valid. */
	if (!has_document_line(text)) {
		intake_refuse(s->convert->intake, s->file.name, line_of(text, error.offset),
			arena_printf(&s->convert->memory,
				"invalid JSON: %s at byte %zu of the file", error.message,
				error.offset));
		return CLI_OK;
	}
	input_rewind(&s->file);
	e = input_line(&s->file, LIMIT_LINE_BYTES, &line, &has_more);
	return e ? unread(s, e) : take_lines(s, line);
}

static enum cli_exit take_protobuf(struct source *s)
{
	struct str text;
	enum cli_exit code = import_read_whole(s, &text);
	return code ? code : convert_protobuf(s->convert, text);
}

static enum cli_exit import_file(struct source *s, const char *name, bool is_protobuf)
{
	s->convert->intake->is_surveyed = s->is_twice && input_is_file(name);
	enum err e = input_open(&s->file, s->cli->arena, name);
	s->is_unread = false;
	if (e)
		return unread(s, e);
	if (input_is_dir(&s->file)) {
		input_close(&s->file);
		s->is_unread = true;
		return cli_fail(s->cli, CLI_USAGE,
			"%s is a directory; name the files in it, such as %s/*.jsonl", name, name);
	}
	convert_file(s->convert, s->file.name, input_time(&s->file));
	enum cli_exit code = is_protobuf ? take_protobuf(s) : take_file(s);
	if (code == CLI_OK || s->is_unread) {
		enum cli_exit ended = convert_file_end(s->convert);
		code = code ? code : ended;
		s->is_unread = s->is_unread && ended == CLI_OK;
	}
	input_close(&s->file);
	return code;
}

static enum cli_exit import_all(struct source *s, bool is_protobuf)
{
	struct cli *c = s->cli;
	enum cli_exit first = c->n_words ? CLI_OK : import_file(s, NULL, is_protobuf);
	for (size_t i = 0; i < c->n_words; i++) {
		enum cli_exit code =
			import_file(s, arena_copy_c(c->arena, c->words[i]), is_protobuf);
		first = first ? first : code;
		if (code && !s->is_unread)
			break;
	}
	return first;
}

/* Surveys a file. Errors are reported when it is read again. */
static void survey_file(struct source *s, const char *name)
{
	bool is_stdin = !name || strcmp(name, "-") == 0;
	if (!input_is_file(name) || (is_stdin && s->has_stdin))
		return;
	s->has_stdin = s->has_stdin || is_stdin;
	long start = ftell(stdin); /* where earlier readers left it */
	enum cli_exit unused = import_file(s, name, false);
	(void)unused;
	if (start >= 0)
		(void)fseek(stdin, start, SEEK_SET); /* it works on a regular file */
}

static void survey_all(struct source *s)
{
	struct cli *c = s->cli;
	struct buf unheard, *said = c->said;
	buf_init(&unheard, c->arena);
	c->said = &unheard;
	intake_survey(s->convert->intake, true);
	if (!c->n_words)
		survey_file(s, NULL);
	for (size_t i = 0; i < c->n_words; i++)
		survey_file(s, arena_copy_c(c->arena, c->words[i]));
	intake_survey(s->convert->intake, false);
	c->said = said;
	buf_release(&unheard);
	s->is_twice = true;
}

enum cli_exit verb_import(struct cli *c)
{
	struct intake in;
	struct convert cv;
	struct str from = cli_value(c, "from");
	bool is_protobuf = str_eq(from, STR("otlp-proto"));
	struct source s = { .cli = c, .convert = &cv, .forced = FORMAT_UNKNOWN };
	if (!str_is_null(from) && !is_protobuf) {
		s.forced = format_from_name(from);
		if (s.forced == FORMAT_UNKNOWN)
			return cli_fail(c, CLI_USAGE,
				"--from: must be flatspan, otlp-json, otlp-proto, atif, opik, langfuse, phoenix, claude-code, codex or chat, not %.*s",
				STR_ARG(str_first(from, 60)));
	}
	enum cli_exit code = intake_begin(&in, c);
	if (code)
		return code;
	convert_begin(&cv, c, &in);
	if (!is_protobuf && (s.forced == FORMAT_UNKNOWN || s.forced == FORMAT_OWN))
		survey_all(&s);
	code = import_all(&s, is_protobuf);
	/* Also after an error, to store what was read before it. */
	enum cli_exit converted = convert_end(&cv), stored = intake_end(&in);
	return code ? code : converted ? converted : stored;
}
