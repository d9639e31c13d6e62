/*
 * Reading all lines of a shard for those who prove data (verify, restore): damage of a sealed file
 * is told, and what is sound behind it is read all the same.  Everybody else hears ERR_IO.
 */
#ifndef FLATSPAN_SHARD_CHECK_H
#define FLATSPAN_SHARD_CHECK_H

#include "shard/shard.h"

/* A damaged place of a sealed file. */
struct shard_damage {
	bool is_table;    /* or its foot: frames were found without it; the rest is 0 */
	size_t frame;     /* else this one is */
	int64_t from, to; /* which holds these bytes of the lines */
};

struct shard_checker {
	/* Each line but empty ones, which close off torn ones, and those with a part in a damaged
	 * frame. text: good until the next one. */
	void (*line)(void *user, int64_t at, struct str text, enum line_state state);
	void (*damage)(void *user, const struct shard_damage *d);
	void *user;
};

/* Damage that was told is no error. */
NODISCARD enum err shard_check(struct view *v, size_t shard, const struct shard_checker *c);

#endif
