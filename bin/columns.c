#include "columns.h"

void columns_begin(struct cli *c, struct str columns)
{
	if (c->form == CLI_TABLE)
		table_begin(&c->table, c->arena, columns);
	if (c->form != CLI_TSV && c->form != CLI_TABLE)
		return;
	c->columns = columns;
	while (c->form == CLI_TSV && columns.len) {
		buf_add(&c->out, str_cut(&columns, ' '));
		buf_add_char(&c->out, columns.len ? '\t' : '\n');
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

static struct str text_of(struct cli *c, struct json v)
{
	if (v.type == JSON_STRING)
		return json_decode(c->arena, json_body(v));
	return v.type == JSON_NONE || v.type == JSON_NULL ? STR("") : v.raw;
}

void columns_row(struct cli *c, size_t start)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str text = arena_copy(c->arena, str_of(c->out.ptr + start, c->out.len - start));
	struct json object = json_open(str_trim(text));
	c->out.len = start;
	for (struct str left = c->columns; left.len;) {
		struct json v = json_get(object, str_cut(&left, ' '));
		if (c->form == CLI_TABLE) {
			table_cell(&c->table, text_of(c, v), v.type == JSON_NUMBER);
			continue;
		}
		put_text(&c->out, text_of(c, v));
		buf_add_char(&c->out, left.len ? '\t' : '\n');
	}
	arena_rewind(c->arena, mark);
	if (c->form == CLI_TABLE && table_is_large(&c->table))
		columns_put(c);
}

void columns_put(struct cli *c)
{
	if (c->table.n_rows)
		table_put(&c->table, &c->out, cli_terminal_cells());
}
