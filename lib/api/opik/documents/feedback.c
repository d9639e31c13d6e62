/* The family of feedback definitions, which has nothing of its own. */
#include "api/opik/documents/documents.h"

static const struct str opik_feedback_types[] = { { "numerical", 9 }, { "categorical", 11 },
	{ "boolean", 7 } };

static const struct opik_member opik_feedback_members[] = {
	{ .name = "name", .flags = OPIK_MEMBER_REQUIRED },
	{ .name = "description" },
	{ .name = "type",
		.type = OPIK_MEMBER_CHOICE,
		.flags = OPIK_MEMBER_REQUIRED,
		.choices = opik_feedback_types,
		.n_choices = 3 },
	{ .name = "details", .type = OPIK_MEMBER_OBJECT, .flags = OPIK_MEMBER_REQUIRED },
};

const struct opik_family opik_feedback_definitions = {
	.path = { "feedback-definitions", 20 },
	.kind = DOCUMENT_FEEDBACK_DEFINITION,
	.members = OPIK_MEMBERS(opik_feedback_members),
	.missing = { "Feedback definition not found", 29 },
	.taken = { "Feedback already exists", 23 },
};
