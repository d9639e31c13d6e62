#include "span/mask.h"

#include "base/hash.h"
#include "base/limits.h"
#include "json/write.h"

#include <assert.h>

#define MASKED "[masked]"
#define HASH_HEAD "sha256:"

enum {
	/* Length from which texts in attributes and metadata count as content; names and codes are
	 * shorter. */
	LONG_BYTES = 128,
	MASKS_MAX = 2 /* the configuration's and the workspace's */
};

_Static_assert(CONF_CONTENT_FULL < CONF_CONTENT_HASH && CONF_CONTENT_HASH < CONF_CONTENT_NONE,
	"what keeps more from the disk is greater");

enum err mask_init(
	struct mask *m, const struct mask *base, const struct mask_rules *r, struct arena *a)
{
	*m = (struct mask){ .base = base, .keys = r->keys, .content = r->content };
	if (r->regex.len) {
		if (regcomp(&m->regex, arena_copy_c(a, r->regex), REG_EXTENDED) != 0)
			return ERR_CONF;
		m->has_regex = true;
	}
	m->has_keys = m->keys.len || (base && base->has_keys);
	m->has_regexes = m->has_regex || (base && base->has_regexes);
	if (base && base->content > m->content)
		m->content = base->content;
	m->is_on = m->has_keys || m->has_regexes || m->content != CONF_CONTENT_FULL;
	return ERR_OK;
}

enum err mask_init_conf(struct mask *m, const struct conf *c, struct arena *a)
{
	struct mask_rules r = { c->mask_keys, c->mask_regex, c->content };
	return mask_init(m, NULL, &r, a);
}

void mask_release(struct mask *m)
{
	if (m->has_regex)
		regfree(&m->regex);
	*m = (struct mask){ .is_on = false };
}

static bool is_in_list(struct str list, struct str name)
{
	while (!str_is_null(list))
		if (str_eq_nocase(str_trim(str_cut(&list, ',')), name))
			return true;
	return false;
}

static bool is_masked_key(const struct mask *m, struct arena *a, struct str key_body)
{
	struct str key = json_decode(a, key_body), last = key;
	if (!m->has_keys || !key.len)
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (key.ptr[i] == '.')
			last = str_skip(key, i + 1);
	for (; m; m = m->base)
		if (is_in_list(m->keys, key) || (last.len && is_in_list(m->keys, last)))
			return true;
	return false;
}

/* For regexec(): ended by NUL, and without another before that. */
static char *copy_for_matching(struct arena *a, struct str text)
{
	char *copy = arena_copy_c(a, text);
	for (size_t i = 0; i < text.len; i++)
		if (copy[i] == '\0')
			copy[i] = '\x01';
	return copy;
}

/* The matches of one expression in a text, one after the other. */
struct matches {
	const regex_t *regex;
	size_t from, to; /* of the current match; from is the text's length: there is none */
	size_t at;       /* where to go on */
};

static bool find_match(
	const regex_t *regex, const char *text, size_t at, size_t len, int flags, regmatch_t *ret)
{
	flags |= at ? REG_NOTBOL : 0;
#ifdef REG_STARTEND
	/* Else each call measures all that is left of the text. */
	*ret = (regmatch_t){ .rm_so = (regoff_t)at, .rm_eo = (regoff_t)len };
	return regexec(regex, text, 1, ret, flags | REG_STARTEND) == 0;
#else
	(void)len;
	if (regexec(regex, text + at, 1, ret, flags) != 0)
		return false;
	ret->rm_so += (regoff_t)at;
	ret->rm_eo += (regoff_t)at;
	return true;
#endif
}

static void next_match(struct matches *x, const char *text, size_t len, int flags)
{
	x->from = x->to = len;
	while (x->at < len) {
		regmatch_t match;
		if (!find_match(x->regex, text, x->at, len, flags, &match))
			break;
		size_t from = (size_t)match.rm_so, to = (size_t)match.rm_eo;
		x->at = from < to ? to : to + 1; /* an empty match masks nothing */
		if (from < to) {
			x->from = from;
			x->to = to;
			return;
		}
	}
	x->at = len;
}

/* The one whose match begins first. */
static struct matches *first_of(struct matches *all, size_t n)
{
	struct matches *first = &all[0];
	for (size_t i = 1; i < n; i++)
		if (all[i].from < first->from)
			first = &all[i];
	return first;
}

/* A part of a text that holds nothing masked yet.  Each expression is asked of the text as it came:
 * what one of them has masked would be no match any more of another that looks for more. */
static void put_part(
	const struct mask *m, struct arena *a, struct buf *b, struct str text, int flags)
{
	const char *copy = copy_for_matching(a, text);
	struct matches all[MASKS_MAX], *first;
	size_t n = 0, at = 0;
	for (; m; m = m->base)
		if (m->has_regex) {
			assert(n < MASKS_MAX);
			all[n] = (struct matches){ .regex = &m->regex };
			next_match(&all[n++], copy, text.len, flags);
		}
	while (first = first_of(all, n), first->from < text.len) {
		buf_add(b, str_of(text.ptr + at, first->from - at));
		buf_add(b, STR(MASKED));
		at = first->to;
		next_match(first, copy, text.len, flags);
		while (first = first_of(all, n), first->from < at) {
			at = first->to > at ? first->to : at;
			next_match(first, copy, text.len, flags);
		}
	}
	buf_add(b, str_skip(text, at));
}

/* Plain text with every match replaced. */
static struct str without_matches(const struct mask *m, struct arena *a, struct str text)
{
	struct buf b;
	int flags = 0;
	if (!m->has_regexes)
		return text;
	buf_init(&b, a);
	for (;;) {
		size_t at = str_find(text, STR(MASKED));
		put_part(m, a, &b, str_first(text, at), at < text.len ? flags | REG_NOTEOL : flags);
		if (at == text.len)
			return buf_str(&b);
		buf_add(&b, STR(MASKED));
		text = str_skip(text, at + sizeof MASKED - 1);
		flags = REG_NOTBOL;
	}
}

static void mask_value(
	const struct mask *m, struct arena *a, struct buf *out, struct json v, int depth);

/* Clients send JSON as the text of a string. */
static bool mask_inner(
	const struct mask *m, struct arena *a, struct buf *out, struct str text, int depth)
{
	struct json_error error;
	struct str bare = str_trim(text);
	struct buf inner;
	bool is_container = bare.len > 1 && (bare.ptr[0] == '{' || bare.ptr[0] == '[');
	if (!is_container || !json_check(bare, LIMIT_DEPTH, &error))
		return false;
	buf_init(&inner, a);
	mask_value(m, a, &inner, json_open(bare), depth + 1);
	buf_add_char(out, '"');
	json_escape(out, buf_str(&inner));
	buf_add_char(out, '"');
	return true;
}

static void mask_string(
	const struct mask *m, struct arena *a, struct buf *out, struct json v, int depth)
{
	struct str text = json_decode(a, json_body(v));
	if (mask_inner(m, a, out, text, depth))
		return;
	buf_add_char(out, '"');
	json_escape(out, without_matches(m, a, text));
	buf_add_char(out, '"');
}

/* Deeper than any value that was checked there is nothing; it would be masked. */
static void mask_value(
	const struct mask *m, struct arena *a, struct buf *out, struct json v, int depth)
{
	bool is_object = v.type == JSON_OBJECT, is_first = true;
	if (depth > LIMIT_DEPTH) {
		buf_add(out, STR("\"" MASKED "\""));
		return;
	}
	if (v.type == JSON_STRING) {
		mask_string(m, a, out, v, depth);
		return;
	}
	if (!is_object && v.type != JSON_ARRAY) {
		buf_add(out, v.raw);
		return;
	}
	buf_add_char(out, is_object ? '{' : '[');
	for (struct json_iter it = is_object ? json_members(v) : json_elements(v); json_next(&it);
		is_first = false) {
		if (!is_first)
			buf_add_char(out, ',');
		if (is_object) {
			buf_add_char(out, '"');
			buf_add(out, it.key);
			buf_add(out, STR("\":"));
		}
		if (is_object && is_masked_key(m, a, it.key))
			buf_add(out, STR("\"" MASKED "\""));
		else
			mask_value(m, a, out, it.value, depth + 1);
	}
	buf_add_char(out, is_object ? '}' : ']');
}

static struct str masked_value(const struct mask *m, struct arena *a, struct str value)
{
	struct buf b;
	buf_init(&b, a);
	mask_value(m, a, &b, json_open(value), 0);
	return buf_str(&b);
}

/* ---- content ---- */

static struct str hash_text(struct arena *a, struct str s)
{
	unsigned char hash[SHA256_BYTES];
	struct buf b;
	sha256(s, hash);
	buf_init(&b, a);
	buf_add(&b, STR(HASH_HEAD));
	buf_add_hex(&b, str_of((const char *)hash, sizeof hash));
	return buf_str(&b);
}

static bool mask_is_hash(struct str body)
{
	return body.len == sizeof HASH_HEAD - 1 + 2 * SHA256_BYTES &&
	       str_starts(body, STR(HASH_HEAD));
}

static void take_content(const struct mask *m, struct span *s, struct arena *a, enum field f)
{
	struct str text = span_text(s, f);
	bool is_json = field_info[f].type == FIELD_TYPE_JSON;
	if (str_is_null(text))
		return;
	if (m->content == CONF_CONTENT_NONE)
		span_unset(s, f);
	else if (!mask_is_hash(is_json ? json_body(json_open(text)) : text))
		span_set_text(s, f,
			is_json ? arena_printf(a, "\"%.*s\"", STR_ARG(hash_text(a, text)))
				: hash_text(a, text));
}

static void shorten(
	const struct mask *m, struct arena *a, struct buf *out, struct json v, int depth)
{
	bool is_object = v.type == JSON_OBJECT, is_first = true;
	struct str body = json_body(v);
	if ((v.type == JSON_STRING && body.len > LONG_BYTES) || depth > LIMIT_DEPTH) {
		buf_printf(out, "\"%.*s\"",
			STR_ARG(m->content == CONF_CONTENT_HASH ? hash_text(a, v.raw)
								: STR(MASKED)));
		return;
	}
	if (!is_object && v.type != JSON_ARRAY) {
		buf_add(out, v.raw);
		return;
	}
	buf_add_char(out, is_object ? '{' : '[');
	for (struct json_iter it = is_object ? json_members(v) : json_elements(v); json_next(&it);
		is_first = false) {
		if (!is_first)
			buf_add_char(out, ',');
		if (is_object) {
			buf_add_char(out, '"');
			buf_add(out, it.key);
			buf_add(out, STR("\":"));
		}
		shorten(m, a, out, it.value, depth + 1);
	}
	buf_add_char(out, is_object ? '}' : ']');
}

static void apply_content(const struct mask *m, struct span *s, struct arena *a)
{
	static const enum field whole[] = { FIELD_INPUT, FIELD_OUTPUT, FIELD_EXPECTED,
		FIELD_ERROR_TRACEBACK };
	static const enum field parts[] = { FIELD_ATTRIBUTES, FIELD_METADATA,
		FIELD_EVALUATION_METADATA };
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		take_content(m, s, a, whole[i]);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		struct buf b;
		if (!span_has(s, parts[i]))
			continue;
		buf_init(&b, a);
		shorten(m, a, &b, json_open(span_text(s, parts[i])), 0);
		span_set_text(s, parts[i], buf_str(&b));
	}
}

/* ---- beside spans ---- */

struct str mask_text(const struct mask *m, struct arena *a, struct str body, bool is_content)
{
	if (!m->is_on || str_is_null(body) || mask_is_hash(body) || str_eq(body, STR(MASKED)))
		return body;
	if (is_content && body.len && m->content != CONF_CONTENT_FULL)
		return m->content == CONF_CONTENT_HASH ? hash_text(a, body) : STR(MASKED);
	return m->has_regexes ? json_encode(a, without_matches(m, a, json_decode(a, body))) : body;
}

struct str mask_json(const struct mask *m, struct arena *a, struct str value)
{
	struct buf b;
	if (!m->is_on || str_is_null(value))
		return value;
	if (m->content != CONF_CONTENT_FULL) {
		buf_init(&b, a);
		shorten(m, a, &b, json_open(value), 0);
		value = buf_str(&b);
	}
	return m->has_keys || m->has_regexes ? masked_value(m, a, value) : value;
}

/* ---- spans ---- */

static void mask_extra(const struct mask *m, struct span *s, struct arena *a)
{
	if (!s->extra.len)
		return;
	struct str all = masked_value(m, a, arena_printf(a, "{%.*s}", STR_ARG(s->extra)));
	s->extra = str_of(all.ptr + 1, all.len - 2);
}

void mask_span(const struct mask *m, struct span *s, struct arena *a)
{
	static const enum field texts[] = { FIELD_NAME, FIELD_USER_ID, FIELD_ERROR_MESSAGE,
		FIELD_ERROR_TRACEBACK };
	if (!m->is_on)
		return;
	if (m->content != CONF_CONTENT_FULL)
		apply_content(m, s, a);
	if (!m->has_keys && !m->has_regexes)
		return;
	for (unsigned f = 0; f < FIELD__MAX; f++)
		if (field_info[f].type == FIELD_TYPE_JSON && span_has(s, (enum field)f))
			span_set_text(s, (enum field)f, masked_value(m, a, s->value[f].text));
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (m->has_regexes && span_has(s, texts[i]))
			span_set_plain(
				s, texts[i], a, without_matches(m, a, span_plain(s, texts[i], a)));
	mask_extra(m, s, a);
}
