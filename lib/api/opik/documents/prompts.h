/* Finds and renders prompt versions, for prompts and for experiments that link to them. */
#ifndef FLATSPAN_API_OPIK_DOCUMENTS_PROMPTS_H
#define FLATSPAN_API_OPIK_DOCUMENTS_PROMPTS_H

#include "api/opik/documents/documents.h"

void opik_version_render(struct request *r, const struct document *version,
	const struct document *prompt, struct json_writer *w);
/* Writes "prompt_versions":[{id, commit, prompt_id, prompt_name}] for a list of {"id"}, and nothing
 * when the list is empty. Unknown versions are left out. */
NODISCARD enum err opik_version_links(
	struct request *r, int dir_fd, struct json list, struct json_writer *w);
/* Sets *ret when every version of a list of {"id"} is there. */
NODISCARD enum err opik_versions_are_there(
	struct request *r, int dir_fd, struct json list, bool *ret);

void opik_prompt_create(struct request *r);
void opik_prompt_versions_list(struct request *r);
void opik_prompt_version_create(struct request *r);
void opik_prompt_version_retrieve(struct request *r);
void opik_prompt_version_get(struct request *r);
void opik_prompt_version_by_commit(struct request *r);
void opik_prompt_version_restore(struct request *r);
void opik_prompt_versions_update(struct request *r);
void opik_prompts_by_commits(struct request *r);

#endif
