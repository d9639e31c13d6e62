/*
 * Compressed files for tests: lines of several kinds, and files of them.
 */
#ifndef FLATSPAN_T_STORE_SEALED_SCENE_H
#define FLATSPAN_T_STORE_SEALED_SCENE_H

#include "random.h"
#include "scene.h"

/* All texts are in the scene's arena. */
const char *sealed_name(int32_t day, int part);

/* Lines of all lengths, some of which say the same again. */
struct str some_lines(struct rng *rng, size_t n_bytes);
/* Lines of words that return, and of numbers that do not. */
struct str some_talk(struct rng *rng, size_t n_bytes);
/* Lines each of which repeats the one before and goes on. */
struct str some_repeats(struct rng *rng, size_t n_bytes);
/* Appends n random letters. */
void add_letters(struct rng *rng, struct buf *b, size_t n);

/* Writes a compressed file of these lines into the scene's workspace. */
void write_sealed(struct scene *sc, const char *name, struct str lines);
/* Appends n spans to SCENE_DAY and gives their lines, with outputs of so many bytes that are much
 * like one another and in themselves. */
void write_long_lines(struct scene *sc, unsigned n, size_t output_bytes, struct buf *ret);
/* Puts the compressed file of SCENE_DAY with a bit flipped somewhere in its first n bytes, which is
 * returned; is_good: as it is. */
size_t put_damaged(struct scene *sc, struct rng *rng, struct str file, size_t n, bool is_good);

/* Seals SCENE_DAY as on a day long after it, without grace for readers. */
NODISCARD enum err seal_first_day(struct scene *sc);

#endif
