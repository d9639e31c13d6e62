#include "query/query.h"

void query_init(struct query *q)
{
	*q = (struct query){ .from_ns = INT64_MIN, .to_ns = INT64_MAX };
}
