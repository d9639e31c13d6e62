#include "span/rescue.h"

#include "base/hash.h"
#include "base/limits.h"
#include "span/line.h"
#include "json/read.h"

/* The starts of lines: doc/shard-format.md#a-line and #notes. */
static const struct str beginnings[] = { { "{\"span_id\":", 11 }, { "{\"op\":\"delete\"", 14 },
	{ "{\"kind\":", 8 } };
enum { N_BEGINNINGS = sizeof beginnings / sizeof beginnings[0] };

static bool begins_line(struct str s)
{
	for (size_t i = 0; i < N_BEGINNINGS; i++)
		if (str_starts(s, beginnings[i]))
			return true;
	return false;
}

/* The first place from `from` on where a line may begin: no member of an object, no element of an
 * array. text.len: there is none. */
static size_t find_beginning(struct str text, size_t from)
{
	for (size_t at = from; at < text.len; at++) {
		at += str_index(str_skip(text, at), '{');
		if (at == text.len || !begins_line(str_skip(text, at)))
			continue;
		if (at == 0 || !memchr(":,[", text.ptr[at - 1], 3))
			return at;
	}
	return text.len;
}

/* Where the line that begins the text ends: at the first seal that fits all before it. 0: nowhere.
 * The checksum goes on from seal to seal, so that content full of them is read once. */
static size_t find_end(struct str text)
{
	uint32_t crc = 0;
	size_t done = 0;
	for (size_t at = 0;;) {
		at += str_find(str_skip(text, at), LINE_SEAL_HEAD);
		if (at + LINE_SEAL_BYTES > text.len)
			return 0;
		crc = crc32c(crc, str_first(str_skip(text, done), at - done));
		done = at;
		if (line_seal_is(str_skip(text, at), crc))
			return at + LINE_SEAL_BYTES;
		at++;
	}
}

bool line_rescue(struct str *left, struct str *ret_line)
{
	struct json_error error;
	size_t at = find_beginning(*left, 0);
	for (int i = 0; i < LIMIT_RESCUE_TRIES && at < left->len; i++) {
		struct str text = str_skip(*left, at);
		size_t n = find_end(text);
		if (n && json_check(str_first(text, n), LIMIT_DEPTH + 1, &error)) {
			*ret_line = str_first(text, n);
			*left = str_skip(text, n);
			return true;
		}
		at = find_beginning(*left, at + 1);
	}
	return false;
}
