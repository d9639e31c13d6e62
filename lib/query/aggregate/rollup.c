#include "query/aggregate/rollup.h"

static const enum field fields[] = { FIELD_SOURCE, FIELD_TRACE_ID, FIELD_STATUS,
	FIELD_REPEATS_USAGE, FIELD_INPUT_TOKENS, FIELD_OUTPUT_TOKENS, FIELD_CACHED_TOKENS,
	FIELD_TOTAL_TOKENS, FIELD_COST_TOTAL_USD, FIELD_COST_INPUT_USD, FIELD_COST_OUTPUT_USD };

struct field_set rollup_fields(void)
{
	struct field_set set = { { 0 } };
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		field_set_add(&set, fields[i]);
	return set;
}
