#include "span/price.h"

#include "base/hash.h"
#include "base/io.h"
#include "base/limits.h"
#include "span/price_default.h"
#include "json/read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

enum {
	PRICES_FILE_MAX = 16 << 20, /* LiteLLM's file has 1 MiB */
	/* The text, a table of twice the largest number of models, and their names. */
	MEMORY_BYTES = 128 << 20
};

static void to_c(struct str s, char ret[static PATH_MAX])
{
	memcpy(ret, s.ptr, s.len);
	ret[s.len] = '\0';
}

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
		/* Names of OpenTelemetry's conventions. */
		{ "gcp.vertex_ai", "google_vertexai" },
		{ "gcp.gemini", "google_ai" },
		{ "aws.bedrock", "bedrock" },
		{ "az.ai.openai", "azure" },
		{ "azure.ai.openai", "azure" },
		{ "mistral_ai", "mistral" },
		{ "x_ai", "xai" },
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_eq(name, str_from_c(names[i].name)))
			return str_from_c(names[i].opik);
	return name;
}

static struct price *price_slot_of(const struct prices *p, struct str model, struct str provider)
{
	size_t at = hash64(model, 0) & (p->n_places - 1);
	while (p->table[at].model.len &&
		!(str_eq(p->table[at].model, model) &&
			(!provider.len || str_eq(p->table[at].provider, provider))))
		at = (at + 1) & (p->n_places - 1);
	return &p->table[at];
}

const int64_t price_tier_tokens[PRICE_TIERS] = { 128000, 200000, 272000 };

/* Returns where the price of a member's name goes, or NULL. */
static struct str *price_member(struct price *p, struct str key)
{
	static const struct str tiers[PRICE_TIERS] = { { "_above_128k_tokens", 18 },
		{ "_above_200k_tokens", 18 }, { "_above_272k_tokens", 18 } };
	struct price_rates *rates = &p->base;
	if (str_eq(key, STR("output_cost_per_reasoning_token")))
		return &p->reasoning;
	for (size_t i = 0; i < PRICE_TIERS; i++)
		if (str_ends(key, tiers[i])) {
			rates = &p->above[i];
			key = str_first(key, key.len - tiers[i].len);
		}
	if (str_eq(key, STR("input_cost_per_token")))
		return &rates->input;
	if (str_eq(key, STR("output_cost_per_token")))
		return &rates->output;
	if (str_eq(key, STR("cache_read_input_token_cost")))
		return &rates->cache_read;
	return str_eq(key, STR("cache_creation_input_token_cost")) ? &rates->cache_write : NULL;
}

/* Passes over each member once, because a request by plain CGI waits for the whole file. */
static struct price read_price(struct arena *a, struct json v)
{
	struct price p = { .model = STR_NULL };
	for (struct json_iter it = json_members(v); json_next(&it);) {
		bool is_price = it.value.type == JSON_NUMBER && it.value.raw.ptr[0] != '-';
		struct str *to = is_price ? price_member(&p, it.key) : NULL;
		if (it.value.type == JSON_STRING && str_eq(it.key, STR("litellm_provider")))
			p.provider = prices_provider(json_canonical_body(a, json_body(it.value)));
		if (to)
			*to = it.value.raw;
	}
	return p;
}

static void add_price(struct arena *a, const struct prices *p, struct str key, struct json v)
{
	struct str name = json_canonical_body(a, key);
	size_t slash = str_index(name, '/');
	struct price price = read_price(a, v);
	price.model = slash < name.len ? str_skip(name, slash + 1) : name;
	if (!price.model.len || (str_is_null(price.base.input) && str_is_null(price.base.output)))
		return;
	/* The first of several names of one model and provider wins. */
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
		n += it.value.type == JSON_OBJECT;
	if (n > PRICES_MODELS_MAX)
		return ERR_TOO_LARGE;
	while (p.n_places < 2 * n)
		p.n_places *= 2;
	p.table = arena_calloc(a, p.n_places, sizeof *p.table);
	for (struct json_iter it = json_members(json_open(text)); json_next(&it);)
		if (it.value.type == JSON_OBJECT)
			add_price(a, &p, it.key, it.value);
	*ret = p;
	return ERR_OK;
}

static bool is_read_already(const struct price_file *f, const struct stat *st)
{
	return f->is_read && !f->is_default && st->st_dev == f->seen.st_dev &&
	       st->st_ino == f->seen.st_ino && st->st_size == f->seen.st_size &&
	       st->st_mtim.tv_sec == f->seen.st_mtim.tv_sec &&
	       st->st_mtim.tv_nsec == f->seen.st_mtim.tv_nsec &&
	       st->st_ctim.tv_sec == f->seen.st_ctim.tv_sec &&
	       st->st_ctim.tv_nsec == f->seen.st_ctim.tv_nsec;
}

static enum err price_file_read(struct price_file *f, int fd)
{
	struct stat st;
	size_t n;
	if (io->fstat(fd, &st) < 0)
		return io_error(errno);
	if (is_read_already(f, &st))
		return ERR_OK;
	if (st.st_size > PRICES_FILE_MAX)
		return ERR_TOO_LARGE;
	price_file_close(f);
	arena_init(&f->memory, MEMORY_BYTES);
	f->is_open = true;
	char *text = arena_text(&f->memory, (size_t)st.st_size);
	enum err e = io_pread(fd, text, (size_t)st.st_size, 0, &n);
	if (!e)
		e = prices_read(&f->memory, str_of(text, n), &f->prices);
	f->is_read = e == ERR_OK;
	f->seen = st;
	return e;
}

static enum err read_default(struct price_file *f)
{
	price_file_close(f);
	arena_init(&f->memory, MEMORY_BYTES);
	f->is_open = true;
	enum err e = prices_read(&f->memory, price_default_text(), &f->prices);
	f->is_read = f->is_default = e == ERR_OK;
	return e;
}

bool prices_are_off(const struct conf *c)
{
	return str_eq(c->prices, STR("none"));
}

enum err price_file_look(struct price_file *f, const struct conf *c, const struct prices **ret)
{
	char dir[PATH_MAX], name[PATH_MAX];
	struct str path = c->prices;
	size_t n = path.len;
	int dir_fd, fd;
	static const struct prices none = { .n_places = 0 };
	if (prices_are_off(c)) {
		*ret = &none;
		return ERR_OK;
	}
	if (!n) {
		enum err e = f->is_read && f->is_default ? ERR_OK : read_default(f);
		*ret = &f->prices;
		return e;
	}
	if (n >= sizeof dir)
		return ERR_CONF;
	while (n && path.ptr[n - 1] != '/')
		n--;
	to_c(n > 1 ? str_first(path, n - 1) : n ? STR("/") : STR("."), dir);
	to_c(str_skip(path, n), name);
	enum err e = io_open_root(dir, &dir_fd);
	if (e)
		return e;
	e = io_open_file(dir_fd, name, O_RDONLY, &fd);
	io_drop(dir_fd);
	if (e)
		return e;
	e = price_file_read(f, fd);
	io_drop(fd);
	if (!e)
		*ret = &f->prices;
	return e;
}

void price_file_close(struct price_file *f)
{
	if (f->is_open)
		arena_release(&f->memory);
	*f = (struct price_file){ .is_open = false };
}

const struct price *prices_find(const struct prices *p, struct str model, struct str provider)
{
	if (!p->n_places || !model.len)
		return NULL;
	const struct price *found = price_slot_of(p, model, provider);
	return found->model.len ? found : NULL;
}
