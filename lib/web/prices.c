#include "web/prices.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/json_read.h"
#include "base/limits.h"

#include <fcntl.h>

enum { PRICES_FILE_MAX = 16 << 20 /* LiteLLM's has one MiB */ };

struct str prices_provider(struct str name)
{
	static const struct {
		const char *name, *opik;
	} names[] = {
		{ "vertex_ai-anthropic_models", "anthropic_vertexai" },
		{ "vertex_ai-language-models", "google_vertexai" },
		{ "vertex_ai", "google_vertexai" },
		{ "vertex-ai", "google_vertexai" },
		{ "gemini", "google_ai" },
		{ "bedrock_converse", "bedrock" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_eq(name, str_from_c(names[i].name)))
			return str_from_c(names[i].opik);
	return name;
}

static struct price *place_of(const struct prices *p, struct str model, struct str provider)
{
	size_t at = hash64(model, 0) & (p->n_places - 1);
	while (p->table[at].model.len &&
		!(str_eq(p->table[at].model, model) &&
			(!provider.len || str_eq(p->table[at].provider, provider))))
		at = (at + 1) & (p->n_places - 1);
	return &p->table[at];
}

static struct str number_of(struct json object, const char *name)
{
	struct json v = json_get(object, str_from_c(name));
	return v.type == JSON_NUMBER && v.raw.ptr[0] != '-' ? v.raw : STR_NULL;
}

static void add_price(struct arena *a, const struct prices *p, struct str key, struct json v)
{
	struct str name = json_canonical_body(a, key);
	size_t n = name.len;
	while (n && name.ptr[n - 1] != '/')
		n--;
	struct price price = { .model = str_skip(name, n),
		.provider = prices_provider(
			json_canonical_body(a, json_body(json_get(v, STR("litellm_provider"))))),
		.input = number_of(v, "input_cost_per_token"),
		.output = number_of(v, "output_cost_per_token"),
		.cache_read = number_of(v, "cache_read_input_token_cost"),
		.cache_write = number_of(v, "cache_creation_input_token_cost") };
	if (!price.model.len || (str_is_null(price.input) && str_is_null(price.output)))
		return;
	/* Of one model of one provider under two names the first counts. */
	size_t at = hash64(price.model, 0) & (p->n_places - 1);
	for (; p->table[at].model.len; at = (at + 1) & (p->n_places - 1))
		if (str_eq(p->table[at].model, price.model) &&
			str_eq(p->table[at].provider, price.provider))
			return;
	p->table[at] = price;
}

enum err prices_read(struct arena *a, struct str text, struct prices *ret)
{
	struct json_error error;
	struct prices p = { .n_places = 16 };
	size_t n = 0;
	if (!json_check(text, LIMIT_DEPTH, &error) || json_open(text).type != JSON_OBJECT)
		return ERR_INVALID;
	for (struct json_iter it = json_members(json_open(text)); json_next(&it);)
		n++;
	while (p.n_places < 2 * n)
		p.n_places *= 2;
	p.table = arena_calloc(a, p.n_places, sizeof *p.table);
	for (struct json_iter it = json_members(json_open(text)); json_next(&it);)
		if (it.value.type == JSON_OBJECT)
			add_price(a, &p, it.key, it.value);
	*ret = p;
	return ERR_OK;
}

static enum err read_whole(int dir_fd, const char *name, struct arena *a, struct str *ret)
{
	int fd;
	int64_t size;
	size_t n;
	enum err e = io_open_file(dir_fd, name, O_RDONLY, &fd);
	if (e)
		return e;
	e = io_size(fd, &size);
	if (!e && size > PRICES_FILE_MAX)
		e = ERR_TOO_LARGE;
	if (!e) {
		char *text = arena_text(a, (size_t)size);
		e = io_pread(fd, text, (size_t)size, 0, &n);
		if (!e)
			*ret = str_of(text, n);
	}
	io_drop(fd);
	return e;
}

enum err prices_load(const struct conf *c, struct arena *a, struct prices *ret)
{
	struct str dir, text, path = c->prices;
	size_t n = path.len;
	int dir_fd;
	if (!n) {
		*ret = (struct prices){ .n_places = 0 };
		return ERR_OK;
	}
	while (n && path.ptr[n - 1] != '/')
		n--;
	dir = n > 1 ? str_first(path, n - 1) : n ? STR("/") : STR(".");
	enum err e = io_open_root(arena_copy_c(a, dir), &dir_fd);
	if (e)
		return e;
	e = read_whole(dir_fd, arena_copy_c(a, str_skip(path, n)), a, &text);
	io_drop(dir_fd);
	return e ? e : prices_read(a, text, ret);
}

const struct price *prices_find(const struct prices *p, struct str model, struct str provider)
{
	if (!p->n_places || !model.len)
		return NULL;
	const struct price *found = place_of(p, model, provider);
	return found->model.len ? found : NULL;
}
