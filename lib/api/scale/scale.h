/*
 * Holds what the handlers of Scale's span API (EGP V5) share: the account's view, names and the
 * handlers. doc/scale.md says what is served and how the open points of the contract are read.
 *
 *	scale.c			errors, routes, the account of a request
 *	names.c			types, statuses, and fields that are shown as metadata
 *	span.*			reads a span of a request
 *	render.c		renders a span
 *	write.c			handlers: create, batches, patch
 *	filter.*, filter_text.c	the body of a search as clauses
 *	cursor.*		positions in a list as texts
 *	list.c			handler: search
 *	notes.c			handlers: assessments
 */
#ifndef FLATSPAN_API_SCALE_SCALE_H
#define FLATSPAN_API_SCALE_SCALE_H

#include "api/api.h"

/* The source of spans that Scale's clients write. */
#define SCALE_SOURCE STR("scale")

/* An id has at most this many characters (422), and bytes (400). */
enum { SCALE_ID_MAX = 256 };

/* Opens the account's view. Returns false when the request was answered with an error. An account
 * that does not exist is a 403, as one that the key may not read. */
bool scale_view(struct request *r, struct view *ret);
/* Answers {"detail":"No span with id '…'"} with 404. */
void scale_no_span(struct request *r, struct str id);

/* Returns a version 4 UUID. n must differ within a request. */
struct str scale_new_id(const struct request *r, size_t n);

/* ---- Names ---- */

/* clang-format off */
/* Scale's types, and the kind that other dialects see. */
#define SCALE_TYPE_LIST(X) \
	X(TEXT_INPUT,		CHAIN) \
	X(TEXT_OUTPUT,		CHAIN) \
	X(COMPLETION_INPUT,	CHAIN) \
	X(COMPLETION,		LLM) \
	X(KB_RETRIEVAL,		RETRIEVER) \
	X(KB_INPUT,		CHAIN) \
	X(RERANKING,		RERANKER) \
	X(EXTERNAL_ENDPOINT,	TOOL) \
	X(PROMPT_ENGINEERING,	CHAIN) \
	X(DOCUMENT_INPUT,	CHAIN) \
	X(MAP_REDUCE,		CHAIN) \
	X(DOCUMENT_SEARCH,	RETRIEVER) \
	X(DOCUMENT_PROMPT,	CHAIN) \
	X(CUSTOM,		UNKNOWN) \
	X(CODE_EXECUTION,	TOOL) \
	X(DATA_MANIPULATION,	CHAIN) \
	X(EVALUATION,		EVALUATOR) \
	X(FILE_RETRIEVAL,	RETRIEVER) \
	X(KB_ADD_CHUNK,		CHAIN) \
	X(KB_MANAGEMENT,	CHAIN) \
	X(GUARDRAIL,		GUARDRAIL) \
	X(OUTPUT_GUARDRAIL,	GUARDRAIL) \
	X(TRACER,		AGENT) \
	X(AGENT_TRACER,		AGENT) \
	X(AGENT_WORKFLOW,	AGENT) \
	X(STANDALONE,		UNKNOWN)
/* clang-format on */

enum scale_type {
#define X(name, kind) SCALE_TYPE_##name,
	SCALE_TYPE_LIST(X)
#undef X
		SCALE_TYPE__MAX
};

enum scale_status { SCALE_SUCCESS, SCALE_ERROR, SCALE_CANCELED, SCALE_STATUS__MAX };

extern const struct str scale_type_names[SCALE_TYPE__MAX];
extern const struct str scale_status_names[SCALE_STATUS__MAX];

enum kind scale_type_kind(enum scale_type t);
/* Returns the type under which spans of this kind are shown when they have none of Scale's. */
enum scale_type scale_kind_type(enum kind k);
/* Returns SCALE_TYPE__MAX for an unknown name. */
enum scale_type scale_type_from_name(struct str name);
/* Returns the type under which a span is shown. */
enum scale_type scale_type_of(const struct span *s);

enum status scale_status_ours(enum scale_status s);
/* Unknown counts as success, Scale's default. */
enum scale_status scale_status_of(enum status s);

/* Fields that Scale has no member for. They are shown in the metadata of spans of other dialects
 * under these keys, and filtered there. */
struct scale_shown {
	enum field field;
	struct str key;
};
extern const struct scale_shown scale_shown[];
extern const size_t scale_n_shown;

bool scale_is_own(const struct span *s);

/* ---- Rendering ---- */

/* Writes one object. `account` is the workspace. */
void scale_span_render(
	struct json_writer *w, struct arena *a, struct str account, const struct span *s);

/* ---- Handlers ---- */

void scale_span_get(struct request *r);
void scale_span_create(struct request *r);
void scale_span_update(struct request *r);
void scale_spans_put(struct request *r);
void scale_spans_list(struct request *r);
void scale_assessment_create(struct request *r);
void scale_assessments_list(struct request *r);
void scale_assessment_get(struct request *r);
void scale_assessment_update(struct request *r);
void scale_assessment_delete(struct request *r);

#endif
