/*
 * Lists, shows, stores and deletes annotations and evaluator results, which are both notes. They
 * differ in bodies and members (annotations.c, results.c).
 */
#ifndef FLATSPAN_API_NEMO_NOTES_H
#define FLATSPAN_API_NEMO_NOTES_H

#include "api/nemo/nemo.h"
#include "store/notes.h"

/* A filter of notes. */
struct nemo_notes_filter {
	struct str
		text[NOTE_FIELD__MAX]; /* canonical body that a field must have; STR_NULL for any */
	int64_t from_ns, to_ns;        /* time of creation */
	bool has_least, has_most;
	double least, most; /* bounds of a numeric value */
};

/* Describes annotations or evaluator results. */
struct nemo_notes {
	enum note_kind kind;
	enum nemo_filter_of of;
	const char *name;  /* in refusals of filters: "annotation" */
	const char *title; /* in "… not found" */
	const struct str *sorts;
	size_t n_sorts, default_sort;
	void (*write)(struct json_writer *w, struct str workspace, const struct note *n);
};

/* Returns false when a 400 must be answered with *ret_detail. */
bool nemo_notes_filter_apply(const struct nemo_filter *f, const char *model, struct arena *a,
	struct nemo_notes_filter *ret, struct str *ret_detail);
bool nemo_notes_match(const struct nemo_notes_filter *f, const struct note *n);

void nemo_notes_list(struct request *r, const struct nemo_notes *of);
void nemo_notes_get(struct request *r, const struct nemo_notes *of);
void nemo_notes_delete(struct request *r, const struct nemo_notes *of);
/* Stores a note and answers 201 with it. */
void nemo_notes_create(struct request *r, const struct nemo_notes *of, struct note *n);
/* Answers the notes about the span of the path as a bare list, oldest first. */
void nemo_notes_of_span(struct request *r, const struct nemo_notes *of);

/* Writes a member with a field's text, or nothing when the field is absent. */
void nemo_render_note_text(
	struct json_writer *w, struct str key, const struct note *n, enum note_field f);
/* Returns the number of a result, which is its value or stands next to a text. STR_NULL when there
 * is none. */
struct str nemo_note_value(const struct note *n);
/* Writes a number as NeMo's float. */
void nemo_render_note_number(struct json_writer *w, struct str key, struct str number);
/* Writes created_by, created_at and ingested_at. */
void nemo_render_note_origin(struct json_writer *w, const struct note *n);
/* Sets a field to the text of a JSON string, and leaves it unset for null and absent values. */
void nemo_set_note_text(struct note *n, struct arena *a, enum note_field f, struct json v);

#endif
