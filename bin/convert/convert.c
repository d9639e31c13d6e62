#include "convert/convert.h"

#include "base/conf.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/utime.h"
#include "query/engine.h"
#include "shard/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Several records about one thing are merged in the scratch directory, so it is kept until the end,
 * or until it holds this much. */
#define SCRATCH_BYTES (UINT64_C(512) << 20)
#define RECORD_MEMORY ((size_t)8 << 30)
#define TARGET_ATIF "/apis/intake/v2/workspaces/%.*s/ingest/atif"

static const char *const format_names[FORMAT__MAX] = {
#define X(name, option, what) option,
	FORMAT_LIST(X)
#undef X
};

enum format format_from_name(struct str name)
{
	/* These are the names that the programs themselves use. */
	if (str_eq(name, STR("opik-export")))
		return FORMAT_OPIK;
	if (str_eq(name, STR("phoenix-jsonl")))
		return FORMAT_PHOENIX;
	if (str_eq(name, STR("chat-jsonl")))
		return FORMAT_CHAT;
	for (unsigned f = 0; f < FORMAT__MAX; f++)
		if (str_eq(name, str_from_c(format_names[f])))
			return (enum format)f;
	return FORMAT_UNKNOWN;
}

static bool convert_has(struct json record, const char *key)
{
	return json_get(record, str_from_c(key)).type > JSON_NULL;
}

static bool has_object(struct json record, const char *key)
{
	return json_get(record, str_from_c(key)).type == JSON_OBJECT;
}

static bool has_array(struct json record, const char *key)
{
	return json_get(record, str_from_c(key)).type == JSON_ARRAY;
}

static bool is_claude(struct json r)
{
	struct json type = json_get(r, STR("type"));
	return (convert_has(r, "sessionId") || convert_has(r, "uuid") ||
		       convert_has(r, "leafUuid") || convert_has(r, "messageId")) &&
	       type.type == JSON_STRING;
}

static bool is_codex(struct json r)
{
	return convert_has(r, "timestamp") && has_object(r, "payload") &&
	       json_get(r, STR("type")).type == JSON_STRING;
}

enum format format_of(struct json r)
{
	if (r.type != JSON_OBJECT)
		return FORMAT_UNKNOWN;
	if (convert_has(r, "resourceSpans") || convert_has(r, "resource_spans"))
		return FORMAT_OTLP;
	if (convert_has(r, "schema_version") && convert_has(r, "steps"))
		return FORMAT_ATIF;
	if ((convert_has(r, "source") && convert_has(r, "span_id") && convert_has(r, "trace_id")) ||
		(convert_has(r, "about") && convert_has(r, "_c")))
		return FORMAT_OWN;
	if (has_object(r, "trace") && has_array(r, "spans"))
		return FORMAT_OPIK;
	if (has_array(r, "observations") ||
		(convert_has(r, "traceId") && convert_has(r, "startTime")) ||
		(convert_has(r, "timestamp") && convert_has(r, "projectId") &&
			!convert_has(r, "sessionId")))
		return FORMAT_LANGFUSE;
	if (convert_has(r, "span_kind") || has_object(r, "context") ||
		convert_has(r, "context.span_id"))
		return FORMAT_PHOENIX;
	if (convert_has(r, "id") && convert_has(r, "start_time"))
		return FORMAT_OPIK;
	if (has_array(r, "messages") || has_array(r, "traj") ||
		(has_object(r, "request") && has_object(r, "response")))
		return FORMAT_CHAT;
	if (is_claude(r))
		return FORMAT_CLAUDE;
	if (is_codex(r))
		return FORMAT_CODEX;
	if (convert_has(r, "timestamp") && convert_has(r, "id"))
		return FORMAT_LANGFUSE;
	return FORMAT_UNKNOWN;
}

/* ---- The scratch directory ---- */

void convert_begin(struct convert *cv, struct cli *c, struct intake *in)
{
	*cv = (struct convert){ .cli = c, .intake = in };
	arena_init(&cv->memory, RECORD_MEMORY);
}

static struct str scratch_path(const struct convert *cv)
{
	return arena_printf(
		cv->cli->arena, "%.*s/%.*s", STR_ARG(cv->scratch_dir), STR_ARG(cv->scratch_name));
}

static enum err remove_scratch(struct convert *cv)
{
	struct cli *c = cv->cli;
	enum err e = tree_remove(cv->scratch_dir_fd, arena_copy_c(c->arena, cv->scratch_name));
	if (cv->scratch_dir_fd != c->store.root_fd)
		io_drop(cv->scratch_dir_fd);
	return e;
}

/* A dry run does not write to the data directory, where it may not be allowed to. */
static enum err make_dry_scratch(struct convert *cv)
{
	struct str name = STR("flatspan-import-XXXXXX");
	struct arena *a = cv->cli->arena;
	cv->scratch_dir = conf_temp_dir();
	cv->scratch_name = name;
	char *path = arena_copy_c(a, scratch_path(cv));
	enum err e = io_open_root(arena_copy_c(a, cv->scratch_dir), &cv->scratch_dir_fd);
	if (e)
		return e;
	if (!mkdtemp(path)) {
		e = io_error(errno);
		io_drop(cv->scratch_dir_fd);
		return e;
	}
	cv->scratch_name = str_skip(str_from_c(path), strlen(path) - name.len);
	return ERR_OK;
}

static enum err make_scratch(struct convert *cv)
{
	struct cli *c = cv->cli;
	if (cv->intake->is_dry)
		return make_dry_scratch(cv);
	cv->scratch_dir = c->conf.root;
	cv->scratch_dir_fd = c->store.root_fd;
	cv->scratch_name = arena_printf(c->arena, ".import.%ld", (long)getpid());
	/* A directory with this process number is left by a dead process. */
	return remove_scratch(cv);
}

static bool set_masks(void *user, struct settings *settings)
{
	const struct convert *cv = user;
	settings->mask = cv->intake->settings.mask;
	return true;
}

/* Copies the masking settings, so that the scratch directory does not hold what must not reach the
 * disk. */
static enum err mask_scratch(struct convert *cv)
{
	struct cli *c = cv->cli;
	const struct store *s = &cv->scratch.app.store;
	const struct mask_rules *rules = &cv->intake->settings.mask;
	int fd;
	if (!rules->keys.len && !rules->regex.len && rules->content == CONF_CONTENT_FULL)
		return ERR_OK;
	enum err e = workspace_open(s, c->workspace, true, &fd);
	if (e)
		return e;
	io_drop(fd);
	return settings_change(s, c->workspace, c->arena, set_masks, cv);
}

static enum err open_scratch(struct convert *cv)
{
	struct cli *c = cv->cli;
	if (cv->has_scratch)
		return ERR_OK;
	enum err e = make_scratch(cv);
	if (e)
		return e;
	e = local_open(&cv->scratch, c, scratch_path(cv));
	if (e) {
		enum err unused = remove_scratch(cv);
		(void)unused; /* the first error is the one to report */
		return e;
	}
	cv->scratch.conf.sync = CONF_SYNC_NONE;
	cv->scratch.conf.index = false;
	cv->scratch.conf.atif_strict = false;
	cv->scratch.conf.free_bytes = 0;
	cv->has_scratch = true;
	return mask_scratch(cv);
}

static void close_scratch(struct convert *cv)
{
	struct cli *c = cv->cli;
	if (!cv->has_scratch)
		return;
	local_close(&cv->scratch);
	cv->has_scratch = false;
	cv->scratch_bytes = 0;
	if (remove_scratch(cv) != ERR_OK)
		cli_note(c, "%.*s could not be removed", STR_ARG(scratch_path(cv)));
}

struct refs {
	struct buf refs; /* an array of struct row_ref */
};

static bool convert_take(void *user, const struct span *s, struct row_ref ref)
{
	struct refs *r = user;
	(void)s;
	buf_add(&r->refs, str_of((const char *)&ref, sizeof ref));
	return true;
}

static int64_t arrival_of(struct str line)
{
	int64_t ns;
	struct str time = json_body(json_get(json_open(line), STR("ingested_at")));
	return utime_parse(time, &ns) ? ns : INTAKE_DATED;
}

static enum cli_exit drain_spans(struct convert *cv, struct view *v)
{
	struct query q;
	struct field_set want = { { 0 } };
	struct refs list;
	enum cli_exit code = CLI_OK;
	buf_init(&list.refs, cv->cli->arena);
	query_init(&q);
	field_set_add(&want, FIELD_SPAN_ID);
	enum err e = engine_each(v, &q, &want, convert_take, &list);
	size_t n = list.refs.len / sizeof(struct row_ref);
	const struct row_ref *refs = (const struct row_ref *)(const void *)list.refs.ptr;
	for (size_t i = 0; i < n && !e && code == CLI_OK; i++) {
		struct str line;
		e = view_read_line(v, refs[i], &line);
		if (e)
			break;
		/* A record without a time got the time of its request. */
		cv->intake->file_ns = arrival_of(line);
		code = intake_line(cv->intake, line, STR("what was read"), i + 1);
		cv->intake->file_ns = INTAKE_DATED;
	}
	buf_release(&list.refs);
	return e ? cli_error(cv->cli, e, STR("what was read")) : code;
}

static enum cli_exit drain_notes(struct convert *cv, struct view *v)
{
	struct notes notes;
	enum cli_exit code = CLI_OK;
	enum err e = notes_open(v, (1U << NOTE_KIND__MAX) - 1, &notes);
	if (e)
		return cli_error(cv->cli, e, STR("what was read"));
	for (size_t i = 0; i < notes.n && !e && code == CLI_OK; i++) {
		struct note note;
		struct buf line;
		buf_init(&line, &cv->memory);
		e = notes_fetch(&notes, &notes.rows[i], &note);
		if (e)
			break;
		note_write(&line, &note);
		code = intake_line(cv->intake, buf_str(&line), STR("what was read"), i + 1);
		buf_release(&line);
	}
	notes_close(&notes);
	return e ? cli_error(cv->cli, e, STR("what was read")) : code;
}

/* Passes the content of the scratch directory to the intake. */
static enum cli_exit convert_drain(struct convert *cv)
{
	struct cli *c = cv->cli;
	struct view v;
	if (!cv->has_scratch)
		return CLI_OK;
	enum err e = view_open(&cv->scratch.app.store, c->workspace, c->arena, &v);
	enum cli_exit code = CLI_OK;
	if (!e) {
		code = drain_spans(cv, &v);
		if (code == CLI_OK)
			code = drain_notes(cv, &v);
		view_close(&v);
	} else if (e != ERR_NOT_FOUND) {
		code = cli_error(c, e, STR("what was read"));
	}
	close_scratch(cv);
	return code;
}

/* ---- For the converters ---- */

void convert_refuse(struct convert *cv, struct str why)
{
	intake_refuse(cv->intake, cv->name, cv->number, why);
}

/* Reports what a successful answer says was left out: the partial success of OTLP, the errors of
 * Langfuse. */
static void say_rejects(struct convert *cv, struct str answer)
{
	struct json_error error;
	if (!answer.len || !json_check(answer, LIMIT_DEPTH, &error))
		return;
	struct json v = json_open(answer);
	struct json partial = json_get(v, STR("partialSuccess")),
		    errors = json_get(v, STR("errors"));
	if (partial.type == JSON_OBJECT)
		convert_refuse(cv, json_decode(&cv->memory,
					   json_body(json_get(partial, STR("errorMessage")))));
	for (struct json_iter it = json_elements(errors); json_next(&it);)
		convert_refuse(cv, local_reason(&cv->memory, it.value));
}

enum cli_exit convert_send(
	struct convert *cv, const char *method, struct str target, struct str type, struct str body)
{
	struct str answer;
	int status;
	enum err e = open_scratch(cv);
	if (e)
		return cli_error(cv->cli, e, scratch_path(cv));
	/* A record without a time gets that of its file, and so the same one each time. */
	cv->scratch.now_ns = cv->file_ns;
	cv->scratch.user = cv->user;
	local_request(&cv->scratch, &cv->memory, method, target, type, body, &status, &answer);
	if (cv->scratch.is_broken)
		return cli_fail(cv->cli, CLI_FAILED, "%.*s:%zu: too large for the memory",
			STR_ARG(cv->name), cv->number);
	if (status >= 200 && status < 300) {
		say_rejects(cv, answer);
	} else {
		struct str why = str_first(local_refusal(&cv->memory, type, answer), 300);
		/* It is not the record's fault, and later ones would fail as well. */
		if (status >= 500)
			return cli_fail(cv->cli, CLI_IO, "%.*s: %.*s", STR_ARG(scratch_path(cv)),
				STR_ARG(why));
		convert_refuse(cv, why);
	}
	cv->scratch_bytes += body.len;
	return cv->scratch_bytes > SCRATCH_BYTES ? convert_drain(cv) : CLI_OK;
}

enum cli_exit convert_line(struct convert *cv, struct str line)
{
	cv->intake->file_ns = cv->file_ns;
	enum cli_exit code = intake_line(cv->intake, line, cv->name, cv->number);
	cv->intake->file_ns = INTAKE_DATED;
	return code;
}

void convert_open(struct json_writer *w, struct str span_id, struct str trace_id, struct str parent,
	struct str source, const char *kind)
{
	json_object(w);
	json_member_text(w, STR("span_id"), span_id);
	json_member_text(w, STR("trace_id"), trace_id);
	if (parent.len)
		json_member_text(w, STR("parent_span_id"), parent);
	json_member_text(w, STR("source"), source);
	json_member_text(w, STR("kind"), str_from_c(kind));
}

void convert_time(struct json_writer *w, struct str key, int64_t ns)
{
	char text[UTIME_TEXT_MAX];
	json_member_text(w, key, str_of(text, utime_format(ns, text)));
}

struct str convert_id(struct arena *a, struct str text)
{
	enum { ID_BYTES = 16 };
	unsigned char hash[SHA256_BYTES];
	struct buf b;
	sha256(text, hash);
	buf_init(&b, a);
	buf_add_hex(&b, str_of((const char *)hash, ID_BYTES));
	return buf_str(&b);
}

struct str convert_unpack(struct arena *a, struct json v)
{
	struct json_error error;
	if (v.type != JSON_STRING)
		return v.raw;
	struct str text = json_decode(a, json_body(v)), bare = str_trim(text);
	bool is_json =
		bare.len > 1 && (bare.ptr[0] == '{' || bare.ptr[0] == '[' || bare.ptr[0] == '"');
	return is_json && json_check(bare, LIMIT_DEPTH, &error) ? bare : v.raw;
}

struct json convert_get(struct json object, const char *key)
{
	return json_get(object, str_from_c(key));
}

void convert_copy_but(struct convert *cv, struct json_writer *w, struct json object,
	const char *const *but, bool unpack)
{
	for (struct json_iter it = json_members(object); json_next(&it);) {
		bool is_left_out = it.value.type == JSON_NULL;
		for (size_t i = 0; but[i] && !is_left_out; i++)
			is_left_out = json_body_is(it.key, str_from_c(but[i]));
		if (is_left_out)
			continue;
		json_key_body(w, json_canonical_body(&cv->memory, it.key));
		bool is_payload = json_body_is(it.key, STR("input")) ||
				  json_body_is(it.key, STR("output")) ||
				  json_body_is(it.key, STR("metadata"));
		json_raw(w, unpack && is_payload ? convert_unpack(&cv->memory, it.value)
						 : it.value.raw);
	}
}

struct str convert_text(struct arena *a, struct json object, const char *key)
{
	struct json v = json_get(object, str_from_c(key));
	return v.type == JSON_STRING ? json_decode(a, json_body(v)) : STR_NULL;
}

/* ---- Records ---- */

void convert_file(struct convert *cv, struct str name, int64_t time_ns)
{
	cv->name = name;
	cv->file_ns = time_ns;
}

static enum cli_exit convert_atif(struct convert *cv, struct json record)
{
	if (!has_array(record, "steps")) {
		convert_refuse(cv, STR("not a trajectory: it has no steps"));
		return CLI_OK;
	}
	return convert_send(cv, "POST",
		arena_printf(&cv->memory, TARGET_ATIF, STR_ARG(cv->cli->workspace)),
		STR("application/json"), record.raw);
}

/* True when field 1 comes first, as in a request, with bytes that no text has. */
bool convert_is_protobuf(struct str bytes)
{
	enum { LOOK_BYTES = 256 };
	if (!str_starts(bytes, STR("\n")))
		return false;
	for (size_t i = 0; i < bytes.len && i < LOOK_BYTES; i++)
		if ((unsigned char)bytes.ptr[i] < '\t')
			return true;
	return false;
}

enum cli_exit convert_protobuf(struct convert *cv, struct str body)
{
	if (cv->intake->is_survey)
		return CLI_OK;
	cv->number = 1;
	return convert_send(cv, "POST", STR("/v1/traces"), STR("application/x-protobuf"), body);
}

static enum cli_exit convert_otlp(struct convert *cv, struct json record)
{
	bool is_request =
		convert_has(record, "resourceSpans") || convert_has(record, "resource_spans");
	struct json_iter any = json_members(record);
	if (!is_request && (record.type != JSON_OBJECT || json_next(&any))) {
		convert_refuse(cv, STR("not an OTLP request: it has no resourceSpans"));
		return CLI_OK;
	}
	return convert_send(cv, "POST", STR("/v1/traces"), STR("application/json"), record.raw);
}

/* True for lines of a transcript that are not part of the work, which are skipped; other lines are
 * reported. */
static bool is_of_transcript(struct json record, enum format f)
{
	enum format looks = format_of(record);
	if (f == FORMAT_CODEX)
		return convert_has(record, "type") && has_object(record, "payload");
	return (convert_has(record, "type") || convert_has(record, "record_type") ||
		       convert_has(record, "timestamp")) &&
	       (looks == f || looks == FORMAT_UNKNOWN);
}

enum cli_exit convert_record(struct convert *cv, enum format f, struct json record, size_t number)
{
	enum cli_exit code = CLI_OK;
	if (cv->intake->is_survey && f != FORMAT_OWN)
		return CLI_OK; /* the API merges what is sent */
	cv->number = number;
	switch (f) {
	case FORMAT_OWN:
		code = intake_line(cv->intake, record.raw, cv->name, cv->number);
		break;
	case FORMAT_OTLP:
		code = convert_otlp(cv, record);
		break;
	case FORMAT_ATIF:
		code = convert_atif(cv, record);
		break;
	case FORMAT_OPIK:
		code = convert_opik(cv, record);
		break;
	case FORMAT_LANGFUSE:
		code = convert_langfuse(cv, record);
		break;
	case FORMAT_PHOENIX:
		code = convert_phoenix(cv, record);
		break;
	case FORMAT_CLAUDE:
	case FORMAT_CODEX:
		if (!is_of_transcript(record, f))
			convert_refuse(cv, STR("not a line of a transcript"));
		else
			code = f == FORMAT_CLAUDE ? convert_claude(cv, record)
						  : convert_codex(cv, record);
		break;
	case FORMAT_CHAT:
		code = convert_chat(cv, record);
		break;
	case FORMAT_UNKNOWN:
		convert_refuse(cv, STR("unknown format; --from may name it"));
		break;
	}
	arena_release(&cv->memory);
	arena_init(&cv->memory, RECORD_MEMORY);
	return code;
}

enum cli_exit convert_file_end(struct convert *cv)
{
	enum cli_exit code = turn_close(cv);
	convert_codex_end(cv);
	return code;
}

enum cli_exit convert_end(struct convert *cv)
{
	enum cli_exit code = convert_drain(cv);
	close_scratch(cv);
	arena_release(&cv->memory);
	return code;
}
