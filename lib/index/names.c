#include "index/names.h"

/* clang-format off */
static const char *const columns[INDEX_COLUMN__MAX] = {
#define X(id, name, member, type, column, may) [id] = member,
	FIELD_LIST(X)
#undef X
	[INDEX_AT] = "at",
	[INDEX_LEN] = "len",
	[INDEX_TRACE] = "trace",
	[INDEX_IDENTITY] = "identity",
	[INDEX_PREV_DAY] = "prev_day",
	[INDEX_SPAN_ORDER] = "span_order",
	[INDEX_TRACE_HASH] = "trace.hash",
	[INDEX_TRACE_SOURCE] = "trace.source",
	[INDEX_TRACE_SESSION] = "trace.session",
	[INDEX_TRACE_ROOT] = "trace.root",
	[INDEX_TRACE_EARLIEST] = "trace.earliest",
	[INDEX_TRACE_ROOT_STARTED] = "trace.root_started",
	[INDEX_TRACE_N_ROOTS] = "trace.n_roots",
	[INDEX_TRACE_FIRST_ROW] = "trace.first_row",
	[INDEX_TRACE_LAST_ROW] = "trace.last_row",
	[INDEX_TRACE_N_SPANS] = "trace.n_spans",
	[INDEX_TRACE_N_ERRORS] = "trace.n_errors",
	[INDEX_TRACE_FIRST_STARTED] = "trace.first_started",
	[INDEX_TRACE_LAST_ENDED] = "trace.last_ended",
	[INDEX_TRACE_INPUT_TOKENS] = "trace.input_tokens",
	[INDEX_TRACE_OUTPUT_TOKENS] = "trace.output_tokens",
	[INDEX_TRACE_CACHED_TOKENS] = "trace.cached_tokens",
	[INDEX_TRACE_TOTAL_TOKENS] = "trace.total_tokens",
	[INDEX_TRACE_COST_TOTAL] = "trace.cost_total",
	[INDEX_TRACE_COST_INPUT] = "trace.cost_input",
	[INDEX_TRACE_COST_OUTPUT] = "trace.cost_output",
	[INDEX_TRACE_EARLIER] = "trace.earlier",
};

static const struct {
	unsigned id;
	const char *name;
	bool is_of_column;
} chunks[] = {
	{ INDEX_CHUNK_VALUES,		"values",		true },
	{ INDEX_CHUNK_PRESENT,		"presence",		true },
	{ INDEX_CHUNK_DICT,		"dictionary",		true },
	{ INDEX_CHUNK_LISTS,		"lists",		true },
	{ INDEX_CHUNK_IDS,		"id table",		false },
	{ INDEX_CHUNK_ID_DIR,		"id directory",		false },
	{ INDEX_CHUNK_ID_FILTER,	"id filter",		false },
	{ INDEX_CHUNK_ZONES,		"zones",		false },
	{ INDEX_CHUNK_SUPERSEDED,	"superseded rows",	false },
	{ INDEX_CHUNK_DELETES,		"tombstones",		false },
	{ INDEX_CHUNK_LINKS,		"links",		false },
	{ INDEX_CHUNK_TRACE_IDS,	"trace ids",		false },
	{ INDEX_CHUNK_TRACE_SLOTS,	"trace hash table",	false },
};
/* clang-format on */

struct str index_column_name(unsigned column)
{
	return column < INDEX_COLUMN__MAX && columns[column] ? str_from_c(columns[column])
							     : STR("?");
}

struct str index_chunk_name(unsigned id)
{
	for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++)
		if (chunks[i].id == id)
			return str_from_c(chunks[i].name);
	return STR("?");
}

bool index_chunk_is_of_column(unsigned id)
{
	for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++)
		if (chunks[i].id == id)
			return chunks[i].is_of_column;
	return false;
}

bool index_name_parse(
	struct str name, struct str suffix, int *ret_part, int64_t *ret_from, int64_t *ret_to)
{
	int64_t part;
	if (!str_ends(name, suffix))
		return false;
	name.len -= suffix.len;
	if (!str_to_i64(str_cut(&name, '-'), &part) || !str_to_i64(str_cut(&name, '-'), ret_from) ||
		!str_to_i64(name, ret_to))
		return false;
	*ret_part = (int)part;
	return part >= 0 && part <= INT32_MAX && *ret_from >= 0 && *ret_from < *ret_to;
}
