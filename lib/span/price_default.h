/* Holds the prices that the program knows by itself: share/flatspan/prices, as it is installed. */
#ifndef FLATSPAN_SPAN_PRICE_DEFAULT_H
#define FLATSPAN_SPAN_PRICE_DEFAULT_H

#include "base/str.h"

/* Returns the text of the file. */
struct str price_default_text(void);

#endif
