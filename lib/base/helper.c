#include "base/helper.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { STACK_BYTES = 256 << 10 /* it parses lines; what is not touched costs nothing */ };

struct helper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t called, done;
	/* Below the lock: what there is to do. work NULL: nothing that the thread should begin. */
	helper_work *work;
	void *user;
	size_t n;
	bool is_busy; /* the thread is at it */
	bool is_to_end;
	atomic_size_t next; /* the part that nobody has begun */
	/* The caller's own. */
	bool is_task; /* helper_begin() was called, and not helper_end() */
};

size_t helper_seat_bytes(size_t request_bytes)
{
	enum { MOST = 32 << 20, SHARE = 8 };
	return request_bytes / SHARE < MOST ? request_bytes / SHARE : MOST;
}

static void do_parts(
	struct helper *h, helper_work *work, void *user, size_t n, enum helper_seat seat)
{
	for (;;) {
		size_t part = atomic_fetch_add_explicit(&h->next, 1, memory_order_relaxed);
		if (part >= n)
			return;
		work(user, part, seat);
	}
}

static void *help(void *arg)
{
	struct helper *h = arg;
	(void)pthread_mutex_lock(&h->lock); /* none of these can fail: they are ours */
	for (;;) {
		while (!h->work && !h->is_to_end)
			(void)pthread_cond_wait(&h->called, &h->lock);
		if (h->is_to_end)
			break;
		helper_work *work = h->work;
		void *user = h->user;
		size_t n = h->n;
		h->work = NULL;
		h->is_busy = true;
		(void)pthread_mutex_unlock(&h->lock);
		do_parts(h, work, user, n, HELPER_THREAD);
		(void)pthread_mutex_lock(&h->lock);
		h->is_busy = false;
		(void)pthread_cond_signal(&h->done);
	}
	(void)pthread_mutex_unlock(&h->lock);
	return NULL;
}

/* Signals are the main thread's: some have to interrupt what it waits for. */
static bool start_thread(struct helper *h)
{
	pthread_attr_t attr;
	sigset_t all, before;
	if (pthread_attr_init(&attr) != 0)
		return false;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	bool is_good = pthread_attr_setstacksize(&attr, STACK_BYTES) == 0 &&
		       pthread_create(&h->thread, &attr, help, h) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return is_good;
}

bool helper_is_of_use(void)
{
	cpu_set_t set;
	/* It fails where there are more than fit. */
	return sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) > 1;
}

struct helper *helper_start(void)
{
	struct helper *h = calloc(1, sizeof *h);
	if (!h)
		return NULL;
#ifdef M_ARENA_MAX
	/* Else malloc would set up a second heap for what little the thread asks for. */
	(void)mallopt(M_ARENA_MAX, 1);
#endif
	/* These fail for want of memory on other systems than ours. */
	if (pthread_mutex_init(&h->lock, NULL) == 0) {
		if (pthread_cond_init(&h->called, NULL) == 0) {
			if (pthread_cond_init(&h->done, NULL) == 0) {
				if (start_thread(h))
					return h;
				(void)pthread_cond_destroy(&h->done);
			}
			(void)pthread_cond_destroy(&h->called);
		}
		(void)pthread_mutex_destroy(&h->lock);
	}
	free(h);
	return NULL;
}

void helper_stop(struct helper *h)
{
	if (!h)
		return;
	(void)pthread_mutex_lock(&h->lock);
	h->is_to_end = true;
	(void)pthread_cond_signal(&h->called);
	(void)pthread_mutex_unlock(&h->lock);
	(void)pthread_join(h->thread, NULL);
	(void)pthread_cond_destroy(&h->done);
	(void)pthread_cond_destroy(&h->called);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

static void call(struct helper *h, size_t n, helper_work *work, void *user)
{
	(void)pthread_mutex_lock(&h->lock);
	h->work = work;
	h->user = user;
	h->n = n;
	atomic_store_explicit(&h->next, 0, memory_order_relaxed);
	(void)pthread_cond_signal(&h->called);
	(void)pthread_mutex_unlock(&h->lock);
}

static void wait_for(struct helper *h)
{
	(void)pthread_mutex_lock(&h->lock);
	h->work = NULL; /* it may not have woken in time */
	while (h->is_busy)
		(void)pthread_cond_wait(&h->done, &h->lock);
	(void)pthread_mutex_unlock(&h->lock);
}

void helper_share(struct helper *h, size_t n, helper_work *work, void *user)
{
	helper_end(h);
	if (!h || n < 2) {
		for (size_t i = 0; i < n; i++)
			work(user, i, HELPER_CALLER);
		return;
	}
	call(h, n, work, user);
	do_parts(h, work, user, n, HELPER_CALLER);
	wait_for(h);
}

void helper_begin(struct helper *h, helper_work *task, void *user)
{
	helper_end(h);
	h->is_task = true;
	call(h, 1, task, user);
}

void helper_end(struct helper *h)
{
	if (!h || !h->is_task)
		return;
	wait_for(h);
	h->is_task = false;
}
