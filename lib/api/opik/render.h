/*
 * Renders spans, traces, scores and comments as Opik does: snake_case, without nulls. render.c
 * renders rows, read/notes.c scores and comments, and images.c replaces images.
 */
#ifndef FLATSPAN_API_OPIK_RENDER_H
#define FLATSPAN_API_OPIK_RENDER_H

#include "api/opik/list.h"

struct opik_render {
	struct arena *arena;
	struct str workspace;
	const struct projects *projects;
	struct notes *notes;                   /* scores and comments */
	const struct opik_sums *sums;          /* sums of traces */
	const struct opik_scores *span_scores; /* scores of traces' spans, sorted; NULL for none */
	uint64_t exclude;                      /* OPIK_PART_BIT */
	bool truncate, names_project;
	struct str project, project_id; /* the last one looked up */
};

void opik_render_init(struct opik_render *p, struct opik_list *l);

/* Returns the fields that rendering reads. */
struct field_set opik_render_fields(enum opik_of of, uint64_t exclude);
NODISCARD enum err opik_span_render(
	struct opik_render *p, struct json_writer *w, const struct span *s);
NODISCARD enum err opik_trace_render(
	struct opik_render *p, struct json_writer *w, const struct span *s);

/* These are for other handlers that render parts of rows. */
struct str opik_project_id(struct opik_render *p, struct str name);
void opik_render_time(struct json_writer *w, struct str key, int64_t ns);
/* Writes a payload, shortened when `truncate` is set. */
void opik_render_payload(
	struct opik_render *p, struct json_writer *w, struct str key, struct str value);
/* Writes milliseconds with the precision of microseconds. */
void opik_render_duration(struct json_writer *w, int64_t started_ns, int64_t ended_ns);

/* Returns a number of 1e-9 units in its shortest form. */
struct str opik_score_text(struct arena *a, int64_t units);
/* Writes "feedback_scores" and "comments" of the target with this id. */
NODISCARD enum err opik_notes_render(
	struct opik_render *p, struct json_writer *w, enum note_about about, struct str id);

void opik_comment_render(struct json_writer *w, const struct note *n);

/* Returns the JSON with "[image]" in place of texts that are images, or the same view when there
 * are none. */
struct str opik_without_images(struct arena *a, struct str value);

#endif
