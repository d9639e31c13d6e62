/*
 * Collects the threads of a project from their traces and renders them. threads.c does this;
 * thread_lists.c has the handlers.
 *
 * A thread is not stored. It is computed from its traces and put into a struct span as if it were a
 * row (fields.h says which fields hold what), so that it is filtered and sorted like one.
 */
#ifndef FLATSPAN_API_OPIK_READ_THREADS_H
#define FLATSPAN_API_OPIK_READ_THREADS_H

#include "api/opik/render.h"

#include "base/table.h"

/* The trace of a thread that begins first or ends last. */
struct thread_end {
	int64_t ns;
	struct str trace_id;
	struct row_ref ref;
	bool is_there;
};

struct thread {
	uint64_t hash; /* pred_text_hash() of the id */
	struct str id; /* canonical body */
	int64_t created_ns, updated_ns;
	struct thread_end first, last;
	struct str created_by, updated_by;
	struct str oldest, origin,
		environment;       /* oldest: the smallest trace id; the others are that trace's */
	uint32_t n_traces, traces; /* traces: the first row of its chain, plus 1 */
	bool has_begun;            /* a trace was made by more than PATCHes */
};

struct thread_trace {
	uint64_t hash; /* hash of the trace_id */
	uint32_t thread, next;
};

struct threads {
	struct opik_list *l;
	struct str project_id;
	struct table list, traces;
	struct string_pool keep;
};

void opik_threads_init(struct threads *t, struct opik_list *l);
void opik_threads_release(struct threads *t);
/* Collects the requested threads, or only the one with this id. */
NODISCARD enum err opik_threads_collect(struct threads *t, struct str id);
/* Selects the page: row numbers of the list, in row_ref.at. */
NODISCARD enum err opik_threads_page(struct threads *t, struct row_list *ret);
/* Renders the threads of a page. */
NODISCARD enum err opik_threads_print(
	struct threads *t, struct json_writer *w, const struct row_list *rows, bool is_stream);

#endif
