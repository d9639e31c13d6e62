# With filter_echo_canonical a list shows the filter as upstream does: as the tree it was read into.

=== base /apis/intake/v2/workspaces/w
=== conf
filter_echo_canonical = yes
=== workspace w

--- without a filter there is none in the answer
> GET spans
< 200
<< {"data":[],"pagination":{"page":1,"page_size":10,"current_page_size":0,"total_pages":0,"total_results":0},"sort":"-started_at"}

--- nor with an empty one
> GET spans/groups?by=trace_id
? filter={}
< 200
<< {"data":[],"pagination":{"page":1,"page_size":10,"current_page_size":0,"total_pages":0,"total_results":0},"sort":"-span_count","grouped_by":["trace_id"]}

--- one condition
> GET spans
? filter={"model":"gpt-4"}
< 200
{"filter":{"model":{"$eq":"gpt-4"}},"...":true}

--- several conditions
> GET spans
? filter[model]=gpt-4
? filter[kind]=LLM
< 200
{"filter":{"$and":[{"model":{"$eq":"gpt-4"}},{"kind":{"$eq":"LLM"}}]},"...":true}

--- several operators of a field
> GET traces
? filter={"status":"error","started_at":{"gte":"2026-01-01","$lte":"2026-01-02"}}
< 200
{"filter":{"$and":[{"status":{"$eq":"error"}},{"$and":[{"started_at":{"$gte":"2026-01-01"}},{"started_at":{"$lte":"2026-01-02"}}]}]},"...":true}

--- a list in one text
> GET traces
? filter={"id":{"$in":"a,b"}}
< 200
{"filter":{"id":{"$in":["a","b"]}},"...":true}

--- text
> GET spans
? filter=model:"a" kind:"LLM"
< 200
{"filter":{"$and":[{"model":{"$eq":"a"}},{"kind":{"$eq":"LLM"}}]},"...":true}

--- an explicit $and
> GET spans
? filter={"$and":[{"model":"a"}]}
< 200
{"filter":{"$and":[{"model":{"$eq":"a"}}]},"...":true}
