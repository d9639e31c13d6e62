#include "report/table.h"
#include "report/printable.h"

enum {
	HELD_ROWS = 1000,
	HELD_BYTES = 1 << 20,
	GAP = 2,
	/* Longer cells move what follows in their row instead of widening the column. */
	PADDED_CELLS = 120,
	NARROW_CELLS = 12 /* no column is cut below that */
};

static void add_cell(struct table *t, struct str text)
{
	size_t width = printable_line(&t->cells, text);
	if (width > t->width[t->at])
		t->width[t->at] = width < PADDED_CELLS ? width : PADDED_CELLS;
	buf_add_char(&t->cells, '\t');
	t->at = (t->at + 1) % t->n_columns;
	t->n_rows += t->at == 0;
}

void table_begin(struct table *t, struct arena *a, struct str names)
{
	*t = (struct table){ .n_columns = 0 };
	buf_init(&t->cells, a);
	for (struct str left = names; left.len && t->n_columns < TABLE_COLUMNS;) {
		(void)str_cut(&left, ' ');
		t->n_columns++;
	}
	for (size_t i = 0; i < t->n_columns; i++) {
		struct str name = str_cut(&names, ' ');
		char upper[64];
		size_t n = 0;
		for (; n < name.len && n < sizeof upper; n++)
			upper[n] = ascii_upper(name.ptr[n]);
		add_cell(t, str_of(upper, n));
	}
}

void table_cell(struct table *t, struct str text, bool is_number)
{
	t->is_text[t->at] |= !is_number && text.len;
	add_cell(t, text);
}

bool table_is_large(const struct table *t)
{
	return t->n_rows >= HELD_ROWS || t->cells.len >= HELD_BYTES;
}

/* Narrows columns, the widest first, until a row fits or they are narrow enough. The first column,
 * a time or a name, and the last one, an id, are not cut. */
static void table_fit(const struct table *t, size_t room, size_t *width)
{
	size_t last = t->n_columns - 1, sum = GAP * last;
	for (size_t i = 0; i <= last; i++)
		sum += width[i];
	for (; sum > room; sum--) {
		size_t widest = 0;
		for (size_t i = 1; i < last; i++)
			if (width[i] > NARROW_CELLS && (!widest || width[i] > width[widest]))
				widest = i;
		if (!widest)
			return;
		width[widest]--;
	}
}

static void put_blanks(struct buf *out, size_t has, size_t width)
{
	for (; has < width; has++)
		buf_add_char(out, ' ');
}

static void put_cell(const struct table *t, struct buf *row, size_t i, struct str text,
	size_t width, bool is_cut)
{
	size_t has = printable_width(text);
	if (is_cut && has > width)
		has = width;
	if (!t->is_text[i])
		put_blanks(row, has, width);
	has = printable_put(row, text, has);
	if (i + 1 == t->n_columns)
		return;
	if (t->is_text[i])
		put_blanks(row, has, width);
	put_blanks(row, 0, GAP);
}

void table_put(struct table *t, struct buf *out, size_t room)
{
	struct str cells = buf_str(&t->cells);
	size_t width[TABLE_COLUMNS];
	struct buf row;
	buf_init(&row, t->cells.arena);
	memcpy(width, t->width, sizeof width);
	if (room)
		table_fit(t, room, width);
	for (; t->n_rows; t->n_rows--) {
		buf_reset(&row);
		for (size_t i = 0; i < t->n_columns; i++)
			put_cell(t, &row, i, str_cut(&cells, '\t'), width[i], room);
		(void)printable_put(out, buf_str(&row), room);
		buf_add_char(out, '\n');
	}
	buf_release(&row);
	buf_release(&t->cells);
}
