/*
 * A trace as the tree of its spans.  A span hangs below its parent; one without a parent, or whose
 * parent is missing, is a root.  Siblings stand in the order of their start.
 *
 *	tree_read(&tree, view, trace_id)
 *	tree_arrange(&tree)
 *	for each tree.order[i]: tree_put_row(report, row)
 */
#ifndef FLATSPAN_REPORT_TREE_H
#define FLATSPAN_REPORT_TREE_H

#include "report/report.h"

#include "shard/shard.h"
#include "span/span.h"

struct tree_row {
	struct span span; /* the fields of row_fields(); texts in the arena */
	struct row_ref ref;
	/* Set by tree_arrange(). */
	size_t depth;      /* 0: a root; deeper than 199 levels rows stay at that depth */
	struct str indent; /* of the lines that lead to later siblings of its ancestors */
	const char *branch;
	/* For arranging. */
	uint64_t id, parent;           /* hashes; parent 0: none */
	struct tree_row *child, *next; /* first child, next sibling */
	bool is_placed;
};

struct tree {
	struct arena *arena;
	struct tree_row *rows; /* in the order in which the query finds them */
	size_t n;
	struct tree_row **order; /* parents before their children; set by tree_arrange() */
};

/* Reads all spans of a trace; n is 0 when there is no such trace. trace_id: a canonical body. */
NODISCARD enum err tree_read(struct tree *t, struct view *v, struct str trace_id);
/* Sorts the rows by their start. */
void tree_sort(struct tree *t);
/* Sorts the rows and sets their order, depths and branches. */
void tree_arrange(struct tree *t);
/* Appends branch, kind, name and details of a row, as one line. */
void tree_put_row(struct report *r, const struct tree_row *row);

#endif
