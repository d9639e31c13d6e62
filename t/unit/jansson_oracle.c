#include "jansson_oracle.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key {
	const char *ptr;
	size_t len;
};

static int key_cmp(const void *x, const void *y)
{
	const struct key *kx = x, *ky = y;
	size_t shorter = kx->len < ky->len ? kx->len : ky->len;
	int d = memcmp(kx->ptr, ky->ptr, shorter);
	return d ? d : (kx->len > ky->len) - (kx->len < ky->len);
}

static void tell_string(FILE *out, const char *ptr, size_t len)
{
	fputc('s', out);
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", (unsigned char)ptr[i]);
}

static void tell(FILE *out, json_t *v);

static void tell_object(FILE *out, json_t *object)
{
	size_t count = json_object_size(object), i = 0;
	struct key *keys = calloc(count + 1, sizeof *keys);
	for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
		keys[i++] = (struct key){ json_object_iter_key(it), json_object_iter_key_len(it) };
	qsort(keys, count, sizeof *keys, key_cmp);
	fputc('{', out);
	for (i = 0; i < count; i++) {
		tell_string(out, keys[i].ptr, keys[i].len);
		fputc(':', out);
		tell(out, json_object_getn(object, keys[i].ptr, keys[i].len));
		fputc(',', out);
	}
	fputc('}', out);
	free(keys);
}

static void tell(FILE *out, json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_NULL:
		fputc('n', out);
		break;
	case JSON_TRUE:
		fputc('t', out);
		break;
	case JSON_FALSE:
		fputc('f', out);
		break;
	case JSON_INTEGER:
		fprintf(out, "i%" JSON_INTEGER_FORMAT, json_integer_value(v));
		break;
	case JSON_REAL:
		fprintf(out, "r%.17g", json_real_value(v));
		break;
	case JSON_STRING:
		tell_string(out, json_string_value(v), json_string_length(v));
		break;
	case JSON_ARRAY:
		fputc('[', out);
		for (size_t i = 0; i < json_array_size(v); i++) {
			tell(out, json_array_get(v, i));
			fputc(',', out);
		}
		fputc(']', out);
		break;
	case JSON_OBJECT:
		tell_object(out, v);
	}
}

enum oracle_answer oracle_ask(const char *ptr, size_t len, char **ret_meaning)
{
	json_error_t e;
	json_t *v = json_loadb(ptr, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	if (!v) {
		enum json_error_code code = json_error_code(&e);
		bool abstains = code == json_error_numeric_overflow ||
				code == json_error_null_byte_in_key ||
				strncmp(e.text, "invalid Unicode", strlen("invalid Unicode")) == 0;
		return abstains ? ORACLE_ABSTAINS : ORACLE_REFUSES;
	}
	size_t size;
	FILE *out = open_memstream(ret_meaning, &size);
	if (!out)
		abort();
	tell(out, v);
	fclose(out);
	json_decref(v);
	return ORACLE_ACCEPTS;
}
