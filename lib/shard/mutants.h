/*
 * A switch for each rule of the write and read protocol (doc/shard-format.md), for tests only:
 * `configure --enable-mutants`, then FLATSPAN_MUTANT=NOHEAL,NOLEN in the environment turns these
 * rules off, and some test must fail (make check-mutants).  In every other build MUTANT() is the
 * constant false and the compiler removes it.
 */
#ifndef FLATSPAN_SHARD_MUTANTS_H
#define FLATSPAN_SHARD_MUTANTS_H

#ifdef FLATSPAN_MUTANTS
#include <stdbool.h>

bool mutant_is_on(const char *name);

#define MUTANT(name) mutant_is_on(#name)
#else
#define MUTANT(name) false
#endif

#endif
