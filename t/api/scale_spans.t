# Scale's spans: create, batches, get, patch, and how a span comes back.

=== base /v5
=== lines other 2026-03-02
defaults {"source":"otel","trace_id":"0af7651916cd43dd8448eb211c80319c","started_at":"2026-03-01T10:20:30.123456789Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"00f067aa0ba902b7","session_id":"chat-7","kind":"LLM","status":"error","name":"chat","provider":"openai","model":"gpt-4o","input_tokens":12,"output_tokens":30,"total_tokens":42,"cost_total_usd":0.50,"error_message":"boom","tags":["a"],"attributes":{"gen_ai.request.temperature":0.20,"n":{"deep":[1]}},"input":"{\"messages\":[{\"role\":\"user\"}]}","output":"plain text","ended_at":"2026-03-01T10:20:31Z","parent_span_id":"00f067aa0ba902b6"}
{"span_id":"k-UNKNOWN"}
{"span_id":"k-CHAIN","kind":"CHAIN"}
{"span_id":"k-TOOL","kind":"TOOL"}
{"span_id":"k-RETRIEVER","kind":"RETRIEVER"}
{"span_id":"k-EMBEDDING","kind":"EMBEDDING"}
{"span_id":"k-AGENT","kind":"AGENT"}
{"span_id":"k-RERANKER","kind":"RERANKER"}
{"span_id":"k-EVALUATOR","kind":"EVALUATOR"}
{"span_id":"k-GUARDRAIL","kind":"GUARDRAIL"}
{"span_id":"k-opik","kind":"LLM","native_type":"llm","source":"opik","status":"cancelled","metadata":{"a":1,"model":"its own"},"attributes":{"a":2,"b":3},"model":"m","input":{"q":[1, 2.50]},"output":["x"]}
{"span_id":"k-list","metadata":["x"],"expected":"yes"}
# The session that other dialects derive from the workspace and the trace.
{"span_id":"derived","trace_id":"t1","session_id":"session-x"}

# ---- one span ----

--- a created span comes back as it was sent
> POST spans
>> {"id":"s1","trace_id":"t1","name":"answer","start_timestamp":"2026-03-01T10:20:30.123456+00:00",
>>  "end_timestamp":"2026-03-01T11:20:31.5+01:00","parent_id":"s0","group_id":"g1",
>>  "input":{"q": "hé \"x\"\n", "n": 1.50, "big": 12345678901234567890},"output":{},"metadata":{"k":[1,{"a":null}]},
>>  "expected":{"answer":"42"},"status":"CANCELED","type":"DOCUMENT_SEARCH",
>>  "application_interaction_id":"ai","application_variant_id":"av","unknown":true}
< 200 ordered
{"id":"s1","object":"span","name":"answer","trace_id":"t1","parent_id":"s0","group_id":"g1",
 "start_timestamp":"2026-03-01T10:20:30.123456Z","end_timestamp":"2026-03-01T10:20:31.500Z",
 "input":{"q":"hé \"x\"\n","n":1.50,"big":12345678901234567890},"output":{},"metadata":{"k":[1,{"a":null}]},
 "expected":{"answer":"42"},"status":"CANCELED","type":"DOCUMENT_SEARCH",
 "application_interaction_id":"ai","application_variant_id":"av","account_id":"default"}

--- and is found by its id
> GET spans/s1
< 200
{"id":"s1","object":"span","name":"answer","trace_id":"t1","parent_id":"s0","group_id":"g1",
 "start_timestamp":"2026-03-01T10:20:30.123456Z","end_timestamp":"2026-03-01T10:20:31.500Z",
 "input":{"q":"hé \"x\"\n","n":1.50,"big":12345678901234567890},"output":{},"metadata":{"k":[1,{"a":null}]},
 "expected":{"answer":"42"},"status":"CANCELED","type":"DOCUMENT_SEARCH",
 "application_interaction_id":"ai","application_variant_id":"av","account_id":"default"}

--- an id is made, status and type have defaults, what is not set is not there
> POST spans
>> {"trace_id":"t1","name":"","start_timestamp":"2026-03-01T10:20:30","parent_id":null,"metadata":null,"status":null}
< 200
{"id":"<uuid>","object":"span","name":"","trace_id":"t1","start_timestamp":"2026-03-01T10:20:30Z",
 "status":"SUCCESS","type":"STANDALONE","account_id":"default"}

--- name, trace and start are what it takes
> POST spans
>> {}
< 422
{"detail":[
 {"type":"missing","loc":["body","name"],"msg":"Field required","input":{}},
 {"type":"missing","loc":["body","trace_id"],"msg":"Field required","input":{}},
 {"type":"missing","loc":["body","start_timestamp"],"msg":"Field required","input":{}}]}

--- a body of another type is a text
> POST spans
> Content-Type: text/plain
>> {}
< 422
{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"*","input":"{}"}]}

--- a span that is not there
> GET spans/nope
< 404
{"detail":"No span with id 'nope'"}

--- an id may hold anything
> PUT spans/batch
>> {"items":[{"id":"a/ü \"%","trace_id":"t1","name":"n","start_timestamp":"2026-03-01T10:20:30Z"}]}
< 200
{"object":"list","items":[{"id":"a/ü \"%","...":true}]}

--- and is asked for percent-encoded
> GET spans/a%2F%C3%BC%20%22%25
< 200
{"id":"a/ü \"%","...":true}

--- lists as payloads, as Agentex writes them, are stored and shown inside an object
> PUT spans/batch
>> {"items":[{"id":"list","trace_id":"t1","name":"n","start_timestamp":"2026-03-01T10:20:30Z","input":[1,"a"],"output":"text"}]}
< 200
{"object":"list","items":[{"id":"list","object":"span","name":"n","trace_id":"t1","start_timestamp":"2026-03-01T10:20:30Z",
 "input":{"value":[1,"a"]},"output":{"value":"text"},"status":"SUCCESS","type":"STANDALONE","account_id":"default"}]}

--- times may be seconds
> POST spans
>> {"id":"sec","trace_id":"t1","name":"n","start_timestamp":1772360430.25}
< 200
{"id":"sec","start_timestamp":"2026-03-01T10:20:30.250Z","...":true}

--- tokens are taken from usage, wherever a producer puts it
> PUT spans/batch
>> {"items":[
>> {"id":"u1","trace_id":"u","name":"n","start_timestamp":"2026-03-01T00:00:00Z","metadata":{"usage":{"prompt_tokens":3,"completion_tokens":4}}},
>> {"id":"u2","trace_id":"u","name":"n","start_timestamp":"2026-03-01T00:00:00Z","output":{"usage":{"input_tokens":5,"output_tokens":6}}},
>> {"id":"u3","trace_id":"u","name":"n","start_timestamp":"2026-03-01T00:00:00Z","metadata":{"input_tokens":7}},
>> {"id":"u4","trace_id":"u","name":"n","start_timestamp":"2026-03-01T00:00:00Z","metadata":{"usage":"none","input_tokens":-1,"output_tokens":"8"}}]}
< 200
{"object":"list","items":[
 {"id":"u1","input_tokens":3,"output_tokens":4,"...":true},
 {"id":"u2","input_tokens":5,"output_tokens":6,"...":true},
 {"id":"u3","object":"span","name":"n","trace_id":"u","start_timestamp":"2026-03-01T00:00:00Z","metadata":{"input_tokens":7},"status":"SUCCESS","type":"STANDALONE","account_id":"default","input_tokens":7},
 {"id":"u4","object":"span","name":"n","trace_id":"u","start_timestamp":"2026-03-01T00:00:00Z","metadata":{"usage":"none","input_tokens":-1,"output_tokens":"8"},"status":"SUCCESS","type":"STANDALONE","account_id":"default"}]}

# ---- batches ----

--- every type and status comes back
> PUT spans/batch
>> {"items":[
>> {"id":"1","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"TEXT_INPUT","status":"SUCCESS"},
>> {"id":"2","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"TEXT_OUTPUT","status":"ERROR"},
>> {"id":"3","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"COMPLETION_INPUT","status":"CANCELED"},
>> {"id":"4","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"COMPLETION"},
>> {"id":"5","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"KB_RETRIEVAL"},
>> {"id":"6","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"KB_INPUT"},
>> {"id":"7","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"RERANKING"},
>> {"id":"8","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"EXTERNAL_ENDPOINT"},
>> {"id":"9","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"PROMPT_ENGINEERING"},
>> {"id":"10","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"DOCUMENT_INPUT"},
>> {"id":"11","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"MAP_REDUCE"},
>> {"id":"12","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"DOCUMENT_SEARCH"},
>> {"id":"13","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"DOCUMENT_PROMPT"},
>> {"id":"14","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"CUSTOM"},
>> {"id":"15","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"CODE_EXECUTION"},
>> {"id":"16","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"DATA_MANIPULATION"},
>> {"id":"17","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"EVALUATION"},
>> {"id":"18","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"FILE_RETRIEVAL"},
>> {"id":"19","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"KB_ADD_CHUNK"},
>> {"id":"20","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"KB_MANAGEMENT"},
>> {"id":"21","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"GUARDRAIL"},
>> {"id":"22","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"OUTPUT_GUARDRAIL"},
>> {"id":"23","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"TRACER"},
>> {"id":"24","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"AGENT_TRACER"},
>> {"id":"25","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"AGENT_WORKFLOW"},
>> {"id":"26","trace_id":"types","name":"n","start_timestamp":"2026-03-01T00:00:00Z","type":"STANDALONE"}]}
< 200
{"object":"list","items":[
 {"id":"1","type":"TEXT_INPUT","status":"SUCCESS","...":true},
 {"id":"2","type":"TEXT_OUTPUT","status":"ERROR","...":true},
 {"id":"3","type":"COMPLETION_INPUT","status":"CANCELED","...":true},
 {"id":"4","type":"COMPLETION","...":true},
 {"id":"5","type":"KB_RETRIEVAL","...":true},
 {"id":"6","type":"KB_INPUT","...":true},
 {"id":"7","type":"RERANKING","...":true},
 {"id":"8","type":"EXTERNAL_ENDPOINT","...":true},
 {"id":"9","type":"PROMPT_ENGINEERING","...":true},
 {"id":"10","type":"DOCUMENT_INPUT","...":true},
 {"id":"11","type":"MAP_REDUCE","...":true},
 {"id":"12","type":"DOCUMENT_SEARCH","...":true},
 {"id":"13","type":"DOCUMENT_PROMPT","...":true},
 {"id":"14","type":"CUSTOM","...":true},
 {"id":"15","type":"CODE_EXECUTION","...":true},
 {"id":"16","type":"DATA_MANIPULATION","...":true},
 {"id":"17","type":"EVALUATION","...":true},
 {"id":"18","type":"FILE_RETRIEVAL","...":true},
 {"id":"19","type":"KB_ADD_CHUNK","...":true},
 {"id":"20","type":"KB_MANAGEMENT","...":true},
 {"id":"21","type":"GUARDRAIL","...":true},
 {"id":"22","type":"OUTPUT_GUARDRAIL","...":true},
 {"id":"23","type":"TRACER","...":true},
 {"id":"24","type":"AGENT_TRACER","...":true},
 {"id":"25","type":"AGENT_WORKFLOW","...":true},
 {"id":"26","type":"STANDALONE","...":true}]}

--- an empty batch
> PUT spans/batch
>> {"items":[]}
< 200
{"object":"list","items":[]}

--- a span that is sent again is replaced, not merged
> PUT spans/batch
>> {"items":[{"id":"twice","trace_id":"t2","name":"begun","start_timestamp":"2026-03-01T10:00:00Z","metadata":{"a":1},"group_id":"g"}]}
< 200
{"object":"list","items":[{"id":"twice","metadata":{"a":1},"...":true}]}

--- (the end of it)
> PUT spans/batch
>> {"items":[{"id":"twice","trace_id":"t2","name":"ended","start_timestamp":"2026-03-01T10:00:00Z","end_timestamp":"2026-03-01T10:00:01Z"}]}
< 200
{"object":"list","items":["*"]}

--- (what is left)
> GET spans/twice
< 200
{"id":"twice","object":"span","name":"ended","trace_id":"t2","start_timestamp":"2026-03-01T10:00:00Z",
 "end_timestamp":"2026-03-01T10:00:01Z","status":"SUCCESS","type":"STANDALONE","account_id":"default"}

--- twice in one batch: the ended one counts, else the later
> PUT spans/batch
>> {"items":[
>> {"id":"d1","trace_id":"t3","name":"ended","start_timestamp":"2026-03-01T10:00:00Z","end_timestamp":"2026-03-01T10:00:01Z"},
>> {"id":"d2","trace_id":"t3","name":"begun","start_timestamp":"2026-03-01T10:00:00Z"},
>> {"id":"d1","trace_id":"t3","name":"begun","start_timestamp":"2026-03-01T10:00:00Z"},
>> {"id":"d2","trace_id":"t3","name":"ended","start_timestamp":"2026-03-01T10:00:00Z","end_timestamp":"2026-03-01T10:00:01Z"},
>> {"id":"d1","trace_id":"other","name":"another trace","start_timestamp":"2026-03-01T10:00:00Z"},
>> {"id":"d3","trace_id":"t3","name":"first","start_timestamp":"2026-03-01T10:00:00Z","end_timestamp":"2026-03-01T10:00:01Z"},
>> {"id":"d3","trace_id":"t3","name":"second","start_timestamp":"2026-03-01T10:00:00Z","end_timestamp":"2026-03-01T10:00:02Z"}]}
< 200
{"object":"list","items":[
 {"id":"d1","trace_id":"t3","name":"ended","...":true},
 {"id":"d2","name":"ended","...":true},
 {"id":"d1","trace_id":"other","name":"another trace","...":true},
 {"id":"d3","name":"second","...":true}]}

--- POST takes a batch as PUT does, a known id too
> POST spans/batch
>> {"items":[{"id":"twice","trace_id":"t2","name":"thrice","start_timestamp":"2026-03-01T10:00:00Z"}]}
< 200
{"object":"list","items":[{"id":"twice","name":"thrice","...":true}]}

--- a start on another day: the newest version counts
> PUT spans/batch
>> {"items":[{"id":"twice","trace_id":"t2","name":"moved","start_timestamp":"2026-02-01T10:00:00Z"}]}
< 200
{"object":"list","items":["*"]}

--- (and there is only one)
> POST spans/search
>> {"span_ids":["twice"]}
< 200
{"object":"list","items":[{"id":"twice","name":"moved","...":true}],"limit":100,"total":1,"has_more":false}

--- (also for windows: not where it began before)
> POST spans/search?from_ts=2026-03-01T00:00:00Z
>> {"span_ids":["twice"]}
< 200
{"total":0,"...":true}

--- (but where it begins now)
> POST spans/search?to_ts=2026-02-01T10:00:00Z
>> {"span_ids":["twice"]}
< 200
{"total":1,"...":true}

--- one id in two traces is two spans
> PUT spans/batch
>> {"items":[{"id":"pair","trace_id":"p1","name":"one","start_timestamp":"2026-03-01T10:00:00Z"},
>>  {"id":"pair","trace_id":"p2","name":"two","start_timestamp":"2026-03-01T10:00:01Z"}]}
< 200
{"object":"list","items":[{"name":"one","...":true},{"name":"two","...":true}]}

--- (both are found)
> POST spans/search
>> {"span_ids":["pair"]}
< 200
{"items":[{"name":"one","trace_id":"p1","...":true},{"name":"two","trace_id":"p2","...":true}],"total":2,"...":true}

--- what Agentex writes about agents and errors is read as such by others
> PUT spans/batch
>> {"items":[
>> {"id":"ag1","trace_id":"ag","name":"n","start_timestamp":"2026-03-01T10:00:00Z","status":"ERROR",
>>  "metadata":{"__source__":"agentex","__agent_name__":"bot","__agent_id__":"a7","__error__":{"type":"Timeout","message":"too \"long\""}}},
>> {"id":"ag2","trace_id":"ag","name":"n","start_timestamp":"2026-03-01T10:00:01Z","status":"ERROR",
>>  "metadata":{"error":true,"error_type":"KeyError","error_message":"k"}}]}
< 200
{"object":"list","items":[{"id":"ag1","status":"ERROR","metadata":{"__error__":"*","...":true},"...":true},{"id":"ag2","...":true}]}

--- (an error as Agentex says it)
> GET /apis/intake/v2/workspaces/default/spans/ag1
< 200
{"agent_name":"bot","agent_id":"a7","status":"error","error_type":"Timeout","error_message":"too \"long\"","...":true}

--- (an error as the SDK says it)
> GET /apis/intake/v2/workspaces/default/spans/ag2
< 200
{"status":"error","error_type":"KeyError","error_message":"k","...":true}

--- a parent that never comes, or is of another trace, is no matter
> PUT spans/batch
>> {"items":[{"id":"orphan","trace_id":"t4","name":"n","parent_id":"d1","start_timestamp":"2026-03-01T10:00:00Z"},
>>  {"id":"loop","trace_id":"t4","name":"n","parent_id":"loop","start_timestamp":"2026-03-01T10:00:00Z"}]}
< 200
{"object":"list","items":[{"parent_id":"d1","...":true},{"parent_id":"loop","...":true}]}

# ---- what is refused ----

--- what is wrong with a batch is told at once, and nothing of it is stored
> PUT spans/batch
>> {"items":[{"id":"good","trace_id":"t9","name":"n","start_timestamp":"2026-03-01T10:00:00Z"},
>>  {"id":"","trace_id":7,"start_timestamp":"soon","type":"completion","status":"CANCELLED","metadata":[],"parent_id":{}},
>>  "x"]}
< 422
{"detail":[
 {"type":"missing","loc":["body","items",1,"name"],"msg":"Field required","input":"*"},
 {"type":"string_type","loc":["body","items",1,"trace_id"],"msg":"Input should be a valid string","input":7},
 {"type":"datetime_from_date_parsing","loc":["body","items",1,"start_timestamp"],"msg":"Input should be a valid datetime or date, input is too short","input":"soon","ctx":{"error":"input is too short"}},
 {"type":"string_too_short","loc":["body","items",1,"id"],"msg":"String should have at least 1 character","input":"","ctx":{"min_length":1}},
 {"type":"string_type","loc":["body","items",1,"parent_id"],"msg":"Input should be a valid string","input":{}},
 {"type":"dict_type","loc":["body","items",1,"metadata"],"msg":"Input should be a valid dictionary","input":[]},
 {"type":"enum","loc":["body","items",1,"status"],"msg":"Input should be 'SUCCESS', 'ERROR' or 'CANCELED'","input":"CANCELLED","ctx":{"expected":"'SUCCESS', 'ERROR' or 'CANCELED'"}},
 {"type":"enum","loc":["body","items",1,"type"],"msg":"*","input":"completion","ctx":"*"},
 {"type":"model_attributes_type","loc":["body","items",2],"msg":"Input should be a valid dictionary or object to extract fields from","input":"x"}]}

--- (nothing)
> GET spans/good
< 404
{"detail":"No span with id 'good'"}

--- an end before the start
> PUT spans/batch
>> {"items":[{"id":"good","trace_id":"t9","name":"n","start_timestamp":"2026-03-01T10:00:00Z"},
>>  {"id":"bad","trace_id":"t9","name":"n","start_timestamp":"2026-03-01T10:00:00Z","end_timestamp":"2026-03-01T10:59:59.999999+01:00"}]}
< 422
{"detail":[{"type":"value_error","loc":["body","items",1],"msg":"Value error, end_timestamp must not be before start_timestamp","ctx":{"error":{}}}]}

--- (nothing of it)
> GET spans/good
< 404
{"detail":"*"}

--- a thousand spans are the most
> PUT spans/batch
>> {"items":[{{1000*{},*}}{}]}
< 422
{"detail":[{"type":"too_long","loc":["body","items"],"msg":"List should have at most 1000 items after validation, not 1001","input":"*","ctx":{"field_type":"List","max_length":1000,"actual_length":1001}}]}

--- ids of 256 characters are the longest
> POST spans
>> {"id":"{{256*i*}}","trace_id":"{{256*t*}}","group_id":"{{256*g*}}","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}
< 200
{"id":"{{256*i*}}","trace_id":"{{256*t*}}","group_id":"{{256*g*}}","...":true}

--- one more is too long
> POST spans
>> {"id":"{{257*i*}}","trace_id":"{{257*t*}}","group_id":"{{257*g*}}","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}
< 422
{"detail":[
 {"type":"string_too_long","loc":["body","trace_id"],"msg":"String should have at most 256 characters","input":"*","ctx":{"max_length":256}},
 {"type":"string_too_long","loc":["body","id"],"msg":"*","input":"*","ctx":"*"},
 {"type":"string_too_long","loc":["body","group_id"],"msg":"*","input":"*","ctx":"*"}]}

--- 256 characters of more bytes are too long for a store
> POST spans
>> {"id":"{{129*ü*}}","trace_id":"t","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}
< 400
{"detail":"id is longer than 256 bytes"}

--- a NUL in an id
> PUT spans/batch
>> {"items":[{"id":"a","trace_id":"t\u0000","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}]}
< 400
{"detail":"items[0].trace_id has a NUL character"}

--- a half of a character in an id
> PUT spans/batch
>> {"items":[{"id":"a","trace_id":"t","group_id":"\ud83d","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}]}
< 400
{"detail":"items[0].group_id is not valid Unicode"}

--- bytes that are no UTF-8 are no text at all
> PUT spans/batch
> Content-Type: application/json
>x 7b 22 69 74 65 6d 73 22 3a 5b 7b 22 69 64 22 3a 22 ff 22 7d 5d 7d
< 400
{"detail":"There was an error parsing the body"}

--- both halves are a character, and so is the replacement character
> POST spans
>> {"id":"\ud83d\ude00 \ufffd �","trace_id":"t","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}
< 200
{"id":"😀 � �","...":true}

--- ids of an observability system are kept, and of the right form
> POST spans
>> {"trace_id":"t","name":"n","start_timestamp":"2026-03-01T10:00:00Z","obs_trace_id":"0af7651916cd43dd8448eb211c80319c","obs_span_id":"00f067aa0ba902b7"}
< 200
{"id":"<uuid>","...":true}

--- (of the wrong form)
> POST spans
>> {"trace_id":"t","name":"n","start_timestamp":"2026-03-01T10:00:00Z","obs_trace_id":"0AF7651916CD43DD8448EB211C80319C","obs_span_id":"00f067aa0ba902b"}
< 422
{"detail":[
 {"type":"string_pattern_mismatch","loc":["body","obs_span_id"],"msg":"String should match pattern '^[0-9a-f]{16}$'","input":"*","ctx":"*"},
 {"type":"string_pattern_mismatch","loc":["body","obs_trace_id"],"msg":"*","input":"*","ctx":"*"}]}

--- (one without the other)
> POST spans
>> {"trace_id":"t","name":"n","start_timestamp":"2026-03-01T10:00:00Z","obs_span_id":"00f067aa0ba902b7"}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, obs_span_id needs obs_trace_id","ctx":"*"}]}

--- no body
> POST spans
< 422
{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}

--- no JSON
> PUT spans/batch
>> {"items":[}
< 422
{"detail":[{"type":"json_invalid","loc":["body",10],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}]}

--- a method that is not there
> DELETE spans/s1
< 405
{"detail":"Method Not Allowed"}

# ---- changes ----

--- a patch changes name, end, output, metadata and status, and nothing else
> PATCH spans/s1
>> {"name":"new","end_timestamp":"2026-03-01T10:20:33Z","output":{"a":1},"metadata":{"m":2},"status":"ERROR",
>>  "input":{"no":1},"type":"CUSTOM","group_id":"g9","start_timestamp":"2020-01-01T00:00:00Z"}
< 200
{"id":"s1","object":"span","name":"new","trace_id":"t1","parent_id":"s0","group_id":"g1",
 "start_timestamp":"2026-03-01T10:20:30.123456Z","end_timestamp":"2026-03-01T10:20:33Z",
 "input":{"q":"hé \"x\"\n","n":1.50,"big":12345678901234567890},"output":{"a":1},"metadata":{"m":2},
 "expected":{"answer":"42"},"status":"ERROR","type":"DOCUMENT_SEARCH",
 "application_interaction_id":"ai","application_variant_id":"av","account_id":"default"}

--- (it stays)
> GET spans/s1
< 200
{"id":"s1","name":"new","status":"ERROR","metadata":{"m":2},"input":"*","...":true}

--- a patch of one thing leaves the others
> PATCH spans/s1
>> {"name":null,"output":{"a":2}}
< 200
{"id":"s1","name":"new","status":"ERROR","metadata":{"m":2},"output":{"a":2},"...":true}

--- a patch of a span that is not there
> PATCH spans/nope
>> {"name":"x"}
< 404
{"detail":"No span with id 'nope'"}

--- a patch that ends before the start
> PATCH spans/s1
>> {"end_timestamp":"2026-03-01T10:20:30Z"}
< 422
{"detail":[{"type":"value_error","loc":["body","end_timestamp"],"msg":"Value error, end_timestamp must not be before start_timestamp","ctx":"*"}]}

--- a patch of the wrong types
> PATCH spans/s1
>> {"name":1,"metadata":"x"}
< 422
{"detail":[
 {"type":"string_type","loc":["body","name"],"msg":"Input should be a valid string","input":1},
 {"type":"dict_type","loc":["body","metadata"],"msg":"Input should be a valid dictionary","input":"x"}]}

# ---- accounts ----

--- an account is a workspace
> PUT spans/batch
> x-selected-account-id: 65f0aa11bb22cc33dd44ee55
>> {"items":[{"id":"there","trace_id":"t","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}]}
< 200
{"object":"list","items":[{"id":"there","account_id":"65f0aa11bb22cc33dd44ee55","...":true}]}

--- (the other one does not see it)
> GET spans/there
< 404
{"detail":"*"}

--- (it does)
> GET spans/there
> x-selected-account-id: 65f0aa11bb22cc33dd44ee55
< 200
{"id":"there","...":true}

--- an account that is not there
> GET spans/there
> x-selected-account-id: nobody
< 403
{"detail":"No access to account 'nobody'"}

--- an account that cannot be
> POST spans/search
> x-selected-account-id: no/body
>> {}
< 403
{"detail":"No access to account 'no/body'"}

--- a patch in an account that is not there
> PATCH spans/there
> x-selected-account-id: nobody
>> {}
< 404
{"detail":"*"}

# ---- spans that others wrote ----

--- an OpenTelemetry span as Scale shows it
> GET spans/00f067aa0ba902b7
> x-selected-account-id: other
< 200
{"id":"00f067aa0ba902b7","object":"span","name":"chat","trace_id":"0af7651916cd43dd8448eb211c80319c",
 "parent_id":"00f067aa0ba902b6","group_id":"chat-7","start_timestamp":"2026-03-01T10:20:30.123456789Z",
 "end_timestamp":"2026-03-01T10:20:31Z","input":{"messages":[{"role":"user"}]},"output":{"value":"plain text"},
 "metadata":{"gen_ai.request.temperature":0.20,"n":{"deep":[1]},"source":"otel","kind":"LLM","provider":"openai","model":"gpt-4o",
 "total_tokens":42,"cost_total_usd":0.50,"tags":["a"],"error_message":"boom"},
 "status":"ERROR","type":"COMPLETION","account_id":"other","input_tokens":12,"output_tokens":30}

--- an Opik span: its own metadata first
> GET spans/k-opik
> x-selected-account-id: other
< 200
{"id":"k-opik","object":"span","name":"","trace_id":"0af7651916cd43dd8448eb211c80319c","start_timestamp":"<time>",
 "input":{"q":[1,2.50]},"output":{"value":["x"]},
 "metadata":{"a":1,"model":"its own","b":3,"source":"opik","kind":"LLM"},
 "status":"CANCELED","type":"COMPLETION","account_id":"other"}

--- metadata that is no object
> GET spans/k-list
> x-selected-account-id: other
< 200
{"id":"k-list","metadata":{"value":["x"],"source":"otel"},"expected":{"value":"yes"},"...":true}

--- every kind has a type
> POST spans/search
> x-selected-account-id: other
>> {"trace_ids":["0af7651916cd43dd8448eb211c80319c"]}
< 200
{"items":[
 {"id":"00f067aa0ba902b7","type":"COMPLETION","...":true},
 {"id":"k-AGENT","type":"AGENT_WORKFLOW","...":true},
 {"id":"k-CHAIN","type":"STANDALONE","...":true},
 {"id":"k-EMBEDDING","type":"CUSTOM","...":true},
 {"id":"k-EVALUATOR","type":"EVALUATION","...":true},
 {"id":"k-GUARDRAIL","type":"GUARDRAIL","...":true},
 {"id":"k-RERANKER","type":"RERANKING","...":true},
 {"id":"k-RETRIEVER","type":"KB_RETRIEVAL","...":true},
 {"id":"k-TOOL","type":"CUSTOM","...":true},
 {"id":"k-UNKNOWN","type":"STANDALONE","status":"SUCCESS","...":true},
 {"id":"k-list","...":true},
 {"id":"k-opik","...":true}],"total":12,"...":true}

--- a session that was derived is no group
> POST spans
>> {"id":"nogroup","trace_id":"t7","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}
< 200
{"id":"nogroup","object":"span","name":"n","trace_id":"t7","start_timestamp":"<time>","status":"SUCCESS","type":"STANDALONE","account_id":"default"}

--- (though other dialects see it)
> GET /apis/intake/v2/workspaces/default/spans/nogroup
< 200
{"span_id":"nogroup","session_id":"<re session-[0-9a-f]{32}>","source":"scale","kind":"UNKNOWN","...":true}

--- a session that looks derived and is not
> GET spans/derived
> x-selected-account-id: other
< 200
{"id":"derived","group_id":"session-x","...":true}

--- a patch of a span that another dialect wrote
> PATCH spans/k-TOOL
> x-selected-account-id: other
>> {"output":{"done":true},"status":"ERROR"}
< 200
{"id":"k-TOOL","output":{"done":true},"status":"ERROR","metadata":{"source":"otel","kind":"TOOL"},"...":true}

--- (NeMo sees it)
> GET /apis/intake/v2/workspaces/other/spans/k-TOOL
< 200
{"span_id":"k-TOOL","kind":"TOOL","status":"error","output":"{\"done\":true}","...":true}
