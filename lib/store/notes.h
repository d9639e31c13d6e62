/*
 * Notes about spans, traces and sessions: scores, comments, annotations, evaluator results,
 * assessments. All dialects share one record. Each dialect has its own names for the fields and
 * stores what has no field here in `extra`.
 *
 * A note is a line with a checksum in DAY.notes.jsonl, written by the protocol of append.h.  A line
 * is a full version. The current version of an identity (kind, id) has the greatest updated_at, and
 * among equal ones arrived last. The span need not exist: a note may come before it, and is shown
 * when the span is.
 *
 *	notes_append(store, workspace, create, arena, notes, n, now_ns)		blind upserts
 *
 * To read before writing, between append_begin() and append_commit():
 *	notes_of_append(&t, kinds, &notes); ... notes_close(&notes); notes_add(&t, &note);
 *
 * Reading:
 *	notes_open(&view, kinds, &notes);
 *	for (row = notes_first(&notes, NOTE_ABOUT_SPAN, id); row; row = notes_next(&notes, row))
 *		notes_fetch(&notes, row, &note);
 *	notes_close(&notes);
 *
 * Opening reads every note of the workspace once and keeps 80 bytes of each.
 */
#ifndef FLATSPAN_STORE_NOTES_H
#define FLATSPAN_STORE_NOTES_H

#include "store/append.h"

/* The texts are stored in lines, so kinds are only added. */
#define NOTE_KIND_LIST(X) \
	X(SCORE, "score")             /* Opik feedback score */ \
	X(COMMENT, "comment")         /* Opik comment */ \
	X(ANNOTATION, "annotation")   /* NeMo annotation */ \
	X(RESULT, "evaluator_result") /* NeMo evaluator result */ \
	X(ASSESSMENT, "assessment")   /* Scale span assessment */

enum note_kind {
#define X(name, text) NOTE_##name,
	NOTE_KIND_LIST(X)
#undef X
		NOTE_KIND__MAX
};

/* The targets of notes. SPAN_ID, TRACE_ID or SESSION_ID below names the target; the other two may
 * be set as well. */
#define NOTE_ABOUT_LIST(X) X(SPAN, "span") X(TRACE, "trace") X(SESSION, "session")

enum note_about {
#define X(name, text) NOTE_ABOUT_##name,
	NOTE_ABOUT_LIST(X)
#undef X
		NOTE_ABOUT__MAX
};

/* clang-format off */
/*	name		member		type	what it holds; in the order of a line */
#define NOTE_FIELD_LIST(X) \
	X(ID,		"id",		TEXT)	/* with the kind the identity within a workspace; required */ \
	X(SPAN_ID,	"span_id",	TEXT) \
	X(TRACE_ID,	"trace_id",	TEXT) \
	X(SESSION_ID,	"session_id",	TEXT) \
	X(PROJECT,	"project",	TEXT) \
	X(NAME,		"name",		TEXT) \
	X(CATEGORY,	"category",	TEXT)	/* of a score; a label */ \
	X(VALUE,	"value",	JSON)	/* a number, a text, anything */ \
	X(VALUE_TYPE,	"value_type",	TEXT)	/* where a dialect tells NUMERIC from BOOLEAN and so on */ \
	X(REASON,	"reason",	TEXT)	/* why this value; the text of a comment or of a note */ \
	X(ORIGIN,	"origin",	TEXT)	/* what it came by: ui, sdk, online_scoring, … */ \
	X(CREATED_BY,	"created_by",	TEXT) \
	X(UPDATED_BY,	"updated_by",	TEXT) \
	X(EXTRA,	"extra",	JSON)	/* object: what only one dialect knows */
/* clang-format on */

enum note_field {
#define X(name, member, type) NOTE_FIELD_##name,
	NOTE_FIELD_LIST(X)
#undef X
		NOTE_FIELD__MAX
};

/* Texts are canonical bodies, JSON canonical values; STR_NULL: absent.  Views, as in a span. */
struct note {
	enum note_kind kind;
	enum note_about about;
	bool is_deleted; /* a tombstone: kind, id, what it is about and updated_ns count */
	struct str text[NOTE_FIELD__MAX];
	int64_t created_ns, updated_ns;
};

/* Returns the field that names the target. */
static inline enum note_field note_target_field(enum note_about about)
{
	return about == NOTE_ABOUT_SPAN    ? NOTE_FIELD_SPAN_ID
	       : about == NOTE_ABOUT_TRACE ? NOTE_FIELD_TRACE_ID
					   : NOTE_FIELD_SESSION_ID;
}

void note_init(struct note *n, enum note_kind kind, enum note_about about);
struct str note_kind_name(enum note_kind kind);

/* ---- Writing ---- */

/* Appends one line with its newline. */
void note_write(struct buf *out, const struct note *n);
/* Reads a line without its newline. Returns false when it is damaged or not a note. Texts are views
 * into it. */
bool note_read(struct str line, struct note *ret);

/* Masks and writes the notes, all or none; created_ns and updated_ns that are 0 become now_ns.
 * create and errors as for store_append(). */
NODISCARD enum err notes_append(const struct store *s, struct str workspace, bool create,
	struct arena *a, struct note *notes, size_t n, int64_t now_ns);
/* Adds a note to a transaction. */
NODISCARD enum err notes_add(struct append *t, const struct note *n);

/* ---- Reading ---- */

/* The part of a current note that is kept in memory. */
struct note_row {
	uint64_t identity;  /* hash of kind and id */
	uint64_t target;    /* hash of the id of what it is about, as OP_IN_SET takes it */
	uint64_t name;      /* hash of the name as it was written; 0: none */
	uint64_t folded;    /* the same, ASCII letters in lower case */
	int64_t value;      /* a number in 1e-9 units, rounded; see has_value */
	int64_t created_ns; /* of the first version (since it was last deleted) */
	int64_t updated_ns;
	struct row_ref ref;
	uint32_t next; /* of the same target: row number + 1 */
	unsigned kind : 8, about : 8, has_value : 1, is_deleted : 1;
};

struct notes {
	struct view view;
	bool is_open;
	unsigned kinds;
	struct note_row *rows; /* current and not deleted, in no order; a block */
	size_t n;
	/* private */
	size_t cap, n_slots;
	uint32_t *slots;
};

/* Reads all notes of these kinds (1 << NOTE_SCORE | …) of the view's workspace. The view must stay
 * open and counts damaged lines. */
NODISCARD enum err notes_open(struct view *v, unsigned kinds, struct notes *ret);
/* Reads the stored notes under the lock of a transaction. Notes that were added to it are not
 * included. */
NODISCARD enum err notes_of_append(struct append *t, unsigned kinds, struct notes *ret);
void notes_close(struct notes *n);

/* Return the first note about a target and the next one, in the order of creation. id is a
 * canonical body. */
const struct note_row *notes_first(const struct notes *n, enum note_about about, struct str id);
const struct note_row *notes_next(const struct notes *n, const struct note_row *row);
/* Reads the note itself into the view's arena; created_ns is that of the first version. Returns
 * ERR_IO when the line was damaged meanwhile. */
NODISCARD enum err notes_fetch(struct notes *n, const struct note_row *row, struct note *ret);
/* Finds a note by its identity. *ret_found is false when there is none or it was deleted. */
NODISCARD enum err notes_get(
	struct notes *n, enum note_kind kind, struct str id, struct note *ret, bool *ret_found);

/* Return the hashes that note_row.name and .folded hold. */
uint64_t note_name_hash(struct str name);
uint64_t note_folded_hash(struct arena *a, struct str name);

#endif
