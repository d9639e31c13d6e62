/*
 * Erases what documents hold of erased spans: dataset items that were made from them, and their
 * attachments. Experiments only name traces, and stay.
 */
#ifndef FLATSPAN_UPKEEP_ERASE_DOCUMENTS_H
#define FLATSPAN_UPKEEP_ERASE_DOCUMENTS_H

#include "base/table.h"
#include "span/span.h"
#include "store/documents.h"

/* Hashes of the ids of spans that are to be erased, and of their traces. */
struct erased_ids {
	struct table spans, traces;
};

void erased_ids_init(struct erased_ids *e, struct arena *a);
void erased_ids_add(struct erased_ids *e, const struct span *s);
void erased_ids_release(struct erased_ids *e);

/* Erases all versions of these documents; *ret_n counts their lines. An item or attachment of a
 * trace goes when a span of that trace does. */
NODISCARD enum err erase_documents(const struct store *s, struct str workspace, struct arena *a,
	const struct erased_ids *ids, int64_t now_ns, uint64_t *ret_n);

#endif
