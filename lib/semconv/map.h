/*
 * Holds the state of the mapper. Only the files of lib/semconv include this.
 *
 * A request is mapped in one batch, its spans one after another:
 *
 *	semconv.c	finds each attribute's row in the table, selects the best for each slot, and
 *			fills the fields that are one attribute's text
 *	kind.c		kind and status
 *	usage.c		tokens, costs, time to the first token
 *	payload.c, messages.c	input and output
 *	raw.c		the attributes that are left become the raw attributes
 *	opik.c		Opik's input, output and metadata
 *	openinference.c	OpenInference's part of them
 *	opik_provider.c	Opik's names of providers
 *	own.c		the fields that flatspan.span sets
 *	repeats.c	which spans repeat their children's usage
 *
 * json.c maps the attributes of one span that arrived as JSON.
 */
#ifndef FLATSPAN_SEMCONV_MAP_H
#define FLATSPAN_SEMCONV_MAP_H

#include "semconv/semconv.h"
#include "semconv/table.h"

struct semconv_row {
	struct str key; /* or prefix */
	uint8_t slot;   /* enum slot */
	uint8_t general, nemo, opik;
};

extern const struct semconv_row semconv_rows[], semconv_prefixes[];
extern const size_t semconv_n_rows, semconv_n_prefixes;

/* An attribute of the span or, where the span has none of that key, of the resource. */
struct map_attr {
	const struct otlp_attr *attr;
	const struct semconv_row *row; /* NULL: unknown */
	bool is_resource;
	bool is_gone; /* used in a way that `used` does not tell: not a raw attribute */
};

struct pick {
	struct map_attr *attr; /* NULL: none */
	unsigned rank;
};

/* Where an attribute of the span is, by its key. */
struct key_place {
	uint64_t hash;
	uint32_t place; /* in mapper.attrs, plus 1; 0: free */
};

struct mapper {
	const struct map_context *c;
	struct arena *arena;
	struct buf text, more; /* where JSON is written before it is kept */

	/* The table, hashed with a seed of this request. */
	uint64_t seed;
	uint16_t *rows; /* numbers of rows plus 1; 0: free */

	/* What the spans of one resource or scope share. */
	const struct otlp_attrs *resource;
	uint64_t *resource_hashes;
	const struct otlp_scope *scope;
	struct str scope_json;           /* as a JSON string */
	struct str trace_id, session_id; /* the last one derived */

	/* The current span. */
	const struct otlp_span *in;
	struct span *out;
	bool is_claude;
	bool is_openinference; /* only on Opik's path */
	struct map_oi *oi;     /* openinference.c: what it found */
	/* On Opik's path: the model of Elastic's inference service before it was taken apart. */
	struct str elastic_model;
	struct map_attr *attrs;
	size_t n_attrs, attrs_cap;
	struct key_place *places;
	size_t n_places; /* a power of two */
	struct pick picks[SLOT__MAX];
	/* What a slot's value became, as a canonical body; STR_NULL: nothing. Attributes that say
	 * the same are not raw attributes. */
	struct str used[SLOT__MAX];
	int64_t counts[SLOT__LAST_COUNT + 1]; /* where used */
	struct str reason;                    /* set: the span is rejected */
	struct json own;                      /* what flatspan.span says; JSON_NONE: nothing */
};

/* Returns the value of the slot's attribute; NULL: none. */
static inline const struct otlp_value *map_value(const struct mapper *m, enum slot slot)
{
	return m->picks[slot].attr ? &m->picks[slot].attr->attr->value : NULL;
}

/* Collects the attributes of m->in into m->attrs and selects the best for each slot. */
void map_collect(struct mapper *m);
void map_pick(struct mapper *m);
/* Sets the fields that are one attribute's text. */
void map_texts(struct mapper *m);
/* Sets a JSON field from a value that is JSON or a text that holds JSON; other texts stay texts. */
void map_json_field(struct mapper *m, enum slot slot, enum field field);

/* Returns a scalar, or a list as JSON, as the canonical body of a text. */
struct str map_text(struct mapper *m, const struct otlp_value *v);
/* Returns a canonical body as a JSON string. */
struct str map_quoted(struct mapper *m, struct str body);
/* Returns any value as canonical JSON; a text becomes a JSON string. */
struct str map_json(struct mapper *m, const struct otlp_value *v);
/* Returns the canonical JSON that is the text of a canonical body ("{\"a\":1}" → {"a":1}); STR_NULL
 * when there is none. */
struct str map_json_in_text(struct mapper *m, struct str body);
/* True for null and for an empty text. */
bool map_is_empty(const struct otlp_value *v);
/* Returns the text of the slot's attribute; empty when there is none. */
struct str map_slot_text(struct mapper *m, enum slot slot);
/* Returns the last event of that name; NULL: none. */
const struct otlp_event *map_last_event(const struct mapper *m, struct str name);

void map_kind(struct mapper *m);
void map_status(struct mapper *m);

/* True when the value is valid for a numeric slot. */
bool map_number_ok(const struct mapper *m, enum slot slot, const struct otlp_value *v);
/* True when the numeric slot was filled with this number. */
bool map_same_number(struct mapper *m, enum slot slot, const struct otlp_value *v);
void map_usage(struct mapper *m);

void map_payloads(struct mapper *m);

/* Builds {"messages":[…]} from the attributes with this slot's prefix
 * (llm.input_messages.0.message.role and similar); STR_NULL when there are none. has_levels: the
 * keys contain "message." and "tool_call.". is_full: contents become a list too, not only what NeMo
 * rebuilds. */
struct str map_messages(struct mapper *m, enum slot slot, bool has_levels, bool is_full);
/* Builds messages from the events of older GenAI conventions (gen_ai.user.message, gen_ai.choice).
 * */
struct str map_event_messages(struct mapper *m, bool is_output);
/* True when the text holds these messages again: as a request, a response, or a single text. */
bool map_repeats_messages(struct mapper *m, struct str text, struct str messages);

void map_raw(struct mapper *m);
/* True when the attribute is not a raw attribute, because a field holds it. */
bool map_is_gone(struct mapper *m, const struct map_attr *x);
/* Writes events and links as JSON arrays. */
void map_write_events(struct mapper *m, struct json_writer *w);

struct members;

/* True for an attribute that openinference.c writes, on the spans that have a kind of its own. */
bool map_oi_takes(struct str key);
/* Reads the attributes. Called before the functions below. */
void map_oi_begin(struct mapper *m);
/* True when the attribute is a count; *ret_name is Opik's name of it. */
bool map_oi_count(const struct otlp_attr *attr, struct str *ret_name, int64_t *ret);
/* Returns the input or output with the members that other attributes became, which it releases.
 * STR_NULL: there is none. */
struct str map_oi_payload(struct mapper *m, bool is_output, struct members *common);
/* Returns the members of the metadata as an object. STR_NULL: there are none. */
struct str map_oi_metadata(struct mapper *m);
/* Returns Opik's type. */
struct str map_oi_type(const struct mapper *m);

/* Returns the rank on Opik's path of an attribute that has another rank in its slot. */
unsigned map_opik_rank(const struct mapper *m, const struct map_attr *x, unsigned rank);
/* True when a later attribute of the same rank takes the slot. */
bool map_opik_last_wins(const struct mapper *m, const struct map_attr *x);
/* Decides, before the other steps, which ids count. */
void map_opik_ids(struct mapper *m);
void map_opik(struct mapper *m);

/* Decides which attributes flatspan.span takes away; map_own_fields() sets its fields later. */
void map_own(struct mapper *m);
void map_own_fields(struct mapper *m);

/* Removes, as Opik does, the usage of a span whose child came with it and has usage. */
void map_opik_usage(struct arena *a, uint64_t seed, struct span *spans, size_t n);
/* Marks the spans that repeat usage (out[i] is made from in[i]). is_told: the spans for which
 * flatspan.span decides; NULL: none. */
void map_repeats(struct arena *a, uint64_t seed, const struct otlp_span *const *in,
	struct span *out, const bool *is_told, size_t n);

#endif
