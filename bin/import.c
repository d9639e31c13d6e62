/* import: what was exported, from files or standard input. */
#include "input.h"
#include "intake.h"
#include "verb.h"

static enum cli_exit import_file(struct cli *c, struct intake *in, const char *name)
{
	struct input file;
	enum err e = input_open(&file, c->arena, name);
	if (e)
		return cli_error(c, e, file.name);
	enum cli_exit code = CLI_OK;
	bool has_more = true;
	while (code == CLI_OK) {
		struct str line;
		e = input_line(&file, LIMIT_LINE_BYTES, &line, &has_more);
		if (e == ERR_TOO_LARGE)
			code = cli_fail(c, CLI_FAILED, "%.*s:%zu: the line is too long",
				STR_ARG(file.name), file.line_number + 1);
		else if (e)
			code = cli_error(c, e, file.name);
		if (code || !has_more)
			break;
		code = intake_line(in, line, file.name, file.line_number);
	}
	input_close(&file);
	return code;
}

enum cli_exit verb_import(struct cli *c)
{
	struct intake in;
	enum cli_exit code = intake_begin(&in, c);
	if (code)
		return code;
	if (c->n_words == 0)
		code = import_file(c, &in, NULL);
	for (size_t i = 0; i < c->n_words && code == CLI_OK; i++)
		code = import_file(c, &in, arena_copy_c(c->arena, c->words[i]));
	enum cli_exit ended = intake_end(&in);
	return code ? code : ended;
}
