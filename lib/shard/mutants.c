#include "shard/mutants.h"

#ifdef FLATSPAN_MUTANTS

#include "base/str.h"

#include <stdlib.h>

bool mutant_is_on(const char *name)
{
	struct str rest = str_from_c(getenv("FLATSPAN_MUTANT"));
	while (!str_is_null(rest))
		if (str_eq(str_cut(&rest, ','), str_from_c(name)))
			return true;
	return false;
}

#else

/* An empty translation unit is no C. */
extern const int mutants_are_compiled_away;
const int mutants_are_compiled_away = 1;

#endif
