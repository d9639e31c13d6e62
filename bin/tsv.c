#include "tsv.h"

static void end_cell(struct cli *c, struct str left)
{
	buf_add_char(&c->out, left.len ? '\t' : '\n');
}

void tsv_begin(struct cli *c, struct str columns)
{
	if (!c->is_tsv)
		return;
	c->columns = columns;
	while (columns.len) {
		buf_add(&c->out, str_cut(&columns, ' '));
		end_cell(c, columns);
	}
}

static void put_text(struct buf *out, struct str text)
{
	static const char hex[] = "0123456789abcdef";
	for (size_t i = 0; i < text.len; i++) {
		unsigned char b = (unsigned char)text.ptr[i];
		const char *short_one = b == '\t'   ? "\\t"
					: b == '\n' ? "\\n"
					: b == '\r' ? "\\r"
					: b == '\\' ? "\\\\"
						    : NULL;
		if (short_one) {
			buf_add(out, str_from_c(short_one));
		} else if (b < 0x20 || b == 0x7f) {
			const char code[] = { '\\', 'u', '0', '0', hex[b >> 4], hex[b & 15] };
			buf_add(out, str_of(code, sizeof code));
		} else {
			buf_add_char(out, (char)b);
		}
	}
}

static void put_cell(struct cli *c, struct json v)
{
	if (v.type == JSON_STRING)
		put_text(&c->out, json_decode(c->arena, json_body(v)));
	else if (v.type != JSON_NONE && v.type != JSON_NULL)
		buf_add(&c->out, v.raw);
}

void tsv_row(struct cli *c, size_t start)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str text = arena_copy(c->arena, str_of(c->out.ptr + start, c->out.len - start));
	struct json object = json_open(str_trim(text));
	c->out.len = start;
	for (struct str left = c->columns; left.len;) {
		put_cell(c, json_get(object, str_cut(&left, ' ')));
		end_cell(c, left);
	}
	arena_rewind(c->arena, mark);
}
