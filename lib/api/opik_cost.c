#include "api/opik_cost.h"

#include "query/path.h"

/* metadata.cost: {"currency":"USD","total_cost":n} */
static struct str cost_of_metadata(const struct span *s)
{
	double d;
	struct json cost = json_get(json_open(span_text(s, FIELD_METADATA)), STR("cost"));
	struct json total = json_get(cost, STR("total_cost"));
	struct json currency = json_get(cost, STR("currency"));
	if (total.type != JSON_NUMBER || !json_body_is(json_body(currency), STR("USD")) ||
		!json_to_double(total, &d) || d <= 0)
		return STR_NULL;
	return total.raw;
}

void opik_cost(struct span *s, struct arena *a)
{
	(void)a;
	if (span_has(s, FIELD_COST_TOTAL_USD) && !span_has(s, FIELD_COST_DETAILS))
		return;
	span_unset(s, FIELD_COST_TOTAL_USD);
	span_unset(s, FIELD_COST_DETAILS);
	struct str cost = cost_of_metadata(s);
	if (str_is_null(cost))
		return;
	span_set_text(s, FIELD_COST_TOTAL_USD, cost);
	span_set_text(s, FIELD_COST_DETAILS, STR("{\"version\":\"1.1\"}"));
}
