/*
 * Annotations and evaluator results as NeMo's handlers share them: both are notes, are listed,
 * shown and deleted alike, and differ in their bodies and members.
 */
#ifndef FLATSPAN_API_NEMO_NOTES_H
#define FLATSPAN_API_NEMO_NOTES_H

#include "api/nemo/nemo.h"
#include "store/notes.h"

/* What of the notes is listed. */
struct nemo_notes_filter {
	struct str text[NOTE_FIELD__MAX]; /* canonical body that a field must have; STR_NULL: any */
	int64_t from_ns, to_ns;           /* of creation */
	bool has_least, has_most;
	double least, most; /* of a number as value */
};

/* One of the two. */
struct nemo_notes {
	enum note_kind kind;
	enum nemo_filter_of of;
	const char *name;  /* in refusals of filters: "annotation" */
	const char *title; /* in "… not found" */
	const struct str *sorts;
	size_t n_sorts, default_sort;
	void (*write)(struct json_writer *w, struct str workspace, const struct note *n);
};

/* False: *ret_detail is what a 400 answer says. */
bool nemo_notes_filter_apply(const struct nemo_filter *f, const char *model, struct arena *a,
	struct nemo_notes_filter *ret, struct str *ret_detail);
bool nemo_notes_match(const struct nemo_notes_filter *f, const struct note *n);

void nemo_notes_list(struct request *r, const struct nemo_notes *of);
void nemo_notes_get(struct request *r, const struct nemo_notes *of);
void nemo_notes_delete(struct request *r, const struct nemo_notes *of);
/* Stores a note and answers 201 with it. */
void nemo_notes_create(struct request *r, const struct nemo_notes *of, struct note *n);
/* Those about the span of the path, as a bare list, the oldest first. */
void nemo_notes_of_span(struct request *r, const struct nemo_notes *of);

/* A member with a field's text; nothing when it is absent. */
void nemo_render_note_text(
	struct json_writer *w, struct str key, const struct note *n, enum note_field f);
/* The number of a result, whether it is its value or goes with a text; STR_NULL: none. */
struct str nemo_note_value(const struct note *n);
/* A number as NeMo's float. */
void nemo_render_note_number(struct json_writer *w, struct str key, struct str number);
/* created_by, created_at, ingested_at */
void nemo_render_note_origin(struct json_writer *w, const struct note *n);
/* A JSON string's text into a field; null and absent: none. */
void nemo_set_note_text(struct note *n, struct arena *a, enum note_field f, struct json v);

#endif
