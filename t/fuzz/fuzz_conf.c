/*
 * Any bytes as settings.  Either all of them are taken, or none, with a sentence that says why.
 */
#include "base/conf.h"

#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct conf c, before;
	struct str message = STR_NULL;
	arena_init(&a, (size_t)1 << 30);
	conf_defaults(&c);
	memcpy(&before, &c, sizeof c); /* its padding too */
	if (conf_parse(&c, &a, str_of((const char *)data, size), &message) == ERR_OK) {
		MUST(str_is_null(message));
		MUST(c.root.len > 0 && c.lock_ms >= 0 && c.query_ms >= 0 && c.requests >= 0);
		MUST(c.auth <= CONF_AUTH_OFF && c.sync <= CONF_SYNC_NONE);
	} else {
		MUST(message.len > 0 && message.len < 400);
		MUST(memcmp(&c, &before, sizeof c) == 0);
	}
	arena_release(&a);
	return 0;
}
