#include "report/columns.h"

#include "json/read.h"

void columns_begin(struct report *r, struct str columns)
{
	if (r->form == REPORT_TABLE)
		table_begin(&r->table, r->arena, columns);
	if (r->form != REPORT_TSV && r->form != REPORT_TABLE)
		return;
	r->columns = columns;
	while (r->form == REPORT_TSV && columns.len) {
		buf_add(&r->out, str_cut(&columns, ' '));
		buf_add_char(&r->out, columns.len ? '\t' : '\n');
	}
}

static void columns_escape(struct buf *out, struct str text)
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

static struct str columns_text(struct arena *a, struct json v)
{
	if (v.type == JSON_STRING)
		return json_decode(a, json_body(v));
	return v.type == JSON_NONE || v.type == JSON_NULL ? STR("") : v.raw;
}

void columns_row(struct report *r, size_t start)
{
	struct arena_mark mark = arena_mark(r->arena);
	struct str text = arena_copy(r->arena, str_of(r->out.ptr + start, r->out.len - start));
	struct json object = json_open(str_trim(text));
	r->out.len = start;
	for (struct str left = r->columns; left.len;) {
		struct json v = json_get(object, str_cut(&left, ' '));
		if (r->form == REPORT_TABLE) {
			table_cell(&r->table, columns_text(r->arena, v), v.type == JSON_NUMBER);
			continue;
		}
		columns_escape(&r->out, columns_text(r->arena, v));
		buf_add_char(&r->out, left.len ? '\t' : '\n');
	}
	arena_rewind(r->arena, mark);
	if (r->form == REPORT_TABLE && table_is_large(&r->table))
		columns_put(r);
}

void columns_put(struct report *r)
{
	if (r->table.n_rows)
		table_put(&r->table, &r->out, r->cells);
}
