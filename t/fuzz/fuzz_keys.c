/*
 * The input is a keys file.  Whatever it says, a key opens it only if the hash of its secret stands
 * there.
 */
#include "fuzz.h"

#include "web/keys.h"

#define SECRET "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE"
#define SECRET_HASH "30329e6672d47ed68335b2af12c129956345c61188152e8218c485bd7d6cc356"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_of((const char *)data, size);
	struct key_record k;
	enum err e = keys_find(text, STR("fsp_AAAAAAAA_" SECRET), 0, &k);
	MUST(e == ERR_OK || e == ERR_UNAUTHORIZED || e == ERR_CONF);
	if (e == ERR_OK) {
		bool has_hash = false;
		for (size_t i = 0; i < size && !has_hash; i++)
			has_hash = str_starts_nocase(str_skip(text, i), STR(SECRET_HASH));
		MUST(has_hash);
		MUST(str_eq(k.id, STR("AAAAAAAA")) && k.roles && k.not_after_ns >= 0);
		MUST(keys_grant(k.workspaces, STR("a,b")) == str_eq(k.workspaces, STR("*")));
	}
	/* Without its prefix it is no key, whatever stands in the file. */
	e = keys_find(text, STR(SECRET), 0, &k);
	MUST(e == ERR_UNAUTHORIZED || e == ERR_CONF);
	return 0;
}
