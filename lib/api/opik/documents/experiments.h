/*
 * Serves experiments: which trace each item of a dataset led to. An experiment's items are
 * documents of a file of its own; what they show comes from their traces.
 */
#ifndef FLATSPAN_API_OPIK_DOCUMENTS_EXPERIMENTS_H
#define FLATSPAN_API_OPIK_DOCUMENTS_EXPERIMENTS_H

#include "api/opik/documents/documents.h"
#include "api/opik/documents/rendered.h"

/* Opens the traces of experiment items, in their order; *ret_ids are the stored ids. False: the
 * request was answered. */
bool opik_experiment_traces(struct request *r, const struct document *items, size_t n,
	struct opik_rendered *ret, struct str **ret_ids);
/* Writes an item with what its trace shows. trace: STR_NULL leaves that out. */
NODISCARD enum err opik_experiment_item_render(struct opik_rendered *traces,
	const struct document *item, struct str trace, struct json_writer *w);

void opik_experiments_stream(struct request *r);
void opik_experiments_finish(struct request *r);

void opik_experiment_items_create(struct request *r);
void opik_experiment_item_get(struct request *r);
void opik_experiment_items_delete(struct request *r);
void opik_experiment_items_stream(struct request *r);
void opik_experiment_items_compare(struct request *r);

#endif
