/* Functions that both OTLP encodings share after a request is read. The interface is in otlp.h. */
#include "otlp/otlp.h"

const struct otlp_value *otlp_attr(const struct otlp_attrs *attrs, struct str key)
{
	for (size_t i = attrs->n; i > 0; i--)
		if (str_eq(attrs->list[i - 1].key, key)) {
			const struct otlp_value *v = &attrs->list[i - 1].value;
			return v->type == OTLP_NULL ? NULL : v;
		}
	return NULL;
}

static void bytes_json(struct json_writer *w, struct str bytes)
{
	/* The writer opens the string; the digits go in behind its quote. */
	json_body_value(w, STR(""));
	w->out->len--;
	buf_add_hex(w->out, bytes);
	buf_add_char(w->out, '"');
}

void otlp_value_json(struct json_writer *w, const struct otlp_value *v)
{
	switch (v->type) {
	case OTLP_STRING:
		json_body_value(w, v->text);
		break;
	case OTLP_BOOL:
		json_bool(w, v->i64 != 0);
		break;
	case OTLP_INT:
		json_i64(w, v->i64);
		break;
	case OTLP_DOUBLE:
		json_double(w, v->number);
		break;
	case OTLP_ARRAY:
	case OTLP_KVLIST:
		json_raw(w, v->text);
		break;
	case OTLP_BYTES:
		bytes_json(w, v->text);
		break;
	case OTLP_NULL:
		json_null(w);
		break;
	}
}
