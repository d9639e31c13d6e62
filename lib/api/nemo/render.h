/*
 * Renders spans, traces and sessions as NeMo does: keys in the order of its OpenAPI, absent ones
 * left out, and times cut to microseconds with Z.
 */
#ifndef FLATSPAN_API_NEMO_RENDER_H
#define FLATSPAN_API_NEMO_RENDER_H

#include "query/engine.h"
#include "json/write.h"

enum nemo_mode {
	NEMO_SUMMARY,  /* no input, output and raw_attributes; traces have no roll-ups either */
	NEMO_PREVIEW,  /* input and output cut to 300 characters, no raw_attributes */
	NEMO_DETAILED, /* everything */
	NEMO_MODE__MAX
};

/* "summary", "preview", "detailed" */
extern const struct str nemo_mode_names[NEMO_MODE__MAX];

/* Returns the fields that must be read of a span for this mode. */
struct field_set nemo_span_fields(enum nemo_mode mode);
struct field_set nemo_trace_fields(enum nemo_mode mode);

/* Writes one object. */
void nemo_span_render(struct json_writer *w, struct arena *a, struct str workspace,
	const struct span *s, enum nemo_mode mode);
void nemo_trace_render(struct json_writer *w, struct arena *a, struct str workspace,
	const struct trace_row *row, const struct span *root, enum nemo_mode mode);

void nemo_session_render(
	struct json_writer *w, struct str workspace, const struct session_row *row);

/* Writes 1e-12 USD as an exact decimal with at least one digit after the point. */
void nemo_render_pico(struct json_writer *w, struct str key, __int128 v);
/* Returns the time between the shown times, which are cut to microseconds. */
double nemo_duration_ms(int64_t started_ns, int64_t ended_ns);
void nemo_render_time(struct json_writer *w, struct str key, int64_t ns);

#endif
