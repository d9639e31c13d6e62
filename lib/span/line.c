#include "span/line.h"

#include "base/hash.h"
#include "base/simd_text.h"
#include "base/utime.h"
#include "json/write.h"

/* The hex digits in ,"_c":"xxxxxxxx"} */
enum { SEAL_DIGITS = 8 };
/* ,"_prev":"YYYY-MM-DD" */
static const struct str prev_head = { ",\"_prev\":\"", 10 };
enum { PREV_LEN = 10 + 10 + 1 };
/* Room for a number, a time or a code, with quotes. */
enum { SCALAR_MAX = 48 };

/* The member with its comma, as it stands in a line. */
static const struct str prefixes[FIELD__MAX] = {
#define X(id, name, member, type, column, may) [id] = { ",\"" member "\":", sizeof member - 1 + 4 },
	FIELD_LIST(X)
#undef X
};

/* The fields as they stand in a line. */
static const unsigned char order[FIELD__MAX] = {
#define X(id, name, member, type, column, may) (id),
	FIELD_LIST(X)
#undef X
};

static char *line_put(char *p, struct str s)
{
	if (s.len)
		memcpy(p, s.ptr, s.len);
	return p + s.len;
}

static char *line_put_quoted(char *p, struct str s)
{
	*p++ = '"';
	p = line_put(p, s);
	*p++ = '"';
	return p;
}

static char *line_put_value(char *p, const struct span *s, enum field f)
{
	const struct span_value *v = &s->value[f];
	struct buf digits;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		return line_put_quoted(p, v->text);
	case FIELD_TYPE_DEC:
	case FIELD_TYPE_JSON:
		return line_put(p, v->text);
	case FIELD_TYPE_KIND:
		return line_put_quoted(p, kind_name((enum kind)v->i64));
	case FIELD_TYPE_STATUS:
		return line_put_quoted(p, status_name((enum status)v->i64));
	case FIELD_TYPE_BOOL:
		return line_put(p, v->i64 ? STR("true") : STR("false"));
	case FIELD_TYPE_TIME:
		*p++ = '"';
		p += utime_format(v->i64, p);
		*p++ = '"';
		return p;
	case FIELD_TYPE_I64:
		digits = (struct buf){ .ptr = p, .cap = SCALAR_MAX };
		buf_add_i64(&digits, v->i64);
		return p + digits.len;
	}
	return p;
}

/* An upper bound of the line's length. */
static size_t line_bound(const struct span *s)
{
	size_t n = LINE_SEAL_BYTES + PREV_LEN + s->extra.len + SCALAR_MAX;
	for (unsigned f = 0; f < FIELD__MAX; f++) {
		enum field_type t = field_info[f].type;
		if (!span_has(s, (enum field)f))
			continue;
		n += prefixes[f].len + SCALAR_MAX;
		if (t == FIELD_TYPE_STR || t == FIELD_TYPE_TEXT || t == FIELD_TYPE_DEC ||
			t == FIELD_TYPE_JSON)
			n += s->value[f].text.len;
	}
	return n;
}

/* Behind p; start: of the line. Returns the end, a newline included. */
static char *put_seal(char *p, const char *start)
{
	static const char digit[] = "0123456789abcdef";
	uint32_t crc = crc32c(0, str_of(start, (size_t)(p - start)));
	p = line_put(p, LINE_SEAL_HEAD);
	for (int shift = 28; shift >= 0; shift -= 4)
		*p++ = digit[crc >> shift & 15];
	return line_put(p, STR("\"}\n"));
}

void line_write(struct buf *out, const struct span *s)
{
	char *start = buf_reserve(out, line_bound(s)), *p = start;
	if (s->is_deleted)
		p = line_put(p, STR(",\"op\":\"delete\""));
	for (unsigned i = 0; i < FIELD__MAX; i++)
		if (span_has(s, (enum field)order[i])) {
			p = line_put(p, prefixes[order[i]]);
			p = line_put_value(p, s, (enum field)order[i]);
		}
	if (s->extra.len) {
		*p++ = ',';
		p = line_put(p, s->extra);
	}
	if (s->prev_day != SPAN_NO_DAY) {
		p = line_put(p, prev_head);
		utime_format_day(s->prev_day, p);
		p += 10;
		*p++ = '"';
	}
	if (p == start)
		*p++ = ',';
	*start = '{'; /* each member brought a comma: the first one becomes the brace */
	out->len += (size_t)(put_seal(p, start) - start);
}

void line_seal(struct buf *out, size_t start)
{
	(void)buf_reserve(out, LINE_SEAL_BYTES + 1);
	char *end = out->ptr + out->len;
	out->len += (size_t)(put_seal(end, out->ptr + start) - end);
}

static enum line_state line_damaged(struct str line)
{
	return str_index(line, '\0') < line.len ? LINE_ZERO : LINE_TORN;
}

/* The number that a whole seal at the front of the text holds. */
static bool read_seal(struct str text, uint64_t *ret_crc)
{
	struct str seal = str_first(text, LINE_SEAL_BYTES), head = LINE_SEAL_HEAD;
	return seal.len == LINE_SEAL_BYTES && str_starts(seal, head) &&
	       str_ends(seal, STR("\"}")) &&
	       str_to_u64_hex(str_first(str_skip(seal, head.len), SEAL_DIGITS), ret_crc);
}

bool line_seal_is(struct str text, uint32_t crc)
{
	uint64_t is;
	return read_seal(text, &is) && is == crc;
}

/* The seal's parts, unchecked. */
static bool split_seal(struct str line, struct str *ret_body, uint64_t *ret_crc)
{
	if (line.len < LINE_SEAL_BYTES + 1 || line.ptr[0] != '{')
		return false;
	size_t n = line.len - LINE_SEAL_BYTES;
	*ret_body = str_first(line, n);
	return read_seal(str_skip(line, n), ret_crc);
}

enum line_state line_check(struct str line, struct str *ret_body)
{
	struct str body;
	uint64_t crc;
	if (!split_seal(line, &body, &crc))
		return line_damaged(line);
	if (crc32c(0, body) != crc)
		return str_index(line, '\0') < line.len ? LINE_ZERO : LINE_ROT;
	*ret_body = body;
	return LINE_OK;
}

static bool read_time(struct json v, int64_t *ret_ns)
{
	return v.type == JSON_STRING && utime_parse(json_body(v), ret_ns);
}

/* A member of the wrong type counts as absent: a line is never refused for what one reader does not
 * understand. */
static void read_value(struct span *s, enum field f, struct json v)
{
	enum kind kind;
	enum status status;
	int64_t n;
	switch (field_info[f].type) {
	case FIELD_TYPE_STR:
	case FIELD_TYPE_TEXT:
		if (v.type == JSON_STRING)
			span_set_text(s, f, json_body(v));
		break;
	case FIELD_TYPE_DEC:
		if (v.type == JSON_NUMBER)
			span_set_text(s, f, v.raw);
		break;
	case FIELD_TYPE_JSON:
		if (v.type > JSON_NULL)
			span_set_text(s, f, v.raw);
		break;
	case FIELD_TYPE_KIND:
		if (v.type == JSON_STRING && kind_from_name(json_body(v), &kind))
			span_set_i64(s, f, kind);
		break;
	case FIELD_TYPE_STATUS:
		if (v.type == JSON_STRING && status_from_name(json_body(v), &status))
			span_set_i64(s, f, status);
		break;
	case FIELD_TYPE_BOOL:
		if (v.type == JSON_TRUE || v.type == JSON_FALSE)
			span_set_i64(s, f, v.type == JSON_TRUE);
		break;
	case FIELD_TYPE_TIME:
		if (read_time(v, &n))
			span_set_i64(s, f, n);
		break;
	case FIELD_TYPE_I64:
		if (json_to_i64(v, &n))
			span_set_i64(s, f, n);
		break;
	}
}

/* The place of a key's field, searched from where the last one was found: members come in order. */
static unsigned find_place(struct str key, unsigned from)
{
	for (unsigned i = 0; i < FIELD__MAX; i++) {
		unsigned at = from + i < FIELD__MAX ? from + i : from + i - FIELD__MAX;
		if (str_eq(key, field_info[order[at]].member))
			return at;
	}
	return FIELD__MAX;
}

static unsigned last_wanted(const struct field_set *want)
{
	unsigned last = FIELD__MAX - 1;
	while (last && !field_set_has(want, (enum field)order[last]))
		last--;
	return last;
}

static void read_prev(struct str body, struct span *s)
{
	struct str tail = body.len > PREV_LEN ? str_skip(body, body.len - PREV_LEN) : STR_NULL;
	if (tail.len && str_starts(tail, prev_head) && tail.ptr[PREV_LEN - 1] == '"')
		(void)utime_parse_day(str_of(tail.ptr + prev_head.len, 10), &s->prev_day);
}

/* Unknown members stand together behind the known ones: the run is kept as it is. */
static void read_extra(struct span *s, struct json_iter *it)
{
	const char *start = it->key.ptr - 1, *end = it->value.raw.ptr + it->value.raw.len;
	if (str_eq(it->key, STR("op"))) {
		s->is_deleted = json_body_is(json_body(it->value), STR("delete"));
		return;
	}
	if (str_eq(it->key, STR("_prev")))
		return;
	if (s->extra.len)
		start = s->extra.ptr;
	s->extra = str_of(start, (size_t)(end - start));
}

static inline bool is_text(enum field f)
{
	return field_info[f].type == FIELD_TYPE_STR || field_info[f].type == FIELD_TYPE_TEXT;
}

/* Bytes that are compared at once; a prefix has no fewer. */
enum { PREFIX_MIN = 8 };
#define X(id, name, member, type, column, may) \
	_Static_assert(sizeof member - 1 + 4 >= PREFIX_MIN, "too short for ends_like_prefix");
FIELD_LIST(X)
#undef X

/* The prefixes side by side, for going through them. */
enum { PREFIX_ROOM = 32 };
static const struct {
	char text[PREFIX_ROOM];
} heads[FIELD__MAX] = {
#define X(id, name, member, type, column, may) [id] = { ",\"" member "\":" },
	FIELD_LIST(X)
#undef X
};
#define X(id, name, member, type, column, may) \
	_Static_assert(sizeof member + 4 <= PREFIX_ROOM, "no room for a prefix");
FIELD_LIST(X)
#undef X

static inline bool ends_like_prefix(const char *p, const char *end, struct str prefix)
{
	if ((size_t)(end - p) < prefix.len)
		return false;
	for (size_t at = PREFIX_MIN; at + PREFIX_MIN < prefix.len; at += PREFIX_MIN)
		if (memcmp(p + at, prefix.ptr + at, PREFIX_MIN) != 0)
			return false;
	size_t last = prefix.len - PREFIX_MIN; /* it may begin within what was compared */
	return memcmp(p + last, prefix.ptr + last, PREFIX_MIN) == 0;
}

/* The members that stand as line_write puts them, from the place `at` on up to the last wanted one:
 * ordered and without blanks, which nearly all do.  Stops ahead of the first that does not; returns
 * the place behind the last that was read. */
static unsigned read_in_order(struct json_iter *it, const struct field_set *want, unsigned at,
	unsigned last, struct span *ret)
{
	const char *p = it->rest.ptr, *end = p + it->rest.len;
	for (unsigned i = at; i <= last && i < FIELD__MAX && end - p >= PREFIX_MIN; i++) {
		enum field f = (enum field)order[i];
		if (memcmp(p, heads[f].text, PREFIX_MIN) != 0 ||
			!ends_like_prefix(p, end, prefixes[f]) || p + prefixes[f].len == end)
			continue;
		const char *behind = p + prefixes[f].len;
		bool is_wanted = !want || field_set_has(want, f);
		if (*behind == '"' && is_text(f)) {
			struct str body = str_of(behind + 1, 0);
			body.len = text_string_end(body.ptr, (size_t)(end - body.ptr));
			behind = body.ptr + body.len + 1;
			if (behind > end)
				break;
			if (is_wanted)
				span_set_text(ret, f, body);
		} else {
			struct json v = json_value_at(behind, end);
			if (v.type == JSON_NONE)
				break;
			if (is_wanted)
				read_value(ret, f, v);
			behind = v.raw.ptr + v.raw.len;
		}
		p = behind;
		at = i + 1;
	}
	it->rest = str_of(p, (size_t)(end - p));
	return at;
}

/* object: a comma takes the place of its brace. */
static void read_members(struct str object, const struct field_set *want, struct span *ret)
{
	unsigned last = want ? last_wanted(want) : FIELD__MAX, at = 0;
	struct json_iter it = json_members((struct json){ JSON_OBJECT, object });
	while (json_next(&it)) {
		unsigned found = find_place(it.key, at);
		if (found > last && found < FIELD__MAX)
			break;
		if (found < FIELD__MAX) {
			enum field f = (enum field)order[found];
			at = found + 1;
			if (!want || field_set_has(want, f))
				read_value(ret, f, it.value);
		} else if (!want || str_eq(it.key, STR("op"))) {
			read_extra(ret, &it);
		}
		at = read_in_order(&it, want, at, last, ret);
		if (want && at > last)
			break;
	}
}

enum line_state line_read(
	struct str line, const struct field_set *want, bool trusted, struct span *ret)
{
	struct str body;
	uint64_t crc;
	if (trusted ? !split_seal(line, &body, &crc) : line_check(line, &body) != LINE_OK)
		return trusted ? line_damaged(line) : line_check(line, &body);
	span_init(ret);
	read_prev(body, ret);
	read_members(str_first(line, body.len + 1), want, ret);
	return LINE_OK;
}
