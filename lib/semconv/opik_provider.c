#include "semconv/opik_provider.h"

static const char *const known_providers[] = { "openai", "google_vertexai", "google_ai",
	"anthropic", "anthropic_vertexai", "bedrock", "groq", "jina_ai", "elastic", "azure",
	"mistral", "xai", "deepseek", "perplexity", "fireworks_ai", "moonshot", "ai21", "morph",
	"inception", "meta", "zai", "sambanova", "lambda_ai", "cerebras", "nebius" };

static const struct {
	const char *alias, *name;
} provider_aliases[] = {
	{ "vertex_ai", "google_vertexai" },
	{ "gcp.vertex_ai", "google_vertexai" },
	{ "gcp.gemini", "google_ai" },
	{ "google_ai_gemini", "google_ai" },
	{ "aws.bedrock", "bedrock" },
	{ "bedrock_converse", "bedrock" },
	{ "amazon_bedrock", "bedrock" },
	{ "azure.ai.openai", "azure" },
	{ "az.ai.openai", "azure" },
	{ "mistral_ai", "mistral" },
	{ "x_ai", "xai" },
	{ "open_ai", "openai" },
};

bool opik_provider_is_known(struct str name)
{
	for (size_t i = 0; i < sizeof known_providers / sizeof known_providers[0]; i++)
		if (str_eq(name, str_from_c(known_providers[i])))
			return true;
	return false;
}

static struct str opik_provider_alias(struct str name)
{
	for (size_t i = 0; i < sizeof provider_aliases / sizeof provider_aliases[0]; i++)
		if (str_eq_nocase(name, str_from_c(provider_aliases[i].alias)))
			return str_from_c(provider_aliases[i].name);
	return name;
}

static bool opik_provider_contains(struct str text, struct str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++)
		if (str_starts(str_skip(text, i), part))
			return true;
	return false;
}

/* Returns the text after its first slash, or all of it. */
static struct str after_slash(struct str model)
{
	size_t slash = str_index(model, '/');
	return slash < model.len ? str_skip(model, slash + 1) : model;
}

/* Only label.suffix and api.label.suffix are hosts of a provider: anybody may own a longer name. */
static struct str provider_of_host(struct arena *a, struct str host)
{
	static const char *const suffixes[] = { "ai", "com", "io", "dev", "net", "org", "cloud",
		"co" };
	struct str name = str_starts(host, STR("api.")) ? str_skip(host, 4) : host;
	size_t dot = str_index(name, '.');
	if (dot == 0 || dot == name.len)
		return host;
	struct str label = str_first(name, dot), suffix = str_skip(name, dot + 1);
	bool is_suffix = false;
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
		is_suffix = is_suffix || str_eq(suffix, str_from_c(suffixes[i]));
	if (!is_suffix)
		return host;
	const struct str tries[] = { label,
		arena_printf(a, "%.*s_%.*s", STR_ARG(label), STR_ARG(suffix)),
		arena_printf(a, "%.*s%.*s", STR_ARG(label), STR_ARG(suffix)) };
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
		if (opik_provider_is_known(tries[i]))
			return tries[i];
	return host;
}

struct str opik_provider_of(
	struct arena *a, struct str sent, struct str model, struct str server_address)
{
	struct str name = opik_provider_alias(str_trim(sent));
	if (str_eq(name, STR("google")) || str_eq(name, STR("gcp.gen_ai")))
		name = opik_provider_contains(server_address, STR("aiplatform.googleapis.com"))
			       ? STR("google_vertexai")
			       : STR("google_ai");
	if (str_eq(name, STR("google_vertexai")) && str_starts(after_slash(model), STR("claude")))
		return STR("anthropic_vertexai");
	if (str_index(name, '.') < name.len && !opik_provider_is_known(name))
		return provider_of_host(a, name);
	return name;
}
