#include "transfer/sample.h"

#include <assert.h>

/* The assembler includes the files unchanged. */
#define SAMPLE(name) \
	__asm__(".pushsection .rodata\n" \
		".global flatspan_sample_" #name "\n" \
		".global flatspan_sample_" #name "_end\n" \
		"flatspan_sample_" #name ":\n" \
		".incbin \"" FLATSPAN_SOURCE_DIR "/data/sample/" #name ".json\"\n" \
		"flatspan_sample_" #name "_end:\n" \
		".byte 0\n" \
		".popsection\n"); \
	extern const char flatspan_sample_##name[], flatspan_sample_##name##_end[]

SAMPLE(coding);
SAMPLE(research);
SAMPLE(support);

struct str sample_text(unsigned i)
{
	static const struct {
		const char *start, *end;
	} samples[SAMPLES] = {
		{ flatspan_sample_coding, flatspan_sample_coding_end },
		{ flatspan_sample_research, flatspan_sample_research_end },
		{ flatspan_sample_support, flatspan_sample_support_end },
	};
	assert(i < SAMPLES);
	return str_of(samples[i].start, (size_t)(samples[i].end - samples[i].start));
}
