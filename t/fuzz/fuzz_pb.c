/*
 * Any bytes as a protobuf message, and what looks like messages in it.  Fields lie inside the
 * message and follow one another; written again they are read as the same; what ends where a field
 * ends is not malformed; and a reader that failed stays so.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/pb.h"

#include "fuzz.h"

static void add_varint(struct buf *b, uint64_t v)
{
	for (; v > 127; v >>= 7)
		buf_add_char(b, (char)(v | 128));
	buf_add_char(b, (char)v);
}

static void add_field(struct buf *b, const struct pb_field *f)
{
	add_varint(b, (uint64_t)f->number << 3 | f->wire);
	if (f->wire == PB_VARINT) {
		add_varint(b, f->value);
	} else if (f->wire == PB_BYTES) {
		add_varint(b, f->bytes.len);
		buf_add(b, f->bytes);
	} else {
		for (int i = 0; i < (f->wire == PB_FIXED64 ? 8 : 4); i++)
			buf_add_char(b, (char)(f->value >> 8 * i));
	}
}

static void see_field(const struct pb_field *f, struct str message)
{
	MUST(f->number >= 1 && f->number < 1u << 29);
	MUST(f->wire == PB_VARINT || f->wire == PB_FIXED64 || f->wire == PB_BYTES ||
		f->wire == PB_FIXED32);
	MUST(f->wire != PB_FIXED32 || f->value <= UINT32_MAX);
	if (f->wire == PB_BYTES)
		MUST(f->bytes.ptr > message.ptr &&
			f->bytes.ptr + f->bytes.len <= message.ptr + message.len);
}

static void see_same(struct str again, struct str message)
{
	struct pb_reader r = pb_open(message), s = pb_open(again);
	struct pb_field f, g;
	while (pb_next(&r, &f)) {
		MUST(pb_next(&s, &g));
		MUST(f.number == g.number && f.wire == g.wire && f.value == g.value &&
			str_eq(f.bytes, g.bytes));
	}
	MUST(!pb_next(&s, &g) && !s.failed);
}

static void see_message(struct arena *a, struct str message, unsigned depth)
{
	struct pb_reader r = pb_open(message);
	struct pb_field f;
	struct buf again;
	size_t at = 0;
	buf_init(&again, a);
	while (pb_next(&r, &f)) {
		MUST(pb_at(&r) >= at + 2 && pb_at(&r) <= message.len);
		at = pb_at(&r);
		see_field(&f, message);
		add_field(&again, &f);
		if (f.wire == PB_BYTES && depth > 0)
			see_message(a, f.bytes, depth - 1);
	}
	MUST(pb_at(&r) == at);
	MUST(r.failed == (at < message.len));
	MUST(!pb_next(&r, &f));
	MUST(again.len <= at);
	see_same(buf_str(&again), str_first(message, at));
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	arena_init(&a, (size_t)1 << 30);
	see_message(&a, str_of((const char *)data, size), LIMIT_DEPTH);
	arena_release(&a);
	return 0;
}
