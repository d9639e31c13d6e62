/*
 * A second thread that a process may have, for work that falls into parts: reading many lines and
 * looking at each, decoding many frames.  One client's answer takes about half as long where a
 * processor is idle; where none is, it waits for the part that the thread has begun.
 *
 *	h = helper_start();
 *	helper_share(h, n, work, user);		any number of times
 *	helper_begin(h, task, user);		and goes on with something else
 *	helper_end(h);
 *	helper_stop(h);
 *
 * A part must touch nothing that another part touches at the same time: no arena, cache or buffer
 * but those that are its own, or that go with its seat.  It must not leave by an arena's escape
 * that was set by somebody else.  Signals are never delivered to the thread.
 *
 * A process that wants to give up the right to make processes and threads (sandbox.h) starts it
 * before; one that forks, afterwards.
 */
#ifndef FLATSPAN_BASE_HELPER_H
#define FLATSPAN_BASE_HELPER_H

#include <stdbool.h>
#include <stddef.h>

struct helper;

/* Which of the two does a part: each has one seat at a time. */
enum helper_seat { HELPER_CALLER, HELPER_THREAD, HELPER__SEATS };

typedef void helper_work(void *user, size_t part, enum helper_seat seat);

/* Are there two processors for this process? */
bool helper_is_of_use(void);
/* NULL: no thread is to be had. */
struct helper *helper_start(void);
void helper_stop(struct helper *h); /* NULL is fine */

/* Memory of one of the two, beside that of a request, which may take so much. */
size_t helper_seat_bytes(size_t request_bytes);

/* Calls work for each part below n, in any order, and returns when all are done. h NULL: the caller
 * does them, in order. */
void helper_share(struct helper *h, size_t n, helper_work *work, void *user);

/* The thread alone calls task (with part 0), from some time between this and helper_end() on. What
 * was begun before is ended first, by helper_share() too. */
void helper_begin(struct helper *h, helper_work *task, void *user);
/* Returns when the thread is done with it; what it has not begun by now is never done. Fine when
 * nothing was begun, and with NULL. */
void helper_end(struct helper *h);

#endif
