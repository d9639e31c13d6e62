/*
 * What of a span or a note is kept from the disk: settings mask_keys, mask_regex and content, and
 * those of the workspace, which can only add to them.  Applied to each before its line is written,
 * whatever it came by; what was masked is never stored.
 *
 * mask_keys: members with these names, at any depth of the JSON fields and in JSON that stands in
 * their strings, have their values replaced by "[masked]"; of a name with dots the last part
 * counts too (http.request.header.authorization), and case does not.  mask_regex: so does whatever
 * matches in a text.  content = none takes input, output, expected answers and tracebacks away, and
 * long texts in attributes and metadata; hash leaves their SHA-256, so that equal ones are seen to
 * be equal.
 *
 * Masking what is masked changes nothing.  Ids, names of models and the like are not touched.
 */
#ifndef FLATSPAN_SPAN_MASK_H
#define FLATSPAN_SPAN_MASK_H

#include "base/conf.h"
#include "span/span.h"

#include <regex.h>

/* As settings say it. Empty: nothing. */
struct mask_rules {
	struct str keys; /* names with commas between */
	struct str regex;
	enum conf_content content;
};

struct mask {
	const struct mask *base; /* whose keys and expressions hold too; NULL: none */
	struct str keys;
	bool has_regex; /* of its own */
	regex_t regex;
	/* Of these and those of the base. */
	bool is_on, has_keys, has_regexes;
	enum conf_content content; /* what keeps more from the disk */
};

/* base: stays where it is as long as m is used. ERR_CONF: the regular expression is none. */
NODISCARD enum err mask_init(
	struct mask *m, const struct mask *base, const struct mask_rules *r, struct arena *a);
/* What the configuration says. */
NODISCARD enum err mask_init_conf(struct mask *m, const struct conf *c, struct arena *a);
void mask_release(struct mask *m);
/* New texts are in the arena. */
void mask_span(const struct mask *m, struct span *s, struct arena *a);
/* A text beside spans, a canonical body. is_content: free text, which is there for its own sake and
 * goes with inputs and outputs; where it must not be missing, "[masked]" stands. */
struct str mask_text(const struct mask *m, struct arena *a, struct str body, bool is_content);
/* A canonical value beside spans, like those of metadata. */
struct str mask_json(const struct mask *m, struct arena *a, struct str value);

#endif
