/* The traces of data/sample, which are part of the binary, so that a demonstration needs no other
 * file. */
#ifndef FLATSPAN_BIN_TRANSFER_SAMPLE_H
#define FLATSPAN_BIN_TRANSFER_SAMPLE_H

#include "base/str.h"

enum { SAMPLES = 3 };

/* Returns OTLP as JSON. */
struct str sample_text(unsigned i);

#endif
