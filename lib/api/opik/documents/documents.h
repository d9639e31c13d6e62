/*
 * Serves what Opik keeps beside spans: datasets, experiments, prompts, environments, feedback
 * definitions. Each is a document (store/documents.h) whose body holds the members of a table.
 *
 *	documents.c	families, errors, members of bodies, transactions
 *	handlers.c	create, get, list, update and delete of any family
 *	list.c		pages, filters and order over rendered documents
 *	item_list.c	lists of a dataset's items
 *	item_sources.c	items that are made of stored traces and spans
 *
 * What one family has beyond that is in the file of its name.
 */
#ifndef FLATSPAN_API_OPIK_DOCUMENTS_DOCUMENTS_H
#define FLATSPAN_API_OPIK_DOCUMENTS_DOCUMENTS_H

#include "api/opik/body.h"
#include "store/documents.h"

/* ---- Members ---- */

enum opik_member_type {
	OPIK_MEMBER_TEXT,
	OPIK_MEMBER_JSON,
	OPIK_MEMBER_OBJECT,
	OPIK_MEMBER_TEXTS, /* an array of texts */
	OPIK_MEMBER_UUID,
	OPIK_MEMBER_INT,
	OPIK_MEMBER_CHOICE
};

enum { OPIK_MEMBER_REQUIRED = 1, OPIK_MEMBER_FIXED = 2 /* is not changed by an update */ };

/* A member of a body, with the same name in requests and in what is stored. */
struct opik_member {
	const char *name;
	enum opik_member_type type;
	unsigned flags;
	const struct str *choices;
	size_t n_choices;
	const char *otherwise; /* JSON of a new document that does not give it; NULL: absent */
};

struct opik_members {
	const struct opik_member *list;
	size_t n;
};

#define OPIK_MEMBERS(array) \
	{ \
		array, sizeof(array) / sizeof(array)[0] \
	}

/* Writes the members that the request gives into the open object, and those of the stored object
 * that it does not give. stored: JSON_NONE for a new document. Broken rules are noted in rd. */
void opik_members_write(struct opik_reader *rd, struct opik_members m, struct json given,
	struct json stored, struct json_writer *w);
/* Returns the object that an update makes of a stored one. Stored members that no table names stay.
 */
struct str opik_members_over(
	struct opik_reader *rd, struct opik_members m, struct json given, struct json stored);
/* Returns the update of {"update":{…},"merge_tags":…} with the flag among its members. */
struct json opik_update_of(struct arena *a, struct json body);
/* Returns a member's text of a document's body, STR_NULL when absent. */
struct str opik_document_text(const struct document *d, struct str name);

/* ---- Families ---- */

struct opik_documents;

struct opik_family {
	struct str path; /* of its routes, after /v1/private/ */
	enum document_kind kind;
	struct opik_members members;
	struct str missing, taken; /* sentences of 404 and 409; {} is the id or the name */
	struct str missing_update; /* the 404 of an update, where it is another one */
	bool says_code;            /* the two are {"code","message"}, not {"errors"} */
	bool keeps_first;          /* POST of an id that is there is 201 and changes nothing */
	bool has_project;          /* project_name or project_id of a request is kept as an id */
	bool may_lack_name;
	/* Adds computed members; NULL: none. is_page: of a list, not of one. */
	enum err (*more)(struct opik_documents *d, const struct document *one,
		struct json_writer *w, bool is_page);
	/* Checks and completes a new document; false: answered. NULL: nothing to do. */
	bool (*check)(struct request *r, struct json body, struct json_writer *w);
	/* Deletes what belongs to a deleted document. NULL: nothing. */
	enum err (*drop)(struct documents_change *c, struct str id);
};

extern const struct opik_family opik_datasets, opik_experiments, opik_prompts, opik_environments,
	opik_feedback_definitions;

/* Returns the family of the request's path. */
const struct opik_family *opik_family_of(const struct request *r);

void opik_document_missing(struct request *r, const struct opik_family *f, struct str id);
void opik_document_taken(struct request *r, const struct opik_family *f, struct str name);

/* ---- Reading ---- */

/* A view of the request's workspace with documents of a family. */
struct opik_documents {
	struct request *request;
	const struct opik_family *family;
	struct view view;
	struct documents all;
	void *cache; /* of the family's `more` */
};

/* Returns false when the request was answered with an error. */
bool opik_documents_open(struct opik_documents *d, struct request *r, const struct opik_family *f);
void opik_documents_close(struct opik_documents *d);
/* Reads documents of another kind in the same view; false: answered. */
bool opik_documents_read(struct request *r, const struct view *v, enum document_kind kind,
	struct str parent, struct documents *ret);
/* Finds a document by its name in any ASCII case. */
struct document *opik_document_by_name(const struct documents *all, struct str name);
/* Reads the id of the path at that capture; false: answered with 404. */
bool opik_document_id(struct request *r, unsigned capture, struct str *ret);

/* Writes {"id", the body's members, computed ones, times and users}. */
NODISCARD enum err opik_document_render(
	struct opik_documents *d, const struct document *one, struct json_writer *w, bool is_page);
/* Writes created_at, created_by, last_updated_at and last_updated_by. */
void opik_document_render_times(const struct document *one, struct json_writer *w);
/* Writes the members of a JSON object into the open object. Names that begin with _ are for
 * ourselves and are left out. */
void opik_members_copy(struct json object, struct json_writer *w);

/* ---- Writing ---- */

/* Begins a change and reads the documents of that kind; false: answered. */
bool opik_documents_begin(struct request *r, enum document_kind kind, struct str parent,
	struct documents_change *c, struct documents *ret);
/* Writes and ends the change; false: answered. */
bool opik_documents_commit(
	struct request *r, struct documents_change *c, struct document *list, size_t n);
/* Writes without ending it; false: answered, and the change has ended. */
bool opik_documents_put(
	struct request *r, struct documents_change *c, struct document *list, size_t n);
/* Ends the change and answers the error. Returns false. */
bool opik_documents_fail(struct request *r, struct documents_change *c, enum err e);

/* Returns a new document of now by the request's user. */
struct document opik_document_new(
	struct request *r, enum document_kind kind, struct str parent, struct str id);
/* Returns the next version of a document, with this body. */
struct document opik_document_next(struct request *r, const struct document *old, struct str body);
/* Reads a client's id, which must be of version 7, or makes one; false: answered. */
bool opik_document_read_id(struct opik_reader *rd, struct json given, struct str *ret);
/* Enters the project that a body names and returns its id, STR_NULL when it names none; false:
 * answered. */
bool opik_document_project(struct request *r, struct json body, struct str *ret);

/* ---- Lists ---- */

/* Selects from JSON objects by the parameters filters, sorting, page and size. */
struct opik_selection {
	struct request *request;
	struct json filters, sorting;
	size_t page, size;
};

/* Reads the parameters; false: answered. */
bool opik_selection_read(struct opik_selection *s, struct request *r);
/* Reads filters from a text; false: answered. */
bool opik_selection_filters(struct opik_selection *s, struct request *r, struct str text);
bool opik_selection_matches(const struct opik_selection *s, struct json object);
/* Sorts objects as asked; ties keep their order. */
void opik_selection_sort(const struct opik_selection *s, struct json *list, size_t n);
/* Answers a page of objects. The writer's object stays open for further members. */
void opik_page_begin(struct opik_selection *s, size_t total, struct json_writer *w,
	size_t *ret_first, size_t *ret_last);
/* Ends the page after its content was ended. */
void opik_page_end(struct json_writer *w, const char *const *sortable, size_t n_sortable);

/* True when the text has the part, in either case. Both are plain text. */
bool opik_has_part(struct str text, struct str part);

/* Ends a stream's line. */
static inline void opik_end_line(struct request *r)
{
	buf_add(&r->response->body, STR("\r\n"));
	response_flush_if_large(r->response);
}

/* ---- Handlers ---- */

void opik_document_create(struct request *r);
void opik_document_get(struct request *r);
void opik_document_list(struct request *r);
void opik_document_update(struct request *r);
void opik_document_delete(struct request *r);
void opik_documents_delete(struct request *r);
/* PATCH of {ids, update, merge_tags?}. */
void opik_documents_update(struct request *r);

void opik_attachment_start(struct request *r);
void opik_attachment_upload(struct request *r);
void opik_attachment_complete(struct request *r);
void opik_attachments_list(struct request *r);
void opik_attachment_download(struct request *r);
void opik_attachments_delete(struct request *r);

void opik_environments_list(struct request *r);
void opik_environment_get(struct request *r);
void opik_environment_create(struct request *r);
void opik_environment_update(struct request *r);
void opik_environments_delete(struct request *r);

#endif
