#include "web/problem.h"

void problem_add(struct problems *p, struct str type, struct str loc, struct str msg,
	struct str input, struct str ctx)
{
	if (p->n < LIMIT_PROBLEMS)
		p->list[p->n++] = (struct problem){
			.type = type, .loc = loc, .msg = msg, .input = input, .ctx = ctx
		};
}
