#include "store/notes.h"

#include "base/hash.h"
#include "base/utime.h"
#include "store/settings.h"
#include "json/write.h"

#include <stdlib.h>

enum { NOTE_TYPE_TEXT, NOTE_TYPE_JSON };

static const struct {
	struct str member;
	unsigned type;
} note_fields[NOTE_FIELD__MAX] = {
#define X(name, member, type) { { member, sizeof member - 1 }, NOTE_TYPE_##type },
	NOTE_FIELD_LIST(X)
#undef X
};

static const struct str kind_names[NOTE_KIND__MAX] = {
#define X(name, text) { text, sizeof text - 1 },
	NOTE_KIND_LIST(X)
#undef X
};

static const struct str about_names[NOTE_ABOUT__MAX] = {
#define X(name, text) { text, sizeof text - 1 },
	NOTE_ABOUT_LIST(X)
#undef X
};

enum {
	VALUE_DIGITS = 9, /* after the point, as Opik keeps them */
	ROWS_MIN = 64,
	ROWS_MAX = UINT32_MAX / 4
};

void note_init(struct note *n, enum note_kind kind, enum note_about about)
{
	*n = (struct note){ .kind = kind, .about = about };
}

struct str note_kind_name(enum note_kind kind)
{
	return kind_names[kind];
}

/* ---- Lines ---- */

static void notes_write_time(struct json_writer *w, struct str key, int64_t ns)
{
	char text[UTIME_TEXT_MAX];
	json_member_body(w, key, str_of(text, utime_format(ns, text)));
}

void note_write(struct buf *out, const struct note *n)
{
	struct json_writer w;
	size_t start = out->len;
	json_writer_init(&w, out);
	json_object(&w);
	if (n->is_deleted)
		json_member_text(&w, STR("op"), STR("delete"));
	json_member_body(&w, STR("kind"), kind_names[n->kind]);
	json_member_body(&w, STR("about"), about_names[n->about]);
	for (unsigned f = 0; f < NOTE_FIELD__MAX; f++) {
		if (str_is_null(n->text[f]))
			continue;
		if (note_fields[f].type == NOTE_TYPE_JSON)
			json_member_raw(&w, note_fields[f].member, n->text[f]);
		else
			json_member_body(&w, note_fields[f].member, n->text[f]);
	}
	notes_write_time(&w, STR("created_at"), n->created_ns);
	notes_write_time(&w, STR("updated_at"), n->updated_ns);
	line_seal(out, start);
}

static bool find_name(const struct str *names, unsigned n, struct json v, unsigned *ret)
{
	for (unsigned i = 0; i < n; i++)
		if (v.type == JSON_STRING && str_eq(json_body(v), names[i])) {
			*ret = i;
			return true;
		}
	return false;
}

/* The field of a key, searched from where the last one was found. */
static unsigned notes_find_field(struct str key, unsigned from)
{
	for (unsigned i = 0; i < NOTE_FIELD__MAX; i++) {
		unsigned f = (from + i) % NOTE_FIELD__MAX;
		if (str_eq(key, note_fields[f].member))
			return f;
	}
	return NOTE_FIELD__MAX;
}

static void read_member(struct note *n, struct str key, struct json v, unsigned *at)
{
	int64_t ns;
	unsigned f = notes_find_field(key, *at);
	if (f < NOTE_FIELD__MAX) {
		*at = f + 1;
		if (note_fields[f].type == NOTE_TYPE_JSON)
			n->text[f] = v.raw;
		else if (v.type == JSON_STRING)
			n->text[f] = json_body(v);
	} else if (str_eq(key, STR("created_at")) && utime_parse(json_body(v), &ns)) {
		n->created_ns = ns;
	} else if (str_eq(key, STR("updated_at")) && utime_parse(json_body(v), &ns)) {
		n->updated_ns = ns;
	} else if (str_eq(key, STR("op"))) {
		n->is_deleted = str_eq(json_body(v), STR("delete"));
	}
}

/* Reads a line whose checksum was checked. */
static bool read_note(struct str line, struct note *ret)
{
	struct note n = { 0 };
	unsigned kind = NOTE_KIND__MAX, about = NOTE_ABOUT__MAX, at = 0;
	struct json_iter it = json_members(json_open(line));
	while (json_next(&it)) {
		if (str_eq(it.key, STR("kind")))
			(void)find_name(kind_names, NOTE_KIND__MAX, it.value, &kind);
		else if (str_eq(it.key, STR("about")))
			(void)find_name(about_names, NOTE_ABOUT__MAX, it.value, &about);
		else
			read_member(&n, it.key, it.value, &at);
	}
	if (kind == NOTE_KIND__MAX || about == NOTE_ABOUT__MAX ||
		str_is_null(n.text[NOTE_FIELD_ID]))
		return false; /* of a future version */
	n.kind = (enum note_kind)kind;
	n.about = (enum note_about)about;
	*ret = n;
	return true;
}

bool note_read(struct str line, struct note *ret)
{
	struct str body;
	return line_check(line, &body) == LINE_OK && read_note(line, ret);
}

/* ---- Writing ---- */

/* Not the ids, and not the name of the project: they are there to be asked for. */
static void mask_note(const struct mask *m, struct arena *a, struct note *n)
{
	static const enum note_field names[] = { NOTE_FIELD_NAME, NOTE_FIELD_CATEGORY,
		NOTE_FIELD_CREATED_BY, NOTE_FIELD_UPDATED_BY };
	if (!m->is_on)
		return;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		n->text[names[i]] = mask_text(m, a, n->text[names[i]], false);
	n->text[NOTE_FIELD_REASON] = mask_text(m, a, n->text[NOTE_FIELD_REASON], true);
	n->text[NOTE_FIELD_VALUE] = mask_json(m, a, n->text[NOTE_FIELD_VALUE]);
	n->text[NOTE_FIELD_EXTRA] = mask_json(m, a, n->text[NOTE_FIELD_EXTRA]);
}

enum err notes_add(struct append *t, const struct note *n)
{
	struct note masked = *n;
	struct buf line;
	mask_note(&t->mask, t->arena, &masked);
	buf_init(&line, t->arena);
	note_write(&line, &masked);
	enum err e = append_add_note(t, buf_str(&line));
	buf_release(&line);
	return e;
}

enum err notes_append(const struct store *s, struct str workspace, bool create, struct arena *a,
	struct note *notes, size_t n, int64_t now_ns)
{
	struct append t;
	struct mask mask;
	if (n == 0)
		return ERR_OK;
	enum err e = settings_mask_of(s, workspace, a, &mask);
	if (e)
		return e;
	for (size_t i = 0; i < n; i++) /* those who show what they have stored show that */
		mask_note(&mask, a, &notes[i]);
	mask_release(&mask);
	e = append_begin(&t, s, workspace, create, a, now_ns);
	if (e)
		return e;
	for (size_t i = 0; i < n && !e; i++) {
		if (!notes[i].created_ns)
			notes[i].created_ns = now_ns;
		if (!notes[i].updated_ns)
			notes[i].updated_ns = now_ns;
		e = notes_add(&t, &notes[i]);
	}
	if (!e)
		return append_commit(&t);
	append_abort(&t);
	return e;
}

/* ---- Reading ---- */

uint64_t note_name_hash(struct str name)
{
	uint64_t h = hash64(name, 0);
	return h ? h : 1;
}

uint64_t note_folded_hash(struct arena *a, struct str name)
{
	struct arena_mark mark = arena_mark(a);
	char *folded = arena_text(a, name.len + 1);
	for (size_t i = 0; i < name.len; i++)
		folded[i] = ascii_lower(name.ptr[i]);
	uint64_t h = note_name_hash(str_of(folded, name.len));
	arena_rewind(a, mark);
	return h;
}

static uint64_t identity_hash(enum note_kind kind, struct str id)
{
	return hash64(id, (uint64_t)kind << 8 | 1);
}

static struct note_row row_of(struct arena *a, const struct note *n, struct row_ref ref)
{
	struct str target = n->text[note_target_field(n->about)];
	struct str value = n->text[NOTE_FIELD_VALUE];
	struct note_row row = { .identity = identity_hash(n->kind, n->text[NOTE_FIELD_ID]),
		.target = hash64(target, 0),
		.created_ns = n->created_ns,
		.updated_ns = n->updated_ns,
		.ref = ref,
		.kind = n->kind,
		.about = n->about,
		.is_deleted = n->is_deleted };
	if (!str_is_null(n->text[NOTE_FIELD_NAME])) {
		row.name = note_name_hash(n->text[NOTE_FIELD_NAME]);
		row.folded = note_folded_hash(a, n->text[NOTE_FIELD_NAME]);
	}
	row.has_value =
		value.len && value.ptr[0] != '"' && dec_to_units(value, VALUE_DIGITS, &row.value);
	return row;
}

/* The slot of a row by one of its hashes: slots hold row number + 1. */
static uint32_t *notes_find_slot(struct notes *n, uint64_t hash, size_t hash_at)
{
	size_t i = hash & (n->n_slots - 1);
	while (n->slots[i]) {
		uint64_t other;
		memcpy(&other, (char *)&n->rows[n->slots[i] - 1] + hash_at, sizeof other);
		if (other == hash)
			break;
		i = (i + 1) & (n->n_slots - 1);
	}
	return &n->slots[i];
}

static void notes_make_slots(struct notes *n, size_t n_slots, size_t hash_at)
{
	n->slots = arena_block(n->view.arena, n->slots, n_slots * sizeof *n->slots);
	memset(n->slots, 0, n_slots * sizeof *n->slots);
	n->n_slots = n_slots;
	for (size_t i = 0; i < n->n; i++) {
		uint64_t hash;
		memcpy(&hash, (char *)&n->rows[i] + hash_at, sizeof hash);
		*notes_find_slot(n, hash, hash_at) = (uint32_t)i + 1;
	}
}

/* Twice as many slots as rows at least. */
static void notes_grow(struct notes *n)
{
	if (n->cap >= ROWS_MAX)
		arena_fail(n->view.arena);
	n->cap = n->cap ? n->cap * 2 : ROWS_MIN;
	n->rows = arena_block(n->view.arena, n->rows, n->cap * sizeof *n->rows);
	notes_make_slots(n, n->cap * 2, offsetof(struct note_row, identity));
}

/* Rows come in the order of arrival. */
static void notes_take_row(struct notes *n, struct note_row row)
{
	if (n->n == n->cap)
		notes_grow(n);
	uint32_t *slot = notes_find_slot(n, row.identity, offsetof(struct note_row, identity));
	if (!*slot) {
		n->rows[n->n++] = row;
		*slot = (uint32_t)n->n;
		return;
	}
	struct note_row *old = &n->rows[*slot - 1];
	int64_t first_ns = old->created_ns;
	bool was_there = !old->is_deleted;
	if (row.updated_ns >= old->updated_ns)
		*old = row;
	if (was_there && !row.is_deleted && first_ns < old->created_ns)
		old->created_ns = first_ns;
}

static enum err notes_read_shard(struct notes *n, struct view *counted, size_t shard)
{
	struct shard_reader r;
	struct str line, body;
	struct row_ref ref;
	struct note note;
	bool more;
	enum err e = shard_reader_open(&n->view, shard, 0, -1, &r);
	if (e)
		return e;
	for (;;) {
		e = shard_reader_next(&r, &line, &ref, &more);
		if (e || !more)
			break;
		enum line_state state = line_check(line, &body);
		view_count(counted, state);
		if (state == LINE_OK && read_note(line, &note) && n->kinds >> note.kind & 1)
			notes_take_row(n, row_of(n->view.arena, &note, ref));
	}
	shard_reader_close(&r);
	return e;
}

static int compare_created(const void *x, const void *y)
{
	const struct note_row *a = x, *b = y;
	if (a->created_ns != b->created_ns)
		return a->created_ns < b->created_ns ? -1 : 1;
	if (a->ref.shard != b->ref.shard)
		return a->ref.shard < b->ref.shard ? -1 : 1;
	return a->ref.at < b->ref.at ? -1 : a->ref.at > b->ref.at;
}

/* Leaves what is not deleted, in the order of creation, and chains what is about one thing. */
static void notes_finish(struct notes *n)
{
	size_t kept = 0;
	for (size_t i = 0; i < n->n; i++)
		if (!n->rows[i].is_deleted)
			n->rows[kept++] = n->rows[i];
	n->n = kept;
	if (!kept)
		return;
	qsort(n->rows, kept, sizeof *n->rows, compare_created);
	memset(n->slots, 0, n->n_slots * sizeof *n->slots);
	for (size_t i = kept; i-- > 0;) {
		uint32_t *slot =
			notes_find_slot(n, n->rows[i].target, offsetof(struct note_row, target));
		n->rows[i].next = *slot;
		*slot = (uint32_t)i + 1;
	}
}

enum err notes_open(struct view *v, unsigned kinds, struct notes *ret)
{
	struct notes n = { .kinds = kinds };
	enum err e = view_open_notes(v, &n.view);
	if (e)
		return e;
	n.is_open = true;
	for (size_t i = 0; i < n.view.n_shards && !e; i++)
		e = notes_read_shard(&n, v, i);
	if (e) {
		notes_close(&n);
		return e;
	}
	notes_finish(&n);
	*ret = n;
	return ERR_OK;
}

enum err notes_of_append(struct append *t, unsigned kinds, struct notes *ret)
{
	/* A view of its own: only the directory is used of it. */
	struct view v = { .store = t->store,
		.arena = t->arena,
		.dir_fd = t->dir_fd,
		.is_borrowed = true,
		.workspace = t->workspace };
	return notes_open(&v, kinds, ret);
}

void notes_close(struct notes *n)
{
	if (!n->is_open)
		return;
	n->rows = arena_block(n->view.arena, n->rows, 0);
	n->slots = arena_block(n->view.arena, n->slots, 0);
	n->n = n->cap = n->n_slots = 0;
	view_close(&n->view);
	n->is_open = false;
}

static const struct note_row *next_about(
	const struct notes *n, const struct note_row *row, unsigned about)
{
	do
		row = row->next ? &n->rows[row->next - 1] : NULL;
	while (row && row->about != about);
	return row;
}

const struct note_row *notes_first(const struct notes *n, enum note_about about, struct str id)
{
	uint64_t hash = hash64(id, 0);
	if (!n->n)
		return NULL;
	size_t i = hash & (n->n_slots - 1);
	while (n->slots[i] && n->rows[n->slots[i] - 1].target != hash)
		i = (i + 1) & (n->n_slots - 1);
	const struct note_row *row = n->slots[i] ? &n->rows[n->slots[i] - 1] : NULL;
	return !row || row->about == about ? row : next_about(n, row, about);
}

const struct note_row *notes_next(const struct notes *n, const struct note_row *row)
{
	return next_about(n, row, row->about);
}

enum err notes_fetch(struct notes *n, const struct note_row *row, struct note *ret)
{
	struct str line;
	enum err e = view_read_line(&n->view, row->ref, &line);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_IO : e;
	if (!note_read(arena_copy(n->view.arena, line), ret))
		return ERR_IO;
	/* The file was rewritten meanwhile, and was opened again for this. */
	if (identity_hash(ret->kind, ret->text[NOTE_FIELD_ID]) != row->identity)
		return ERR_BUSY;
	ret->created_ns = row->created_ns;
	return ERR_OK;
}

enum err notes_get(
	struct notes *n, enum note_kind kind, struct str id, struct note *ret, bool *ret_found)
{
	uint64_t hash = identity_hash(kind, id);
	for (size_t i = 0; i < n->n; i++)
		if (n->rows[i].identity == hash) {
			*ret_found = true;
			return notes_fetch(n, &n->rows[i], ret);
		}
	*ret_found = false;
	return ERR_OK;
}
