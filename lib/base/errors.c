#include "base/errors.h"

#include <assert.h>

static const struct {
	int status;
	const char *sentence, *name;
} table[ERR__MAX] = {
#define X(name, status, sentence) { status, sentence, #name },
	ERR_LIST(X)
#undef X
};

int err_status(enum err e)
{
	assert(e < ERR__MAX);
	return table[e].status;
}

const char *err_sentence(enum err e)
{
	assert(e < ERR__MAX);
	return table[e].sentence;
}

const char *err_name(enum err e)
{
	assert(e < ERR__MAX);
	return table[e].name;
}
