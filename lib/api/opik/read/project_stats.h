/*
 * What the traces of each project of a workspace say, all projects in one go.
 */
#ifndef FLATSPAN_API_OPIK_READ_PROJECT_STATS_H
#define FLATSPAN_API_OPIK_READ_PROJECT_STATS_H

#include "api/opik/list.h"

/* When a trace of each project changed last (ns, 0: it has none); as many as there are projects, in
 * their order. */
NODISCARD enum err opik_project_times(
	struct request *r, struct view *v, const struct projects *all, int64_t *ret);

/* Statistics of these projects, each one of `all`; NULL for those that have no traces. To be given
 * back by opik_project_stats_release(), also after an error. */
struct opik_project_stats;
NODISCARD enum err opik_project_stats_make(struct request *r, struct view *v,
	const struct projects *all, const struct project *const *of, size_t n,
	struct opik_project_stats **ret);
void opik_project_stats_release(struct opik_project_stats *p);
/* The members of the i-th; none where it has no traces. */
void opik_project_stats_render(struct opik_project_stats *p, size_t i, struct json_writer *w);

#endif
