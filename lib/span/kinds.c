#include "span/kinds.h"

#include <assert.h>

static const struct str kind_names[KIND__MAX] = {
#define X(id, name) [KIND_##name] = { #name, sizeof #name - 1 },
	KIND_LIST(X)
#undef X
};

static const struct str status_names[STATUS__MAX] = {
#define X(id, name, text) [STATUS_##name] = { text, sizeof text - 1 },
	STATUS_LIST(X)
#undef X
};

struct str kind_name(enum kind k)
{
	assert(k < KIND__MAX);
	return kind_names[k];
}

struct str status_name(enum status s)
{
	assert(s < STATUS__MAX);
	return status_names[s];
}

bool kind_from_name(struct str name, enum kind *ret)
{
	for (unsigned k = 0; k < KIND__MAX; k++)
		if (str_eq(name, kind_names[k])) {
			*ret = (enum kind)k;
			return true;
		}
	return false;
}

bool status_from_name(struct str name, enum status *ret)
{
	for (unsigned s = 0; s < STATUS__MAX; s++)
		if (str_eq(name, status_names[s])) {
			*ret = (enum status)s;
			return true;
		}
	return false;
}
