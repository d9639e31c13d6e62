/*
 * Masks secrets and contents in spans and notes before their lines are written, as the settings
 * mask_keys, mask_regex and content say. The settings of a workspace only add to them. What was
 * masked is never stored.
 *
 * mask_keys: members with these names, at any depth of the JSON fields and in JSON inside of
 * their strings, have their values replaced by "[masked]". The last part of a name with dots
 * counts too (http.request.header.authorization); case does not. mask_regex: matching parts of
 * texts are replaced in the same way. content = none removes input, output, expected answers and
 * tracebacks, and long texts in attributes and metadata; hash stores their SHA-256, so that
 * equal ones can be recognised.
 *
 * Masking a masked span changes nothing. Ids, names of models and similar fields are not
 * touched.
 */
#ifndef FLATSPAN_SPAN_MASK_H
#define FLATSPAN_SPAN_MASK_H

#include "base/conf.h"
#include "span/span.h"

#include <regex.h>

/* The settings. Empty: nothing is masked. */
struct mask_rules {
	struct str keys; /* names with commas between */
	struct str regex;
	enum conf_content content;
};

struct mask {
	const struct mask *base; /* its rules apply too; NULL: none */
	struct str keys;
	bool has_regex; /* of its own */
	regex_t regex;
	/* The union of these rules and the base's. */
	bool is_on, has_keys, has_regexes;
	enum conf_content content; /* the stricter of the two */
};

/* Prepares the rules. base must live as long as m. Returns ERR_CONF when the regular expression is
 * not valid. */
NODISCARD enum err mask_init(
	struct mask *m, const struct mask *base, const struct mask_rules *r, struct arena *a);
/* Prepares the rules of the configuration. */
NODISCARD enum err mask_init_conf(struct mask *m, const struct conf *c, struct arena *a);
void mask_release(struct mask *m);
/* Masks a span. New texts are in the arena. */
void mask_span(const struct mask *m, struct span *s, struct arena *a);
/* Masks a text outside of spans, a canonical body. is_content: free text, which is treated like
 * inputs and outputs; "[masked]" stands where it must not be missing. */
struct str mask_text(const struct mask *m, struct arena *a, struct str body, bool is_content);
/* Masks a canonical value outside of spans, such as the extra members of a note. */
struct str mask_json(const struct mask *m, struct arena *a, struct str value);

#endif
