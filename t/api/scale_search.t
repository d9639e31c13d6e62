# POST /v5/spans/search: pages, cursors, order, the window, and every filter.

=== base /v5/spans
=== lines w 2026-03-02
defaults {"source":"scale","trace_id":"t","session_id":"s","kind":"UNKNOWN","native_type":"STANDALONE","status":"success","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"c","trace_id":"t1","started_at":"2026-03-01T00:00:00Z"}
{"span_id":"a","trace_id":"t2","started_at":"2026-03-01T00:00:00Z"}
{"span_id":"B","trace_id":"t1","started_at":"2026-03-01T00:00:00Z"}
{"span_id":"early","trace_id":"t9","started_at":"2026-02-28T23:59:59.999999999Z"}
{"span_id":"late","trace_id":"t0","started_at":"2026-03-01T00:00:00.000000001Z"}
=== workspace empty

=== lines sorts 2026-03-02
defaults {"source":"otel","trace_id":"t","session_id":"s","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"none"}
{"span_id":"zero","ended_at":"2026-03-01T00:00:00Z","input_tokens":0,"output_tokens":0}
{"span_id":"one","ended_at":"2026-03-01T00:00:01Z","input_tokens":9,"output_tokens":1}
{"span_id":"two","ended_at":"2026-03-01T00:00:00.0004Z","input_tokens":10,"output_tokens":2}

=== lines twins 2026-03-02
defaults {"source":"scale","session_id":"s","status":"success","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"same","trace_id":"t1","started_at":"2026-03-01T00:00:01Z"}
{"span_id":"between","trace_id":"t1","started_at":"2026-03-01T00:00:02Z"}
{"span_id":"same","trace_id":"t2","started_at":"2026-03-01T00:00:03Z"}
{"span_id":"last","trace_id":"t2","started_at":"2026-03-01T00:00:04Z"}
{"span_id":"last","trace_id":"t2","started_at":"2026-03-01T00:00:04Z","source":"otel"}

=== lines f 2026-03-02
defaults {"source":"scale","session_id":"s","kind":"UNKNOWN","native_type":"STANDALONE","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"root","trace_id":"t1","name":"run agent","session_id":"g1","native_type":"AGENT_WORKFLOW","kind":"AGENT","agent_name":"bot","agent_id":"7","metadata":{"__source__":"agentex","__acp_type__":"sync","__agent_name__":"bot","__agent_id__":"7","env":"prod","n":1,"list":["a",2],"o":{"x":1},"null":null,"$or":1,"a.b":"dot","q\"\\":"q","true":true}}
{"span_id":"child","trace_id":"t1","parent_span_id":"root","name":"Run","session_id":"g1","native_type":"COMPLETION","kind":"LLM","status":"error","application_variant_id":"v1","ended_at":"2026-03-01T00:00:01Z","metadata":{"__acp_type__":"async","env":"dev","n":"1","list":["b"]}}
{"span_id":"leaf","trace_id":"t1","parent_span_id":"child","name":"run","native_type":"KB_RETRIEVAL","kind":"RETRIEVER","status":"cancelled","application_variant_id":"v2","ended_at":"2026-03-01T00:00:01.0004Z","metadata":{"n":1.0}}
{"span_id":"orphan","trace_id":"t2","parent_span_id":"gone","name":"x","native_type":"CUSTOM","ended_at":"2026-03-01T00:00:00Z"}
{"span_id":"other","trace_id":"t3","source":"otel","parent_span_id":"","name":"o","native_type":"<absent>","kind":"LLM","status":"<absent>","session_id":"g2","model":"gpt","agent_name":"bot","total_tokens":7,"tags":["t1","t2"],"attributes":{"env":"prod","__acp_type__":"sync"}}
{"span_id":"opik","trace_id":"t3","source":"opik","name":"o","native_type":"tool","kind":"TOOL","status":"unknown"}

=== lines micro 2026-03-02
defaults {"source":"otel","trace_id":"t","session_id":"s","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"under","ended_at":"2026-03-01T00:00:01.000000999Z"}
{"span_id":"over","ended_at":"2026-03-01T00:00:01.000001Z"}

=== lines text 2026-03-02
defaults {"source":"scale","session_id":"s","trace_id":"0af76519-16cd-43dd-8448-eb211c80319c","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"1","name":"rerank documents","input":{"query":"The Quick-brown fox","n":404}}
{"span_id":"2","name":"x","output":{"text":"quicksand; don't panic: 100% \"sure\"\nsecond line"}}
{"span_id":"3","name":"x","metadata":{"note":"brown fox quick"},"input":["a","b"]}
{"span_id":"4","name":"quick_rank","input":{"text":"Straße ÜBER alles, back\\slash"}}
{"span_id":"5","name":"x","trace_id":"11111111-2222-3333-4444-5555aaaaBBBB","expected":{"t":"fox"}}
{"span_id":"6","name":"x","source":"otel","trace_id":"0af7651916cd43dd8448eb211c80319d","attributes":{"a":"vixen"},"error_message":"Connection refused","input":"one two three four five six seven eight nine"}

# ---- order and pages ----

--- spans by start, ties by trace id and id as bytes
> POST search
> x-selected-account-id: w
>> {}
< 200 ordered
{"object":"list","items":[{"id":"early","...":true},{"id":"B","...":true},{"id":"c","...":true},{"id":"a","...":true},{"id":"late","...":true}],
 "limit":100,"total":5,"has_more":false}

--- descending is the mirror image
> POST search?sort_order=desc
> x-selected-account-id: w
>> {}
< 200
{"object":"list","items":[{"id":"late","...":true},{"id":"a","...":true},{"id":"c","...":true},{"id":"B","...":true},{"id":"early","...":true}],
 "limit":100,"total":5,"has_more":false}

--- a first page says how to go on
> POST search?limit=2
> x-selected-account-id: w
>> {}
< 200
{"object":"list","items":[{"id":"early","...":true},{"id":"B","...":true}],"limit":2,"total":5,"has_more":true,"next_cursor":"<set next>"}

--- the next page by the last id, as the SDK asks for it
> POST search?limit=2&starting_after=B
> x-selected-account-id: w
>> {}
< 200
{"object":"list","items":[{"id":"c","...":true},{"id":"a","...":true}],"limit":2,"total":5,"has_more":true,"next_cursor":"*","prev_cursor":"<set prev>"}

--- the next page by our own cursor is the same
> POST search?limit=2
> x-selected-account-id: w
? starting_after={{next}}
>> {}
< 200
{"object":"list","items":[{"id":"c","...":true},{"id":"a","...":true}],"limit":2,"total":5,"has_more":true,"next_cursor":"<set next2>","prev_cursor":"*"}

--- the last page
> POST search?limit=2
> x-selected-account-id: w
? starting_after={{next2}}
>> {}
< 200
{"object":"list","items":[{"id":"late","...":true}],"limit":2,"total":5,"has_more":false,"prev_cursor":"*"}

--- behind the last span there is an empty page
> POST search?limit=2&starting_after=late
> x-selected-account-id: w
>> {}
< 200
{"object":"list","items":[],"limit":2,"total":5,"has_more":false}

--- a page backward is in the order asked for
> POST search?limit=2&ending_before=late
> x-selected-account-id: w
>> {}
< 200
{"object":"list","items":[{"id":"c","...":true},{"id":"a","...":true}],"limit":2,"total":5,"has_more":true,"next_cursor":"*","prev_cursor":"<set back>"}

--- further backward by the first id
> POST search?limit=2&ending_before=c
> x-selected-account-id: w
>> {}
< 200
{"object":"list","items":[{"id":"early","...":true},{"id":"B","...":true}],"limit":2,"total":5,"has_more":false,"next_cursor":"*"}

--- further backward by our own cursor
> POST search?limit=2
> x-selected-account-id: w
? ending_before={{back}}
>> {}
< 200
{"object":"list","items":[{"id":"early","...":true},{"id":"B","...":true}],"limit":2,"total":5,"has_more":false,"next_cursor":"*"}

--- ahead of the first span there is an empty page
> POST search?ending_before=early
> x-selected-account-id: w
>> {}
< 200
{"object":"list","items":[],"limit":100,"total":5,"has_more":false}

--- backward and descending
> POST search?limit=2&ending_before=B&sort_order=desc
> x-selected-account-id: w
>> {}
< 200
{"items":[{"id":"a","...":true},{"id":"c","...":true}],"has_more":true,"...":true}

--- forward and descending
> POST search?limit=2&starting_after=a&sort_order=desc
> x-selected-account-id: w
>> {}
< 200
{"items":[{"id":"c","...":true},{"id":"B","...":true}],"has_more":true,"...":true}

--- a cursor of a span that does not match is a place all the same
> POST search?starting_after=c
> x-selected-account-id: w
>> {"trace_ids":["t2","t0"]}
< 200
{"items":[{"id":"a","...":true},{"id":"late","...":true}],"total":2,"has_more":false,"...":true}

--- (also where one trace is asked for, which is another)
> POST search?starting_after=c
> x-selected-account-id: w
>> {"trace_ids":["t2"]}
< 200
{"items":[{"id":"a","...":true}],"total":1,"has_more":false,"...":true}

--- total counts what matches, cursor and limit or not
> POST search?starting_after=early&limit=1
> x-selected-account-id: w
>> {"excluded_span_ids":["late"]}
< 200
{"items":[{"id":"B","...":true}],"limit":1,"total":4,"has_more":true,"...":true}

--- a cursor that is no span's
> POST search?starting_after=nope
> x-selected-account-id: w
>> {}
< 400
{"detail":"starting_after: no span with id 'nope'"}

--- (backward)
> POST search?ending_before=c1.AAAA
> x-selected-account-id: w
>> {}
< 400
{"detail":"ending_before: no span with id 'c1.AAAA'"}

--- two cursors
> POST search?ending_before=a&starting_after=B
> x-selected-account-id: w
>> {}
< 422
{"detail":[{"type":"value_error","loc":["query","ending_before"],"msg":"Value error, starting_after and ending_before exclude one another","ctx":"*"}]}

--- empty parameters are not set
> POST search?ending_before=&starting_after=&sort_by=
> x-selected-account-id: w
>> {}
< 200
{"total":5,"...":true}

--- the default order by name
> POST search?sort_by=start_timestamp&limit=1
> x-selected-account-id: w
>> {}
< 200
{"items":[{"id":"early","...":true}],"...":true}

--- by duration, none counting as zero
> POST search?sort_by=duration_ms
> x-selected-account-id: sorts
>> {}
< 200
{"items":[{"id":"none","...":true},{"id":"zero","...":true},{"id":"two","...":true},{"id":"one","...":true}],"...":true}

--- by duration, descending
> POST search?sort_by=duration_ms&sort_order=desc&limit=3
> x-selected-account-id: sorts
>> {}
< 200
{"items":[{"id":"one","...":true},{"id":"two","...":true},{"id":"zero","...":true}],"next_cursor":"<set bylength>","...":true}

--- a cursor of one order used with another stands where the span stands in that
> POST search?sort_by=input_tokens
> x-selected-account-id: sorts
? starting_after={{bylength}}
>> {}
< 200
{"items":[{"id":"one","...":true},{"id":"two","...":true}],"...":true}

--- by input tokens, none counting as zero
> POST search?sort_by=input_tokens
> x-selected-account-id: sorts
>> {}
< 200
{"items":[{"id":"none","...":true},{"id":"zero","...":true},{"id":"one","...":true},{"id":"two","...":true}],"...":true}

--- by output tokens, from a span without
> POST search?sort_by=output_tokens&starting_after=none
> x-selected-account-id: sorts
>> {}
< 200
{"items":[{"id":"zero","...":true},{"id":"one","...":true},{"id":"two","...":true}],"...":true}

--- an order that is not there
> POST search?sort_by=name
> x-selected-account-id: w
>> {}
< 422
{"detail":[{"type":"enum","loc":["query","sort_by"],"msg":"Input should be 'start_timestamp', 'duration_ms', 'input_tokens' or 'output_tokens'","input":"name",
 "ctx":{"expected":"'start_timestamp', 'duration_ms', 'input_tokens' or 'output_tokens'"}}]}

--- one id in two traces: paging takes the farther one, so that it ends
> POST search?starting_after=same
> x-selected-account-id: twins
>> {}
< 200
{"items":[{"id":"last","metadata":"*","...":true},{"id":"last","...":true}],"total":5,"...":true}

--- (backward)
> POST search?ending_before=same
> x-selected-account-id: twins
>> {}
< 200
{"items":[],"total":5,"...":true}

--- one id in two traces, one trace asked for
> POST search?starting_after=same
> x-selected-account-id: twins
>> {"trace_ids":["t1"]}
< 200
{"items":[{"id":"between","...":true}],"total":2,"...":true}

--- our own cursor tells them apart
> POST search?limit=1
> x-selected-account-id: twins
>> {}
< 200
{"items":[{"id":"same","trace_id":"t1","...":true}],"next_cursor":"<set same>","...":true}

--- (behind the first of the two)
> POST search?limit=1
> x-selected-account-id: twins
? starting_after={{same}}
>> {}
< 200
{"items":[{"id":"between","...":true}],"...":true}

--- two spans that differ in their source only
> POST search?limit=4
> x-selected-account-id: twins
>> {}
< 200
{"items":["*","*","*",{"id":"last","metadata":{"source":"otel"},"...":true}],"next_cursor":"<set source>","has_more":true,"...":true}

--- (the other one)
> POST search?limit=4
> x-selected-account-id: twins
? starting_after={{source}}
>> {}
< 200
{"items":[{"id":"last","...":true}],"has_more":false,"...":true}

--- an account without spans
> POST search
> x-selected-account-id: empty
>> {}
< 200
{"object":"list","items":[],"limit":100,"total":0,"has_more":false}

# ---- parameters ----

--- what is wrong with the parameters is told at once
> POST search?limit=0&sort_order=up&from_ts=yesterday&to_ts=2026-13-01
> x-selected-account-id: w
>> {}
< 422
{"detail":[
 {"type":"greater_than_equal","loc":["query","limit"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}},
 {"type":"enum","loc":["query","sort_order"],"msg":"Input should be 'asc' or 'desc'","input":"up","ctx":{"expected":"'asc' or 'desc'"}},
 {"type":"datetime_from_date_parsing","loc":["query","from_ts"],"msg":"Input should be a valid datetime or date, input is too short","input":"yesterday","ctx":{"error":"input is too short"}},
 {"type":"datetime_from_date_parsing","loc":["query","to_ts"],"msg":"Input should be a valid datetime or date, month value is outside expected range of 1-12","input":"2026-13-01","ctx":"*"}]}

--- 10000 is the largest page
> POST search?limit=10000
> x-selected-account-id: w
>> {}
< 200
{"limit":10000,"total":5,"...":true}

--- one more is too many
> POST search?limit=10001
> x-selected-account-id: w
>> {}
< 422
{"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 10000","input":"10001","ctx":{"le":10000}}]}

--- a limit that is no number
> POST search?limit=ten
> x-selected-account-id: w
>> {}
< 422
{"detail":[{"type":"int_parsing","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"ten"}]}

--- unknown parameters, and the newer ones that ask for less, are no matter
> POST search?allow_partial_results=true&allow_short_pages=true&x=y
> x-selected-account-id: w
> x-project-id: p
>> {"unknown":{"a":1}}
< 200
{"total":5,"...":true}

# ---- the window ----

--- both ends are included, to the nanosecond
> POST search?from_ts=2026-03-01T00:00:00Z&to_ts=2026-03-01T00:00:00Z
> x-selected-account-id: w
>> {}
< 200
{"items":[{"id":"B","...":true},{"id":"c","...":true},{"id":"a","...":true}],"total":3,"...":true}

--- only a beginning
> POST search?from_ts=2026-03-01T00:00:00.000000001Z
> x-selected-account-id: w
>> {}
< 200
{"items":[{"id":"late","...":true}],"total":1,"...":true}

--- an end beyond all times is none
> POST search?from_ts=2026-03-01T00:00:00.000000001Z&to_ts=9999-12-31T23:59:59Z
> x-selected-account-id: w
>> {}
< 200
{"items":[{"id":"late","...":true}],"total":1,"...":true}

--- only an end, with an offset whose plus became a blank
> POST search?to_ts=2026-03-01T00:59:59.999999999+01:00
> x-selected-account-id: w
>> {}
< 200
{"items":[{"id":"early","...":true}],"total":1,"...":true}

--- seconds, and a time without offset
> POST search?from_ts=1772323200&to_ts=2026-03-01T00:00:00
> x-selected-account-id: w
>> {}
< 200
{"total":3,"...":true}

--- days and hours that are not there
> POST search?from_ts=2026-02-29&to_ts=2026-03-01T25:00:00Z
> x-selected-account-id: w
>> {}
< 422
{"detail":[
 {"type":"datetime_from_date_parsing","loc":["query","from_ts"],"msg":"Input should be a valid datetime or date, day value is outside expected range","input":"2026-02-29","ctx":{"error":"day value is outside expected range"}},
 {"type":"datetime_from_date_parsing","loc":["query","to_ts"],"msg":"Input should be a valid datetime or date, unexpected extra characters at the end of the input","input":"2026-03-01T25:00:00Z","ctx":"*"}]}

--- a window that ends before it begins
> POST search?from_ts=2026-03-01T00:00:01Z&to_ts=2026-03-01T00:00:00Z
> x-selected-account-id: w
>> {}
< 422
{"detail":[{"type":"value_error","loc":["query","from_ts"],"msg":"Value error, from_ts must not be after to_ts","ctx":"*"}]}

# ---- the body ----

--- no body
> POST search
> x-selected-account-id: w
< 422
{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}

--- a body that is no object
> POST search
> x-selected-account-id: w
>> []
< 422
{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"*","input":[]}]}

--- null is none either
> POST search
> x-selected-account-id: w
>> null
< 422
{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}

--- no JSON
> POST search
> x-selected-account-id: w
>> {"parents_only":tru}
< 422
{"detail":[{"type":"json_invalid","loc":["body",16],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}]}

--- every member of a wrong type is told
> POST search
> x-selected-account-id: w
>> {"parents_only":"maybe","span_ids":"a","trace_ids":[1],"group_id":7,"statuses":["CANCELLED"],"types":["LLM"],"search_texts":[null],
>>  "extra_metadata":[],"min_duration_ms":1.5,"max_duration_ms":"x","spans":[{"trace_id":"t"}],"excluded_spans":[[]]}
< 422
{"detail":[
 {"type":"bool_parsing","loc":["body","parents_only"],"msg":"Input should be a valid boolean, unable to interpret input","input":"maybe"},
 {"type":"list_type","loc":["body","span_ids"],"msg":"Input should be a valid list","input":"a"},
 {"type":"string_type","loc":["body","trace_ids",0],"msg":"Input should be a valid string","input":1},
 {"type":"string_type","loc":["body","group_id"],"msg":"*","input":7},
 {"type":"enum","loc":["body","statuses",0],"msg":"Input should be 'SUCCESS', 'ERROR' or 'CANCELED'","input":"CANCELLED","ctx":"*"},
 {"type":"enum","loc":["body","types",0],"msg":"*","input":"LLM","ctx":"*"},
 {"type":"string_type","loc":["body","search_texts",0],"msg":"*","input":null},
 {"type":"dict_type","loc":["body","extra_metadata"],"msg":"Input should be a valid dictionary","input":[]},
 {"type":"int_from_float","loc":["body","min_duration_ms"],"msg":"Input should be a valid integer, got a number with a fractional part","input":1.5},
 {"type":"int_parsing","loc":["body","max_duration_ms"],"msg":"*","input":"x"},
 {"type":"missing","loc":["body","spans",0,"span_id"],"msg":"Field required","input":{"trace_id":"t"}},
 {"type":"model_attributes_type","loc":["body","excluded_spans",0],"msg":"*","input":[]}]}

--- null and empty lists ask for nothing
> POST search
> x-selected-account-id: w
>> {"parents_only":null,"span_ids":[],"trace_ids":null,"names":[],"types":[],"statuses":[],"search_texts":[],"extra_metadata":{},"spans":[ ],
>>  "excluded_spans":[],"min_duration_ms":null,"group_id":null,"assessment_types":[],"acp_types":[],"obs_trace_ids":[],"obs_span_ids":null}
< 200
{"total":5,"...":true}

--- what only the newer service knows
> POST search
> x-selected-account-id: w
>> {"obs_trace_ids":["0af7651916cd43dd8448eb211c80319c"],"obs_span_ids":["00f067aa0ba902b7"]}
< 422
{"detail":[{"type":"value_error","loc":["body","obs_trace_ids"],"msg":"Value error, obs_trace_ids is not supported","ctx":"*"},
 {"type":"value_error","loc":["body","obs_span_ids"],"msg":"*","ctx":"*"}]}

--- 10000 ids are the most, a pair counts as two
> POST search
> x-selected-account-id: w
>> {"span_ids":["early",{{9996*"x",*}}"y"],"spans":[{"trace_id":"t9","span_id":"early"}]}
< 200
{"items":[{"id":"early","...":true}],"total":1,"...":true}

--- one more is too many
> POST search
> x-selected-account-id: w
>> {"span_ids":["early",{{9996*"x",*}}"y"],"excluded_trace_ids":["a"],"excluded_spans":[{"trace_id":"t9","span_id":"early"}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, at most 10000 ids in all lists together, not 10001","ctx":"*"}]}

# ---- filters ----

--- roots have no parent, or an empty one; orphans are none
> POST search
> x-selected-account-id: f
>> {"parents_only":true}
< 200
{"items":[{"id":"root","...":true},{"id":"opik","...":true},{"id":"other","...":true}],"total":3,"...":true}

--- parents_only false asks for nothing
> POST search
> x-selected-account-id: f
>> {"parents_only":false}
< 200
{"total":6,"...":true}

--- span ids, exact
> POST search
> x-selected-account-id: f
>> {"span_ids":["root","LEAF","orphan"]}
< 200
{"items":[{"id":"root","...":true},{"id":"orphan","...":true}],"total":2,"...":true}

--- trace ids and excluded spans
> POST search
> x-selected-account-id: f
>> {"trace_ids":["t1","t2"],"excluded_span_ids":["root","leaf"]}
< 200
{"items":[{"id":"child","...":true},{"id":"orphan","...":true}],"total":2,"...":true}

--- excluded traces
> POST search
> x-selected-account-id: f
>> {"excluded_trace_ids":["t1","t3"]}
< 200
{"items":[{"id":"orphan","...":true}],"total":1,"...":true}

--- long lists
> POST search
> x-selected-account-id: f
>> {"trace_ids":["t1","1","2","3","4","5","6","7","8","9"],"excluded_span_ids":["root","1","2","3","4","5","6","7","8","9"]}
< 200
{"items":[{"id":"child","...":true},{"id":"leaf","...":true}],"total":2,"...":true}

--- parents
> POST search
> x-selected-account-id: f
>> {"parent_ids":["root","gone"]}
< 200
{"items":[{"id":"child","...":true},{"id":"orphan","...":true}],"total":2,"...":true}

--- pairs of trace and span
> POST search
> x-selected-account-id: f
>> {"spans":[{"trace_id":"t1","span_id":"leaf"},{"trace_id":"t2","span_id":"root"},{"trace_id":"t3","span_id":"opik"}]}
< 200
{"items":[{"id":"leaf","...":true},{"id":"opik","...":true}],"total":2,"...":true}

--- pairs and ids must both hold
> POST search
> x-selected-account-id: f
>> {"spans":[{"trace_id":"t1","span_id":"leaf"},{"trace_id":"t3","span_id":"opik"}],"span_ids":["opik","root"]}
< 200
{"items":[{"id":"opik","...":true}],"total":1,"...":true}

--- excluded pairs go before excluded ids
> POST search
> x-selected-account-id: f
>> {"excluded_spans":[{"trace_id":"t1","span_id":"root"},{"trace_id":"t1","span_id":"orphan"}],"excluded_span_ids":["orphan"]}
< 200
{"items":[{"id":"child","...":true},{"id":"leaf","...":true},{"id":"orphan","...":true},{"id":"opik","...":true},{"id":"other","...":true}],"total":5,"...":true}

--- a group, of whatever dialect
> POST search
> x-selected-account-id: f
>> {"group_id":"g2"}
< 200
{"items":[{"id":"other","group_id":"g2","...":true}],"total":1,"...":true}

--- names, with case
> POST search
> x-selected-account-id: f
>> {"names":["run","x","run agent"]}
< 200
{"items":[{"id":"leaf","...":true},{"id":"root","...":true},{"id":"orphan","...":true}],"total":3,"...":true}

--- a status; unknown ones count as success
> POST search
> x-selected-account-id: f
>> {"statuses":["SUCCESS"]}
< 200
{"items":[{"id":"root","status":"SUCCESS","...":true},{"id":"orphan","...":true},{"id":"opik","status":"SUCCESS","...":true},{"id":"other","status":"SUCCESS","...":true}],"total":4,"...":true}

--- several statuses
> POST search
> x-selected-account-id: f
>> {"statuses":["ERROR","CANCELED"]}
< 200
{"items":[{"id":"child","...":true},{"id":"leaf","...":true}],"total":2,"...":true}

--- a type finds spans of the kind that others wrote
> POST search
> x-selected-account-id: f
>> {"types":["COMPLETION"]}
< 200
{"items":[{"id":"child","type":"COMPLETION","...":true},{"id":"other","type":"COMPLETION","...":true}],"total":2,"...":true}

--- types, where one stands for several kinds
> POST search
> x-selected-account-id: f
>> {"types":["CUSTOM","KB_RETRIEVAL"]}
< 200
{"items":[{"id":"leaf","...":true},{"id":"orphan","...":true},{"id":"opik","type":"CUSTOM","...":true}],"total":3,"...":true}

--- a type that no kind stands for
> POST search
> x-selected-account-id: f
>> {"types":["TRACER","CODE_EXECUTION"]}
< 200
{"items":[],"total":0,"...":true}

--- application variants
> POST search
> x-selected-account-id: f
>> {"application_variant_ids":["v2","v3"]}
< 200
{"items":[{"id":"leaf","...":true}],"total":1,"...":true}

--- metadata, a key
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"env":"prod"}}
< 200
{"items":[{"id":"root","...":true},{"id":"other","...":true}],"total":2,"...":true}

--- metadata, any value of a list
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"env":["prod","dev"]}}
< 200
{"total":3,"...":true}

--- metadata, all keys
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"env":"prod","n":1}}
< 200
{"items":[{"id":"root","...":true}],"total":1,"...":true}

--- metadata, numbers by value and never texts
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"n":1.00}}
< 200
{"items":[{"id":"leaf","...":true},{"id":"root","...":true}],"total":2,"...":true}

--- metadata, a text that looks like a number
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"n":"1"}}
< 200
{"items":[{"id":"child","...":true}],"total":1,"...":true}

--- metadata, an element of a stored list
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"list":["b","c"]}}
< 200
{"items":[{"id":"child","...":true}],"total":1,"...":true}

--- metadata, null, true, objects, and keys that look like something else
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"null":null,"true":true,"o":{"x":1.0},"$or":1,"a.b":"dot","q\"\\":"q"}}
< 200
{"items":[{"id":"root","...":true}],"total":1,"...":true}

--- metadata, $or is a key like any other
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"$or":[{"env":"prod"},{"env":"dev"}]}}
< 200
{"total":0,"...":true}

--- metadata, what is not there
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"o.x":1}}
< 200
{"total":0,"...":true}

--- metadata that stands for a field of another dialect
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"model":["gpt","x"],"total_tokens":7.0,"tags":"t2","kind":"LLM","source":"otel","__agent_name__":"bot"}}
< 200
{"items":[{"id":"other","...":true}],"total":1,"...":true}

--- (of the wrong type)
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"total_tokens":"7"}}
< 200
{"total":0,"...":true}

--- (not of Scale's own spans, which show their metadata only)
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{"kind":"RETRIEVER"}}
< 200
{"total":0,"...":true}

--- 64 keys are the most
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{ {{63*"n":1,*}}"n":1}}
< 200
{"total":2,"...":true}

--- 65 are too many
> POST search
> x-selected-account-id: f
>> {"extra_metadata":{ {{64*"n":1,*}}"n":1}}
< 422
{"detail":[{"type":"too_long","loc":["body","extra_metadata"],"msg":"Dictionary should have at most 64 items after validation, not 65","ctx":"*"}]}

--- Agentex's types
> POST search
> x-selected-account-id: f
>> {"acp_types":["sync"]}
< 200
{"items":[{"id":"root","...":true},{"id":"other","...":true}],"total":2,"...":true}

--- Agentex's names and ids
> POST search
> x-selected-account-id: f
>> {"agentex_agent_names":["bot","x"],"agentex_agent_ids":["7"]}
< 200
{"items":[{"id":"root","...":true}],"total":1,"...":true}

--- durations include their bounds, and spans without an end are in none
> POST search
> x-selected-account-id: f
>> {"min_duration_ms":0,"max_duration_ms":1000}
< 200
{"items":[{"id":"child","...":true},{"id":"orphan","...":true}],"total":2,"...":true}

--- a part of a millisecond counts
> POST search
> x-selected-account-id: f
>> {"min_duration_ms":1000}
< 200
{"items":[{"id":"child","...":true},{"id":"leaf","...":true}],"total":2,"...":true}

--- (a part of a microsecond does not)
> POST search
> x-selected-account-id: micro
>> {"max_duration_ms":1000}
< 200
{"items":[{"id":"under","...":true}],"total":1,"...":true}

--- durations past any
> POST search
> x-selected-account-id: f
>> {"min_duration_ms":9223372036854775807}
< 200
{"total":0,"...":true}

--- (below any)
> POST search
> x-selected-account-id: f
>> {"min_duration_ms":-9223372036854775808,"max_duration_ms":9223372036854775807}
< 200
{"total":3,"...":true}

# ---- free text ----

--- a word is a whole word of input, output and metadata, in any case
> POST search
> x-selected-account-id: text
>> {"search_texts":["QUICK"]}
< 200
{"items":[{"id":"1","...":true},{"id":"3","...":true},{"id":"4","...":true}],"total":3,"...":true}

--- in the name it is a substring
> POST search
> x-selected-account-id: text
>> {"search_texts":["rank"]}
< 200
{"items":[{"id":"1","...":true},{"id":"4","...":true}],"total":2,"...":true}

--- keys are text too, expected is not
> POST search
> x-selected-account-id: text
>> {"search_texts":["query"]}
< 200
{"items":[{"id":"1","...":true}],"total":1,"...":true}

--- words are a phrase, whatever separates them
> POST search
> x-selected-account-id: text
>> {"search_texts":["quick  brown"]}
< 200
{"items":[{"id":"1","...":true}],"total":1,"...":true}

--- a phrase in a name
> POST search
> x-selected-account-id: text
>> {"search_texts":["rank doc"]}
< 200
{"items":[{"id":"1","...":true}],"total":1,"...":true}

--- all terms must be found, each anywhere
> POST search
> x-selected-account-id: text
>> {"search_texts":["fox"," brown ","documents"]}
< 200
{"items":[{"id":"1","...":true}],"total":1,"...":true}

--- eight words are a phrase
> POST search
> x-selected-account-id: text
>> {"search_texts":["two three four five six seven eight nine"]}
< 200
{"items":[{"id":"6","...":true}],"total":1,"...":true}

--- (of whole words)
> POST search
> x-selected-account-id: text
>> {"search_texts":["two three four five six seven eight nin"]}
< 200
{"total":0,"...":true}

--- nine words are a substring
> POST search
> x-selected-account-id: text
>> {"search_texts":["ne two three four five six seven eight ni"]}
< 200
{"items":[{"id":"6","...":true}],"total":1,"...":true}

--- punctuation makes a substring, of what the text says
> POST search
> x-selected-account-id: text
>> {"search_texts":["n't pan","00% \"sur"]}
< 200
{"items":[{"id":"2","...":true}],"total":1,"...":true}

--- a line feed is a line feed, and an n is an n
> POST search
> x-selected-account-id: text
>> {"search_texts":["sure\"\nsecond"]}
< 200
{"items":[{"id":"2","...":true}],"total":1,"...":true}

--- (not the letter after a backslash)
> POST search
> x-selected-account-id: text
>> {"search_texts":["\"nsecond\""]}
< 200
{"total":0,"...":true}

--- other letters than ASCII make a substring, with their case
> POST search
> x-selected-account-id: text
>> {"search_texts":["traß","ÜBER"]}
< 200
{"items":[{"id":"4","...":true}],"total":1,"...":true}

--- (the other case)
> POST search
> x-selected-account-id: text
>> {"search_texts":["über"]}
< 200
{"total":0,"...":true}

--- quoted text is literal
> POST search
> x-selected-account-id: text
>> {"search_texts":["\"quick-BROWN\""]}
< 200
{"items":[{"id":"1","...":true}],"total":1,"...":true}

--- (not across separators)
> POST search
> x-selected-account-id: text
>> {"search_texts":["\"quick brown\""]}
< 200
{"total":0,"...":true}

--- quoted text may hold quotes and backslashes
> POST search
> x-selected-account-id: text
>> {"search_texts":["\"% \\\"sure\\\"\""]}
< 200
{"items":[{"id":"2","...":true}],"total":1,"...":true}

--- (backslashes)
> POST search
> x-selected-account-id: text
>> {"search_texts":["\"back\\\\slash\""]}
< 200
{"items":[{"id":"4","...":true}],"total":1,"...":true}

--- quoted text stands inside one text, not a number, not across
> POST search
> x-selected-account-id: text
>> {"search_texts":["\"404\""]}
< 200
{"total":0,"...":true}

--- a quote that does not end is a character
> POST search
> x-selected-account-id: text
>> {"search_texts":["\"sure"]}
< 200
{"items":[{"id":"2","...":true}],"total":1,"...":true}

--- a number is found as a word
> POST search
> x-selected-account-id: text
>> {"search_texts":["404"]}
< 200
{"items":[{"id":"1","...":true}],"total":1,"...":true}

--- a UUID is the trace, in any case
> POST search
> x-selected-account-id: text
>> {"search_texts":["11111111-2222-3333-4444-5555aaaaBBBB"]}
< 200
{"items":[{"id":"5","...":true}],"total":1,"...":true}

--- (upper case)
> POST search
> x-selected-account-id: text
>> {"search_texts":["0AF76519-16CD-43DD-8448-EB211C80319C"]}
< 200
{"total":4,"...":true}

--- a UUID also is the trace that OpenTelemetry writes without dashes
> POST search
> x-selected-account-id: text
>> {"search_texts":["0af76519-16cd-43dd-8448-eb211c80319D"]}
< 200
{"items":[{"id":"6","...":true}],"total":1,"...":true}

--- a UUID is an alternative to all other terms
> POST search
> x-selected-account-id: text
>> {"search_texts":["fox","11111111-2222-3333-4444-5555aaaaBBBB","documents"]}
< 200
{"items":[{"id":"1","...":true},{"id":"5","...":true}],"total":2,"...":true}

--- a quoted UUID is text
> POST search
> x-selected-account-id: text
>> {"search_texts":["\"11111111-2222-3333-4444-5555aaaaBBBB\""]}
< 200
{"total":0,"...":true}

--- attributes and errors of other dialects are searched as metadata is
> POST search
> x-selected-account-id: text
>> {"search_texts":["vixen","connection refused"]}
< 200
{"items":[{"id":"6","...":true}],"total":1,"...":true}

--- ten terms are the most
> POST search
> x-selected-account-id: text
>> {"search_texts":["fox","fox","fox","fox","fox","fox","fox","fox","fox","fox"]}
< 200
{"total":2,"...":true}

--- eleven are too many
> POST search
> x-selected-account-id: text
>> {"search_texts":["fox","fox","fox","fox","fox","fox","fox","fox","fox","fox","fox"]}
< 422
{"detail":[{"type":"too_long","loc":["body","search_texts"],"msg":"List should have at most 10 items after validation, not 11","input":"*","ctx":"*"}]}

--- two characters are the least, blanks around not counted
> POST search
> x-selected-account-id: text
>> {"search_texts":["fo"," a ","","\"b\"","üb","\" c \""]}
< 422
{"detail":[
 {"type":"string_too_short","loc":["body","search_texts",1],"msg":"String should have at least 2 characters","input":" a ","ctx":{"min_length":2}},
 {"type":"string_too_short","loc":["body","search_texts",2],"msg":"*","input":"","ctx":"*"},
 {"type":"string_too_short","loc":["body","search_texts",3],"msg":"*","input":"\"b\"","ctx":"*"},
 {"type":"string_too_short","loc":["body","search_texts",5],"msg":"*","input":"\" c \"","ctx":"*"}]}

# ---- filters together ----

--- all filters must hold
> POST search?from_ts=2026-03-01&sort_order=desc
> x-selected-account-id: f
>> {"trace_ids":["t1"],"statuses":["ERROR"],"types":["COMPLETION","CUSTOM"],"extra_metadata":{"env":"dev"},"max_duration_ms":1000,"names":["Run"],"group_id":"g1"}
< 200
{"items":[{"id":"child","...":true}],"total":1,"...":true}
