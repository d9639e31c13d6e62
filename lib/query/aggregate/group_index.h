/*
 * Groups of engine.h.
 *
 * Each block is counted by codes (group_codes.c).  Groups that can only be in one block stay there;
 * the others are merged by the hashes of their texts (group_index.c).  Texts are read where two
 * groups compare equal otherwise, and for the page.
 */
#ifndef FLATSPAN_QUERY_AGGREGATE_GROUP_INDEX_H
#define FLATSPAN_QUERY_AGGREGATE_GROUP_INDEX_H

#include "query/aggregate/shared.h"
#include "query/engine.h"
#include "query/filter/snapshot.h"

NODISCARD enum err groups_select(
	struct snapshot *s, const struct group_query *q, struct group_list *ret);

/* ---- From lines: group.c ---- */

struct field_set group_fields(const struct group_query *q);
typedef void group_value_fn(void *user, const struct span *s, const struct str *value);
/* Calls take with the values of each group that a span is in. */
void group_each_value(
	const struct group_query *q, const struct span *s, group_value_fn *take, void *user);

/* ---- Between its parts ---- */

/* A field as a block has it. */
struct group_field {
	enum field field;
	const struct column *codes;
	uint32_t n_codes;
	struct block_texts *texts; /* NULL: kind or status, whose codes are their numbers */
	const uint64_t *empty;     /* codes of empty texts; NULL: none */
};

/* A group of one block by several fields. */
struct group_count {
	uint64_t hash; /* of the codes */
	int64_t first_started_ns;
	uint32_t n_spans;
	uint32_t codes[QUERY_GROUP_MAX];
};

/* Groups are numbered; by a single field the number is the code, and some may have no span. */
struct group_block {
	struct block *block;
	struct group_field fields[QUERY_GROUP_MAX];
	size_t n_fields;
	bool wants_started;
	struct table several; /* struct group_count, by number; without rows: by a single field */
	uint32_t *n_spans;    /* blocks of the arena */
	int64_t *first_started_ns; /* NULL: not wanted */
	size_t n;
};

static inline struct group_count *group_of_several(const struct group_block *g, uint32_t group)
{
	return (struct group_count *)(void *)g->several.rows + group;
}

static inline uint32_t group_code(const struct group_block *g, uint32_t group, size_t field)
{
	return g->several.rows ? group_of_several(g, group)->codes[field] : group;
}

static inline uint32_t *group_n_spans(const struct group_block *g, uint32_t group)
{
	return g->several.rows ? &group_of_several(g, group)->n_spans : &g->n_spans[group];
}

static inline int64_t group_started(const struct group_block *g, uint32_t group)
{
	if (g->several.rows)
		return group_of_several(g, group)->first_started_ns;
	return g->first_started_ns ? g->first_started_ns[group] : INT64_MAX;
}

/* True when columns tell the groups; else the rows are read. */
bool group_has_columns(const struct group_query *q);
NODISCARD enum err group_open_block(
	struct group_block *g, struct block *b, const struct group_query *q);
/* Counts the selected rows. ERR_BUDGET: more than LIMIT_GROUPS, or late. */
NODISCARD enum err group_count_block(struct group_block *g, const struct snapshot *s);
void group_close_block(struct group_block *g, struct arena *a);

#endif
