/*
 * Tells which optional instructions the processor has, so that a variant of a function can be
 * chosen at run time. Each call costs a load and a test.
 *
 * The answers come from the C library, which has asked the processor already. The compiler's own
 * runtime would ask again in each process that starts, and in a virtual machine each question
 * goes to the host.
 */
#ifndef FLATSPAN_BASE_CPU_H
#define FLATSPAN_BASE_CPU_H

#include <stdbool.h>

#ifdef __x86_64__

#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#define CPU_HAS(libc_name, compiler_name) CPU_FEATURE_ACTIVE(libc_name)
#else
#define CPU_HAS(libc_name, compiler_name) __builtin_cpu_supports(compiler_name)
#endif

static inline bool cpu_has_sse42(void)
{
	return CPU_HAS(SSE4_2, "sse4.2");
}

static inline bool cpu_has_avx2(void)
{
	return CPU_HAS(AVX2, "avx2");
}

static inline bool cpu_has_bmi2(void)
{
	return CPU_HAS(BMI2, "bmi2");
}

static inline bool cpu_has_pclmul(void)
{
	return CPU_HAS(PCLMULQDQ, "pclmul");
}

/* True when carry-less multiplication works on 64 bytes at once. */
static inline bool cpu_has_wide_pclmul(void)
{
	return CPU_HAS(AVX512F, "avx512f") && CPU_HAS(VPCLMULQDQ, "vpclmulqdq");
}

#undef CPU_HAS

#endif

#endif
