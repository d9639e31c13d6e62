/*
 * What every fuzz entry shares.  An entry is one file fuzz_NAME.c with LLVMFuzzerTestOneInput(),
 * which states what must hold for any bytes.
 *
 * `make check` replays t/fuzz/corpus/NAME through it (replay_main.c, any compiler); a build with
 * CC=clang --enable-fuzz links it with libFuzzer: `t/fuzz/fuzz_NAME DIRECTORY`.  A file that made
 * an entry fail goes into the corpus, so that it stays fixed.
 */
#ifndef FLATSPAN_T_FUZZ_H
#define FLATSPAN_T_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() that says which and is there in every build. */
#define MUST(holds) \
	do { \
		if (!(holds)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
			abort(); \
		} \
	} while (0)

#endif
