/* Computes the statistics of the traces of every project of a workspace in one pass. */
#ifndef FLATSPAN_API_OPIK_READ_PROJECT_STATS_H
#define FLATSPAN_API_OPIK_READ_PROJECT_STATS_H

#include "api/opik/list.h"

/* Returns the time of the last change of a trace in each project, in the order of p. 0 means that a
 * project has no traces. */
NODISCARD enum err opik_project_times(
	struct request *r, struct view *v, const struct projects *all, int64_t *ret);

/* The statistics of these projects, which are members of `all`. NULL stands for a project without
 * traces. The caller must call opik_project_stats_release(), also after an error. */
struct opik_project_stats;
NODISCARD enum err opik_project_stats_make(struct request *r, struct view *v,
	const struct projects *all, const struct project *const *of, size_t n,
	struct opik_project_stats **ret);
void opik_project_stats_release(struct opik_project_stats *p);
/* Writes the members of the i-th project, and none when it has no traces. */
void opik_project_stats_render(struct opik_project_stats *p, size_t i, struct json_writer *w);

#endif
