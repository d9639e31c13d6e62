#include "semconv/opik_type.h"

const struct str opik_types[4] = { { "general", 7 }, { "tool", 4 }, { "llm", 3 },
	{ "guardrail", 9 } };

int opik_type_of_kind(enum kind k)
{
	enum { GENERAL, TOOL, LLM, GUARDRAIL };
	switch (k) {
	case KIND_UNKNOWN:
	case KIND__MAX:
		return -1;
	case KIND_LLM:
	case KIND_EMBEDDING:
		return LLM;
	case KIND_TOOL:
	case KIND_RETRIEVER:
		return TOOL;
	case KIND_GUARDRAIL:
		return GUARDRAIL;
	case KIND_CHAIN:
	case KIND_AGENT:
	case KIND_RERANKER:
	case KIND_EVALUATOR:
		break;
	}
	return GENERAL;
}

enum kind opik_kind_of_type(struct str type)
{
	static const struct {
		const char *type;
		enum kind kind;
	} kinds[] = { { "llm", KIND_LLM }, { "tool", KIND_TOOL }, { "guardrail", KIND_GUARDRAIL },
		{ "general", KIND_CHAIN }, { OPIK_TRACE_TYPE, KIND_CHAIN } };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (str_eq(type, str_from_c(kinds[i].type)))
			return kinds[i].kind;
	return KIND_UNKNOWN;
}
