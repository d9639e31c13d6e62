#include "span/price_default.h"

/* The bytes of share/flatspan/prices as numbers, made by the rule in sources.mk. */
static const char price_default_bytes[] = {
#include "span/price_default.inc"
};

struct str price_default_text(void)
{
	return str_of(price_default_bytes, sizeof price_default_bytes);
}
