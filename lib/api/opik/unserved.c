/* Says in an error what of Opik's API is not served. */
#include "api/opik/opik.h"

/* Families whose path does not name them in plain words. */
/* clang-format off */
static const struct {
	struct str path, words;
} opik_unserved_names[] = {
#define X(path, words) { { path, sizeof path - 1 }, { words, sizeof words - 1 } },
	X("agent-configs", "agent configs")
	X("automations", "automations (online evaluators)")
	X("chat", "chat completions")
	X("datasets/export-jobs", "dataset exports")
	X("datasets/items/from-csv", "dataset imports from CSV files")
	X("experiments/execute", "running of experiments")
	X("experiments/groups", "groups of experiments")
	X("llm", "LLM models")
	X("llm-provider-key", "LLM provider keys")
	X("workspace-permissions", "workspace permissions")
#undef X
};
/* clang-format on */

/* Dataset routes that stand after the dataset's id. */
static const struct {
	struct str end, words;
} opik_unserved_ends[] = {
	{ { "/export", 7 }, { "dataset exports", 15 } },
	{ { "/expansions", 11 }, { "dataset expansions", 18 } },
};

/* Returns the path after /v1/private/, or STR_NULL for other paths. */
static struct str opik_unserved_path(const struct request *r)
{
	static const struct str prefixes[] = { { "/v1/private/", 12 }, { "/api/v1/private/", 16 } };
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		if (str_starts(r->path, prefixes[i]))
			return str_skip(r->path, prefixes[i].len);
	return STR_NULL;
}

static struct str opik_unserved_family(struct arena *a, struct str path)
{
	for (size_t i = 0; i < sizeof opik_unserved_names / sizeof opik_unserved_names[0]; i++) {
		struct str name = opik_unserved_names[i].path;
		if (str_starts(path, name) && (path.len == name.len || path.ptr[name.len] == '/'))
			return opik_unserved_names[i].words;
	}
	for (size_t i = 0; i < sizeof opik_unserved_ends / sizeof opik_unserved_ends[0]; i++)
		if (str_starts(path, STR("datasets/")) && str_ends(path, opik_unserved_ends[i].end))
			return opik_unserved_ends[i].words;
	struct str first = str_first(path, str_index(path, '/'));
	char *words = arena_text(a, first.len + 1);
	for (size_t i = 0; i < first.len; i++)
		words[i] = first.ptr[i] == '-' ? ' ' : first.ptr[i];
	return str_of(words, first.len);
}

struct str opik_unserved(struct request *r)
{
	struct str path = opik_unserved_path(r);
	if (!path.len)
		return STR_NULL;
	return arena_printf(r->arena,
		"flatspan does not serve %.*s of Opik's API: %.*s %.*s. /openapi.json lists what "
		"it serves.",
		STR_ARG(opik_unserved_family(r->arena, path)), STR_ARG(r->method),
		STR_ARG(r->path));
}
