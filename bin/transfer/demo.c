/* demo: a workspace with something to look at: the traces of the sample, moved to the current time.
 */
#include "local.h"
#include "transfer/sample.h"
#include "verb.h"

#include "base/utime.h"

#define WORKSPACE "demo"
/* The end of the last span of the sample: 2026-01-01T09:56:00Z. */
#define SAMPLE_END_NS INT64_C(1767261360000000000)

/* Returns the text with every …UnixNano moved. */
static struct str shift(struct arena *a, struct str text, int64_t by_ns)
{
	static const struct str mark = { "UnixNano\": \"", 12 };
	struct buf b;
	buf_init(&b, a);
	for (;;) {
		size_t at = str_find(text, mark);
		int64_t ns;
		buf_add(&b, str_first(text, at == text.len ? at : at + mark.len));
		if (at == text.len)
			return buf_str(&b);
		text = str_skip(text, at + mark.len);
		size_t end = str_index(text, '"');
		if (str_to_i64(str_first(text, end), &ns))
			buf_add_i64(&b, ns + by_ns);
		else
			buf_add(&b, str_first(text, end));
		text = str_skip(text, end);
	}
}

static enum cli_exit demo_load(struct cli *c, struct local *l)
{
	int64_t by_ns = utime_now() - SAMPLE_END_NS;
	for (unsigned i = 0; i < SAMPLES; i++) {
		struct str answer;
		int status;
		local_request(l, c->arena, "POST", STR("/v1/traces"), STR("application/json"),
			shift(c->arena, sample_text(i), by_ns), &status, &answer);
		if (status != 200)
			return cli_fail(c, status >= 500 ? CLI_IO : CLI_FAILED,
				"the sample was refused: %.*s",
				STR_ARG(local_refusal(c->arena, STR("application/json"), answer)));
	}
	return CLI_OK;
}

/* Returns the options that lead to this data directory. */
static struct str where_of(struct cli *c)
{
	static const char *const options[] = { "conf", "root" };
	struct buf b;
	buf_init(&b, c->arena);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (cli_has(c, options[i]))
			buf_printf(&b, " --%s %.*s", options[i],
				STR_ARG(cli_shell_word(c, cli_value(c, options[i]), false)));
	return buf_str(&b);
}

enum cli_exit verb_demo(struct cli *c)
{
	struct local l;
	if (!cli_words(c, 0, 0))
		return CLI_USAGE;
	if (!cli_has(c, "workspace"))
		c->workspace = STR(WORKSPACE);
	enum err e = local_open(&l, c, c->conf.root);
	if (e)
		return cli_error(c, e, STR("the data directory"));
	enum cli_exit code = demo_load(c, &l);
	local_close(&l);
	if (code)
		return code;
	if (c->report.form != REPORT_TEXT) {
		struct json_writer w = report_json(&c->report);
		json_member_text(&w, STR("workspace"), c->workspace);
		cli_json_end(c, &w);
		return CLI_OK;
	}
	struct str where = where_of(c);
	buf_printf(&c->report.out,
		"Workspace %.*s has five traces of three agents. To see them:\n  flatspan%.*s -w %.*s list traces\n  flatspan%.*s -w %.*s list --errors\n  flatspan%.*s serve\n",
		STR_ARG(c->workspace), STR_ARG(where), STR_ARG(c->workspace), STR_ARG(where),
		STR_ARG(c->workspace), STR_ARG(where));
	return CLI_OK;
}
