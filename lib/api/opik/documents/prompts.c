/* Serves prompts and their versions, which are documents of a file for each prompt. */
#include "api/opik/documents/prompts.h"

#include "api/opik/render.h"

enum { COMMIT_CHARS = 8 }; /* the end of the version's id */

static const struct str opik_prompt_structures[] = { { "text", 4 }, { "chat", 4 } };
static const struct str opik_prompt_types[] = { { "mustache", 8 }, { "jinja2", 6 },
	{ "python", 6 } };

static const struct opik_member opik_prompt_members[] = {
	{ .name = "name", .flags = OPIK_MEMBER_REQUIRED },
	{ .name = "description" },
	{ .name = "tags", .type = OPIK_MEMBER_TEXTS },
	{ .name = "template_structure",
		.type = OPIK_MEMBER_CHOICE,
		.flags = OPIK_MEMBER_FIXED,
		.choices = opik_prompt_structures,
		.n_choices = 2,
		.otherwise = "\"text\"" },
};

static const struct opik_member opik_version_members[] = {
	{ .name = "template", .flags = OPIK_MEMBER_REQUIRED },
	{ .name = "metadata", .type = OPIK_MEMBER_JSON },
	{ .name = "type",
		.type = OPIK_MEMBER_CHOICE,
		.choices = opik_prompt_types,
		.n_choices = 3,
		.otherwise = "\"mustache\"" },
	{ .name = "change_description" },
	{ .name = "tags", .type = OPIK_MEMBER_TEXTS },
};

static enum err opik_prompt_more(
	struct opik_documents *d, const struct document *one, struct json_writer *w, bool is_page);
static enum err opik_prompt_drop(struct documents_change *c, struct str id);

const struct opik_family opik_prompts = {
	.path = { "prompts", 7 },
	.kind = DOCUMENT_PROMPT,
	.members = OPIK_MEMBERS(opik_prompt_members),
	.missing = { "Prompt not found", 16 },
	.taken = { "Prompt id or name already exists", 32 },
	.says_code = true,
	.has_project = true,
	.more = opik_prompt_more,
	.drop = opik_prompt_drop,
};

/* ---- Rendering ---- */

/* Writes the names within {{…}}, each once. */
static void opik_prompt_variables(struct json_writer *w, struct arena *a, struct str text)
{
	struct str *seen = arena_calloc(a, text.len / 4 + 1, sizeof *seen);
	size_t n = 0;
	json_key(w, STR("variables"));
	json_array(w);
	for (;;) {
		text = str_skip(text, str_find(text, STR("{{")));
		size_t end = str_find(text, STR("}}"));
		if (text.len < 2 || end == text.len)
			break;
		struct str name = str_trim(str_first(str_skip(text, 2), end - 2));
		bool is_new = name.len > 0;
		for (size_t i = 0; i < n && is_new; i++)
			is_new = !str_eq(seen[i], name);
		if (is_new) {
			seen[n++] = name;
			json_body_value(w, name);
		}
		text = str_skip(text, end + 2);
	}
	json_end(w);
}

void opik_version_render(struct request *r, const struct document *version,
	const struct document *prompt, struct json_writer *w)
{
	struct str by = version->created_by.len ? version->created_by : STR("admin");
	struct str structure = opik_document_text(prompt, STR("template_structure"));
	json_object(w);
	json_member_body(w, STR("id"), version->id);
	json_member_body(w, STR("prompt_id"), prompt->id);
	opik_members_copy(json_open(version->body), w);
	json_member_body(w, STR("template_structure"), structure.len ? structure : STR("text"));
	if (!str_eq(opik_document_text(version, STR("type")), STR("jinja2")))
		opik_prompt_variables(w, r->arena, opik_document_text(version, STR("template")));
	opik_render_time(w, STR("created_at"), version->created_ns);
	json_member_body(w, STR("created_by"), by);
	json_end(w);
}

static enum err opik_prompt_more(
	struct opik_documents *d, const struct document *one, struct json_writer *w, bool is_page)
{
	struct documents versions;
	struct request *r = d->request;
	enum err e = documents_read(
		d->view.dir_fd, r->arena, DOCUMENT_PROMPT_VERSION, one->id, &versions);
	if (e)
		return e;
	json_member_i64(w, STR("version_count"), (int64_t)versions.n);
	if (versions.n && !is_page) {
		json_key(w, STR("latest_version"));
		opik_version_render(r, &versions.list[0], one, w);
	}
	return ERR_OK;
}

static enum err opik_prompt_drop(struct documents_change *c, struct str id)
{
	return documents_remove(c, DOCUMENT_PROMPT_VERSION, id);
}

static struct str opik_version_commit(const struct document *version)
{
	return opik_document_text(version, STR("commit"));
}

static void opik_version_answer(
	struct request *r, const struct document *version, const struct document *prompt)
{
	struct json_writer w;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	opik_version_render(r, version, prompt, &w);
}

static void opik_version_missing(struct request *r)
{
	opik_refuse(r, ERR_NOT_FOUND, STR("Prompt version not found"));
}

/* ---- Finding versions ---- */

/* A version, by its id or its commit, with its prompt. */
struct opik_version_key {
	struct str id, commit; /* one of them is STR_NULL */
};

static enum err opik_version_find(struct request *r, int dir_fd, struct opik_version_key key,
	struct document *ret, struct document *ret_prompt, bool *ret_found)
{
	struct documents prompts, versions;
	*ret_found = false;
	enum err e = documents_read(dir_fd, r->arena, DOCUMENT_PROMPT, STR_NULL, &prompts);
	for (size_t i = 0; !e && !*ret_found && i < prompts.n; i++) {
		e = documents_read(
			dir_fd, r->arena, DOCUMENT_PROMPT_VERSION, prompts.list[i].id, &versions);
		for (size_t k = 0; !e && !*ret_found && k < versions.n; k++) {
			const struct document *one = &versions.list[k];
			*ret_found = str_is_null(key.id)
					     ? str_eq(opik_version_commit(one), key.commit)
					     : str_eq(one->id, key.id);
			*ret = *one;
			*ret_prompt = prompts.list[i];
		}
	}
	return e;
}

static enum err opik_version_of_link(struct request *r, int dir_fd, struct json link,
	struct document *ret, struct document *ret_prompt, bool *ret_found)
{
	struct opik_version_key key = { .id = json_body(json_get(link, STR("id"))) };
	*ret_found = false;
	return key.id.len ? opik_version_find(r, dir_fd, key, ret, ret_prompt, ret_found) : ERR_OK;
}

static void opik_version_link(
	struct json_writer *w, const struct document *version, const struct document *prompt)
{
	json_object(w);
	json_member_body(w, STR("prompt_version_id"), version->id);
	json_member_body(w, STR("id"), version->id);
	json_member_body(w, STR("commit"), opik_version_commit(version));
	json_member_body(w, STR("prompt_id"), prompt->id);
	json_member_body(w, STR("prompt_name"), opik_document_text(prompt, STR("name")));
	json_end(w);
}

enum err opik_version_links(struct request *r, int dir_fd, struct json list, struct json_writer *w)
{
	struct document version, prompt;
	struct json_iter it = json_elements(list);
	enum err e = ERR_OK;
	bool found, is_open = false;
	while (!e && json_next(&it)) {
		e = opik_version_of_link(r, dir_fd, it.value, &version, &prompt, &found);
		if (e || !found)
			continue;
		if (!is_open) {
			json_key(w, STR("prompt_versions"));
			json_array(w);
			is_open = true;
		}
		opik_version_link(w, &version, &prompt);
	}
	if (is_open)
		json_end(w);
	return e;
}

enum err opik_versions_are_there(struct request *r, int dir_fd, struct json list, bool *ret)
{
	struct document version, prompt;
	struct json_iter it = json_elements(list);
	enum err e = ERR_OK;
	*ret = true;
	while (!e && *ret && json_next(&it))
		e = opik_version_of_link(r, dir_fd, it.value, &version, &prompt, ret);
	return e;
}

/* ---- Writing ---- */

/* Reads the members of a version; JSON_NONE: of nothing. */
static struct str opik_version_body(
	struct opik_reader *rd, struct json given, struct str id, struct str description)
{
	struct buf b;
	struct json_writer w;
	struct json none = { JSON_NONE, STR_NULL };
	struct str commit = opik_read_text(rd, json_get(given, STR("commit")));
	buf_init(&b, rd->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	json_member_body(
		&w, STR("commit"), commit.len ? commit : str_skip(id, id.len - COMMIT_CHARS));
	struct opik_members m = OPIK_MEMBERS(opik_version_members);
	opik_members_write(rd, m, given, none, &w);
	if (!str_is_null(description))
		json_member_body(&w, STR("change_description"), description);
	json_end(&w);
	return buf_str(&b);
}

/* Reads the version that a request makes; false: answered. */
static bool opik_version_read(struct opik_reader *rd, struct json given, struct document *ret)
{
	struct str id;
	if (!opik_document_read_id(rd, json_get(given, STR("id")), &id))
		return false;
	*ret = opik_document_new(rd->request, DOCUMENT_PROMPT_VERSION, STR_NULL, id);
	ret->body = opik_version_body(rd, given, id, STR_NULL);
	return true;
}

/* Reads the prompt of a request; false: answered. */
static bool opik_prompt_read(struct opik_reader *rd, struct json given, struct document *ret)
{
	struct buf b;
	struct json_writer w;
	struct str project;
	struct json none = { JSON_NONE, STR_NULL };
	struct str id;
	buf_init(&b, rd->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	opik_members_write(rd, opik_prompts.members, given, none, &w);
	if (!opik_document_read_id(rd, json_get(given, STR("id")), &id) || !opik_reader_check(rd) ||
		!opik_document_project(rd->request, given, &project))
		return false;
	if (!str_is_null(project))
		json_member_body(&w, STR("project_id"), project);
	json_end(&w);
	*ret = opik_document_new(rd->request, DOCUMENT_PROMPT, STR_NULL, id);
	ret->body = buf_str(&b);
	return true;
}

void opik_prompt_create(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents all;
	struct document prompt, version;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	bool has_version = json_get(body, STR("template")).type > JSON_NULL;
	if (!opik_prompt_read(&rd, body, &prompt))
		return;
	if (has_version) {
		version = opik_document_new(r, DOCUMENT_PROMPT_VERSION, prompt.id, opik_new_id(r));
		version.body = opik_version_body(&rd, body, version.id, STR_NULL);
	}
	if (!opik_reader_check(&rd) ||
		!opik_documents_begin(r, DOCUMENT_PROMPT, STR_NULL, &c, &all))
		return;
	struct str name = opik_document_text(&prompt, STR("name"));
	if (documents_by_id(&all, prompt.id) || opik_document_by_name(&all, name)) {
		documents_end(&c);
		opik_document_taken(r, &opik_prompts, name);
	} else if ((!has_version || opik_documents_put(r, &c, &version, 1)) &&
		   opik_documents_commit(r, &c, &prompt, 1)) {
		opik_created(r, prompt.id);
	}
}

/* Checks a new version against those of its prompt. Returns false when the request was answered
 * with an error and the change has ended. */
static bool opik_version_check(struct request *r, struct documents_change *c,
	const struct document *prompt, const struct document *version, struct json body)
{
	struct documents versions;
	struct str is = opik_document_text(prompt, STR("template_structure"));
	struct str want = json_body(json_get(body, STR("template_structure")));
	if (want.len && !str_eq_nocase(is, want)) {
		documents_end(c);
		opik_refuse(r, ERR_INVALID,
			arena_printf(r->arena,
				"Template structure mismatch: prompt '%.*s' has template_structure "
				"'%.*s' but new version has '%.*s'. Template structure is "
				"immutable and cannot be changed after prompt creation.",
				STR_ARG(opik_document_text(prompt, STR("name"))), STR_ARG(is),
				STR_ARG(want)));
		return false;
	}
	enum err e =
		documents_read(c->dir_fd, r->arena, DOCUMENT_PROMPT_VERSION, prompt->id, &versions);
	if (e)
		return opik_documents_fail(r, c, e);
	for (size_t i = 0; i < versions.n; i++) {
		struct str commit = opik_version_commit(&versions.list[i]);
		if (!str_eq(versions.list[i].id, version->id) &&
			!str_eq(commit, opik_version_commit(version)))
			continue;
		documents_end(c);
		opik_refuse(r, ERR_CONFLICT, STR("Prompt version already exists"));
		return false;
	}
	return true;
}

/* The body is {name, version:{…}, template_structure?, project_name?}. */
void opik_prompt_version_create(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents all;
	struct document prompt, version;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct json given = json_get(body, STR("version"));
	if (given.type != JSON_OBJECT)
		opik_problem(&rd, "version must not be null");
	if (!opik_version_read(&rd, given, &version))
		return;
	/* The id of the body is not that of the prompt. */
	if (!opik_prompt_read(&rd, body, &prompt) ||
		!opik_documents_begin(r, DOCUMENT_PROMPT, STR_NULL, &c, &all))
		return;
	const struct document *old =
		opik_document_by_name(&all, opik_document_text(&prompt, STR("name")));
	if (old && !opik_version_check(r, &c, old, &version, body))
		return;
	if (!old && !opik_documents_put(r, &c, &prompt, 1))
		return;
	version.parent = old ? old->id : prompt.id;
	if (opik_documents_commit(r, &c, &version, 1))
		opik_version_answer(r, &version, old ? old : &prompt);
}

/* The body is {name, commit?}: without a commit the newest version. */
void opik_prompt_version_retrieve(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct opik_documents d;
	struct documents versions;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct str name = opik_read_text(&rd, json_get(body, STR("name")));
	struct str commit = opik_read_text(&rd, json_get(body, STR("commit")));
	if (str_is_null(name) || opik_is_blank(name))
		opik_problem(&rd, "name must not be blank");
	if (!opik_reader_check(&rd) || !opik_documents_open(&d, r, &opik_prompts))
		return;
	const struct document *prompt = opik_document_by_name(&d.all, name);
	if (!prompt) {
		opik_document_missing(r, &opik_prompts, name);
	} else if (opik_documents_read(
			   r, &d.view, DOCUMENT_PROMPT_VERSION, prompt->id, &versions)) {
		size_t i = 0;
		while (i < versions.n && commit.len &&
			!str_eq(opik_version_commit(&versions.list[i]), commit))
			i++;
		if (i < versions.n)
			opik_version_answer(r, &versions.list[i], prompt);
		else
			opik_version_missing(r);
	}
	opik_documents_close(&d);
}

/* ---- Reading ---- */

void opik_prompt_versions_list(struct request *r)
{
	static const char *const sortable[] = { "id", "commit", "template", "created_at",
		"created_by" };
	const struct param *search = request_param(r, STR("search"));
	struct opik_documents d;
	struct opik_selection s;
	struct documents versions;
	struct json_writer w;
	struct str id;
	size_t n = 0, first, last;
	if (!opik_document_id(r, 0, &id) || !opik_selection_read(&s, r) ||
		!opik_documents_open(&d, r, &opik_prompts))
		return;
	const struct document *prompt = documents_by_id(&d.all, id);
	if (!prompt) {
		opik_document_missing(r, &opik_prompts, id);
	} else if (opik_documents_read(r, &d.view, DOCUMENT_PROMPT_VERSION, id, &versions)) {
		struct json *list = arena_calloc(r->arena, versions.n, sizeof *list);
		for (size_t i = 0; i < versions.n; i++) {
			struct buf b;
			buf_init(&b, r->arena);
			json_writer_init(&w, &b);
			opik_version_render(r, &versions.list[i], prompt, &w);
			list[n] = json_open(buf_str(&b));
			n += opik_selection_matches(&s, list[n]) &&
			     (!search || opik_has_part(list[n].raw, search->value));
		}
		opik_selection_sort(&s, list, n);
		opik_page_begin(&s, n, &w, &first, &last);
		for (size_t i = first; i < last; i++)
			json_raw(&w, list[i].raw);
		json_end(&w);
		opik_page_end(&w, sortable, sizeof sortable / sizeof sortable[0]);
	}
	opik_documents_close(&d);
}

static void opik_version_get_by(struct request *r, struct opik_version_key key)
{
	struct view v;
	struct document version, prompt;
	bool found;
	if (!opik_view(r, &v))
		return;
	enum err e = opik_version_find(r, v.dir_fd, key, &version, &prompt, &found);
	if (e)
		api_fail(r, &dialect_opik, e);
	else if (found)
		opik_version_answer(r, &version, &prompt);
	else
		opik_version_missing(r);
	view_close(&v);
}

void opik_prompt_version_get(struct request *r)
{
	struct str id;
	if (opik_document_id(r, 0, &id))
		opik_version_get_by(r, (struct opik_version_key){ .id = id });
}

void opik_prompt_version_by_commit(struct request *r)
{
	struct opik_version_key key = { .commit = json_encode(r->arena, r->captures[0]) };
	opik_version_get_by(r, key);
}

/* The body is {commits:[…]}, the answer a list of links. Unknown commits are left out. */
void opik_prompts_by_commits(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct view v;
	struct json_writer w;
	enum err e = ERR_OK;
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	struct json_iter it = json_elements(opik_read_list(&rd, body, "commits"));
	if (!opik_reader_check(&rd) || !opik_view(r, &v))
		return;
	r->response->type = CONTENT_JSON;
	json_writer_init(&w, &r->response->body);
	json_array(&w);
	while (!e && json_next(&it)) {
		struct document version, prompt;
		struct opik_version_key key = { .commit = json_body(it.value) };
		bool found = false;
		if (key.commit.len)
			e = opik_version_find(r, v.dir_fd, key, &version, &prompt, &found);
		if (found)
			opik_version_link(&w, &version, &prompt);
	}
	json_end(&w);
	view_close(&v);
	if (e)
		api_fail(r, &dialect_opik, e);
}

/* ---- Changing ---- */

/* Makes a new version of an old one. */
void opik_prompt_version_restore(struct request *r)
{
	struct documents_change c;
	struct documents all, versions;
	struct opik_reader rd;
	struct str id, version_id;
	if (!opik_document_id(r, 0, &id) || !opik_document_id(r, 1, &version_id) ||
		!opik_documents_begin(r, DOCUMENT_PROMPT, STR_NULL, &c, &all))
		return;
	const struct document *prompt = documents_by_id(&all, id);
	enum err e = ERR_OK;
	const struct document *old = NULL;
	if (prompt)
		e = documents_read(c.dir_fd, r->arena, DOCUMENT_PROMPT_VERSION, id, &versions);
	if (!e && prompt)
		old = documents_by_id(&versions, version_id);
	if (e) {
		(void)opik_documents_fail(r, &c, e); /* it has answered */
		return;
	}
	if (!old) {
		documents_end(&c);
		opik_refuse(r, ERR_NOT_FOUND,
			prompt ? STR("Prompt version not found for the specified prompt")
			       : STR("Prompt not found"));
		return;
	}
	struct json_iter it = json_members(json_open(old->body));
	struct document next = opik_document_new(r, DOCUMENT_PROMPT_VERSION, id, opik_new_id(r));
	struct buf b;
	struct json_writer w;
	opik_reader_init(&rd, r);
	buf_init(&b, r->arena);
	json_writer_init(&w, &b);
	json_object(&w);
	while (json_next(&it))
		if (!str_eq(it.key, STR("commit")) && !str_eq(it.key, STR("change_description")))
			json_member_raw(&w, it.key, it.value.raw);
	json_end(&w);
	next.body = opik_version_body(&rd, json_open(buf_str(&b)), next.id,
		arena_printf(
			r->arena, "Restored from version %.*s", STR_ARG(opik_version_commit(old))));
	if (opik_documents_commit(r, &c, &next, 1))
		opik_version_answer(r, &next, prompt);
}

/* The body is {ids, update:{tags}, merge_tags?}. Unknown ids are left out. */
void opik_prompt_versions_update(struct request *r)
{
	struct json body;
	struct opik_reader rd;
	struct documents_change c;
	struct documents prompts;
	struct str *ids;
	static const struct opik_member tags[] = { { .name = "tags", .type = OPIK_MEMBER_TEXTS } };
	if (!opik_body(r, &body))
		return;
	opik_reader_init(&rd, r);
	size_t n = opik_read_ids(&rd, body, "ids", &ids);
	struct json update = json_get(body, STR("update"));
	if (update.type != JSON_OBJECT)
		opik_problem(&rd, "update must not be null");
	if (!opik_reader_check(&rd) ||
		!opik_documents_begin(r, DOCUMENT_PROMPT, STR_NULL, &c, &prompts))
		return;
	update = opik_update_of(r->arena, body);
	for (size_t i = 0; i < n; i++) {
		struct document old;
		bool found;
		enum err e = documents_find(
			c.dir_fd, r->arena, DOCUMENT_PROMPT_VERSION, ids[i], &old, &found);
		if (e) {
			(void)opik_documents_fail(r, &c, e); /* it has answered */
			return;
		}
		if (!found)
			continue;
		struct document next = opik_document_next(r, &old,
			opik_members_over(&rd, (struct opik_members)OPIK_MEMBERS(tags), update,
				json_open(old.body)));
		if (!opik_reader_check(&rd)) {
			documents_end(&c);
			return;
		}
		if (!opik_documents_put(r, &c, &next, 1))
			return;
	}
	documents_end(&c);
	opik_no_content(r);
}
