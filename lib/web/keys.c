#include "web/keys.h"

#include "base/utime.h"

static bool is_id_char(char c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' ||
	       c == '_';
}

static bool is_id_text(struct str s, size_t len)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_id_char(s.ptr[i]))
			return false;
	return s.len == len;
}

static bool read_hash(struct str hex, unsigned char *ret)
{
	if (hex.len != 2 * SHA256_BYTES)
		return false;
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		int high = hex_digit(hex.ptr[2 * i]), low = hex_digit(hex.ptr[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool read_roles(struct str text, unsigned *ret)
{
	unsigned roles = 0;
	while (!str_is_null(text)) {
		struct str name = str_cut(&text, ',');
		if (str_eq(name, STR("ingest")))
			roles |= ROLE_INGEST;
		else if (str_eq(name, STR("read")))
			roles |= ROLE_READ;
		else if (str_eq(name, STR("admin")))
			roles |= ROLE_ADMIN | ROLE_READ | ROLE_INGEST;
		else
			return false;
	}
	*ret = roles;
	return roles != 0;
}

static bool workspaces_are_sane(struct str text)
{
	if (str_eq(text, STR("*")))
		return true;
	while (!str_is_null(text)) {
		struct str name = str_cut(&text, ',');
		if (name.len == 0 || name.len > LIMIT_WORKSPACE_BYTES)
			return false;
		for (size_t i = 0; i < name.len; i++)
			if (!is_id_char(name.ptr[i]) && name.ptr[i] != '.')
				return false;
	}
	return true;
}

/* The time and the label: a time holds colons itself, so it ends at the first colon before which a
 * whole time stands. */
static bool read_end(struct str text, struct key_record *k)
{
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.ptr[i] != ':')
			continue;
		struct str time = str_first(text, i);
		k->label = str_skip(text, i + 1);
		if (str_eq(time, STR("-"))) {
			k->not_after_ns = INT64_MAX;
			return true;
		}
		if (utime_has_offset(time) && utime_parse(time, &k->not_after_ns))
			return true;
	}
	return false;
}

bool key_record_read(struct str line, struct key_record *ret)
{
	struct key_record k = { .id = str_cut(&line, ':') };
	if (str_is_null(line) || !is_id_text(k.id, KEY_ID_BYTES))
		return false;
	if (!read_hash(str_cut(&line, ':'), k.hash) || str_is_null(line))
		return false;
	k.workspaces = str_cut(&line, ':');
	if (str_is_null(line) || !workspaces_are_sane(k.workspaces))
		return false;
	if (!read_roles(str_cut(&line, ':'), &k.roles) || str_is_null(line))
		return false;
	if (!read_end(line, &k))
		return false;
	*ret = k;
	return true;
}

bool key_split(struct str key, struct str *ret_id, struct str *ret_secret)
{
	enum { ID_AT = 4, SECRET_AT = ID_AT + KEY_ID_BYTES + 1 };
	if (key.len != SECRET_AT + KEY_SECRET_BYTES || !str_starts(key, STR("fsp_")) ||
		key.ptr[SECRET_AT - 1] != '_')
		return false;
	struct str id = str_of(key.ptr + ID_AT, KEY_ID_BYTES);
	struct str secret = str_skip(key, SECRET_AT);
	if (!is_id_text(id, KEY_ID_BYTES) || !is_id_text(secret, KEY_SECRET_BYTES))
		return false;
	*ret_id = id;
	*ret_secret = secret;
	return true;
}

enum err keys_find(struct str text, struct str key, int64_t now_ns, struct key_record *ret)
{
	/* What is no key is looked up like one, under an id that no line can have. */
	struct str id = STR(""), secret = STR("0000000000000000000000000000000000000000000");
	(void)key_split(key, &id, &secret);
	unsigned char hash[SHA256_BYTES];
	sha256(secret, hash);

	struct key_record found = { .not_after_ns = INT64_MIN };
	bool is_known = false;
	while (!str_is_null(text)) {
		struct str line = str_trim(str_cut(&text, '\n'));
		struct key_record k;
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (!key_record_read(line, &k))
			return ERR_CONF;
		if (str_eq(k.id, id)) {
			found = k;
			is_known = true;
		}
	}
	bool is_right = secret_equal(hash, found.hash, SHA256_BYTES);
	if (!is_right || !is_known || now_ns > found.not_after_ns)
		return ERR_UNAUTHORIZED;
	*ret = found;
	return ERR_OK;
}

bool keys_grant(struct str workspaces, struct str workspace)
{
	if (str_eq(workspaces, STR("*")))
		return true;
	while (!str_is_null(workspaces))
		if (str_eq(str_cut(&workspaces, ','), workspace))
			return true;
	return false;
}
