/* Reads values that people type: lengths of time, sizes in bytes, times. */
#ifndef FLATSPAN_REPORT_VALUE_H
#define FLATSPAN_REPORT_VALUE_H

#include "base/str.h"

/* Reads 90s, 30m, 2h, 7d or 4w. */
bool value_read_duration(struct str s, int64_t *ret_ns);
/* Reads a number of bytes such as 64M; without a unit it is a number of bytes. */
bool value_read_size(struct str s, uint64_t *ret_bytes);
/* Reads RFC 3339, a date, or a length of time before now_ns. */
bool value_read_time(struct str s, int64_t now_ns, int64_t *ret_ns);

#endif
