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
#include "store/documents.h"

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
	int64_t newest_ns; /* when its newest trace was created */
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
	struct documents states; /* of threads that were closed or tagged */
	struct string_pool keep;
};

void opik_threads_init(struct threads *t, struct opik_list *l);
void opik_threads_release(struct threads *t);
/* Collects the requested threads, or only the one with this id. */
NODISCARD enum err opik_threads_collect(struct threads *t, struct str id);
/* Selects the page: row numbers of the list, in row_ref.at. */
NODISCARD enum err opik_threads_page(struct threads *t, struct row_list *ret);
/* Collects the sums of the traces of a page's threads. */
NODISCARD enum err opik_threads_collect_sums(
	struct threads *t, const struct row_list *rows, struct opik_sums *ret);
/* Puts a thread into a row; messages: with its first and last message. */
NODISCARD enum err opik_thread_row(
	struct threads *t, const struct thread *one, bool messages, struct span *ret);
/* Adds the sums of the thread's traces, as those of its id. */
void opik_thread_sum_up(const struct threads *t, const struct thread *one,
	const struct opik_sums *traces, struct opik_sums *ret);
/* Renders the threads of a page. */
NODISCARD enum err opik_threads_print(
	struct threads *t, struct json_writer *w, const struct row_list *rows, bool is_stream);

/*
 * What people say about a thread is a document: its tags, and when it was closed. A trace that
 * arrives later opens the thread again.
 */
/* Returns the UUID that a thread is shown with: the time of its first trace and a hash of its ids.
 */
struct str opik_thread_model_id(
	struct arena *a, struct str project_id, struct str thread_id, int64_t first_ns);
struct str opik_thread_state_id(struct arena *a, struct str project_id, struct str thread_id);
bool opik_thread_is_closed(const struct document *state, int64_t newest_trace_ns);

/* A thread by itself. */
struct opik_thread_key {
	struct str project_id, thread_id; /* canonical bodies */
};

/* Finds the thread that is shown with this thread_model_id, in any project. */
NODISCARD enum err opik_thread_find(struct request *r, struct view *v, struct str model_id,
	struct opik_thread_key *ret, bool *ret_found);

#endif
