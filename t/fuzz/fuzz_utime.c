/*
 * Any bytes as a time.  What the strict reader takes, the lax one takes as the same; what either
 * takes is written so that it is read back; a day's name is the date of its midnight.
 */
#include "base/utime.h"

#include "fuzz.h"

static void see_time(int64_t ns)
{
	char text[UTIME_TEXT_MAX], day[10];
	int64_t again;
	struct str s = str_of(text, utime_format(ns, text));
	MUST(s.len <= UTIME_TEXT_MAX);
	MUST(utime_parse(s, &again) && again == ns);
	MUST(utime_has_offset(s));
	utime_format_day(utime_day(ns), day);
	MUST(str_starts(s, str_of(day, sizeof day)));
	s = str_of(text, utime_format_us(ns, text));
	/* The first microsecond is not whole: cut, it lies before the first nanosecond. */
	if (ns >= INT64_MIN + NS_PER_US)
		MUST(utime_parse(s, &again) && again <= ns && ns - again < NS_PER_US);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_of((const char *)data, size);
	int64_t strict, lax = 0;
	int32_t day;
	bool is_strict = utime_parse(s, &strict), is_lax = utime_parse_lax(s, &lax);
	bool has_offset = utime_has_offset(s);
	if (is_strict)
		MUST(is_lax && lax == strict && has_offset);
	if (is_lax)
		see_time(lax);
	if (utime_parse_day(s, &day)) {
		char name[10];
		utime_format_day(day, name);
		MUST(str_eq(s, str_of(name, sizeof name)));
		MUST(is_lax && lax == day * NS_PER_DAY && !has_offset);
	}
	return 0;
}
