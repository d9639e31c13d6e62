#include "api/opik/fields.h"

const struct opik_type_info opik_type_info[OPIK_TYPE__MAX] = {
#define X(name, operators) { { #name, sizeof #name - 1 }, (operators) },
	OPIK_TYPE_LIST(X)
#undef X
};

const struct str opik_operator_names[OPIK_OPERATOR__MAX] = {
#define X(name, text) { text, sizeof text - 1 },
	OPIK_OPERATOR_LIST(X)
#undef X
};

#define X(name, type, place, at) \
	{ { name, sizeof name - 1 }, OPIK_TYPE_##type, OPIK_PLACE_##place, (enum field)(at) },
static const struct opik_field span_fields[] = { OPIK_SPAN_FIELD_LIST(X) };
static const struct opik_field trace_fields[] = { OPIK_TRACE_FIELD_LIST(X) };
static const struct opik_field thread_fields[] = { OPIK_THREAD_FIELD_LIST(X) };
#undef X

static const struct {
	const struct opik_field *list;
	size_t n;
} all_fields[] = {
	[OPIK_SPANS] = { span_fields, sizeof span_fields / sizeof span_fields[0] },
	[OPIK_TRACES] = { trace_fields, sizeof trace_fields / sizeof trace_fields[0] },
	[OPIK_THREADS] = { thread_fields, sizeof thread_fields / sizeof thread_fields[0] },
};

const struct opik_field *opik_field_find(enum opik_of of, struct str name)
{
	for (size_t i = 0; i < all_fields[of].n; i++)
		if (str_eq(all_fields[of].list[i].name, name))
			return &all_fields[of].list[i];
	return NULL;
}
