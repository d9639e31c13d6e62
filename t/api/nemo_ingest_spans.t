# NeMo's import format: POST ingest/spans, a batch of spans as JSON, all of it or nothing.

=== base /apis/intake/v2/workspaces/w

--- a batch is stored, and answered with nothing
> POST ingest/spans
> Content-Type: application/json
>> {"source":"provider-store","spans":[
>>  {"span_id":"root-span","trace_id":"provider-trace","name":"agent-run","kind":"AGENT","status":"success",
>>   "started_at":"2026-03-01T12:00:00+02:00","ended_at":"2026-03-01T10:00:02.000000001Z",
>>   "input":{"question":"héllo"},"output":{"answer":"world"},
>>   "attributes":{"llm.model_name":"provider-model","llm.provider":"provider-system","custom.number":7,
>>    "provider.raw":{"nested":[1, true,null,{"unicode":"雪"}],"empty":""}}},
>>  {"span_id":"child/span:any-string","trace_id":"provider-trace","parent_span_id":"root-span",
>>   "session_id":"provider-session","name":"model-call","kind":"LLM","started_at":1772359201,
>>   "attributes":{"llm.model_name":"child-model","llm.token_count.prompt":12,"llm.token_count.completion":"3",
>>    "llm.cost.total":0.10,"llm.cost.cache_read":0.000001,"llm.token_count.prompt_details.cache_write":4,
>>    "provider.raw":{"events":[{"name":"token","value":null}]}}}]}
< 201
< Content-Type: -
<<

--- it reads back: known attributes are fields, the others stand as they were sent
> GET spans/root-span
< 200 ordered
{"span_id":"root-span","session_id":"provider-trace","workspace":"w","kind":"AGENT","name":"agent-run","source":"provider-store","trace_id":"provider-trace","started_at":"2026-03-01T10:00:00Z","ended_at":"2026-03-01T10:00:02Z","status":"success","provider":"provider-system","model":"provider-model","usage_details":{},"cost_details":{},"input":"{\"question\":\"héllo\"}","output":"{\"answer\":\"world\"}","raw_attributes":"{\"custom.number\":7,\"provider.raw\":{\"nested\":[1,true,null,{\"unicode\":\"雪\"}],\"empty\":\"\"}}","ingested_at":"<time>"}

--- tokens and costs come from attributes, also those in texts; status is unknown unless given
> GET spans/child%2Fspan:any-string
< 200
{"span_id":"child/span:any-string","session_id":"provider-session","workspace":"w","parent_span_id":"root-span","kind":"LLM","name":"model-call","source":"provider-store","trace_id":"provider-trace","started_at":"2026-03-01T10:00:01Z","status":"unknown","model":"child-model","input_tokens":12,"output_tokens":3,"usage_details":{"prompt_details.cache_write":4},"cost_total_usd":0.1,"cost_details":{"cache_read":0.000001},"raw_attributes":"{\"provider.raw\":{\"events\":[{\"name\":\"token\",\"value\":null}]}}","ingested_at":"<time>"}

--- what was sent again replaces what was there
> POST ingest/spans
>> {"source":"provider-store","spans":[{"span_id":"root-span","trace_id":"provider-trace","started_at":"2026-03-01T10:00:00Z","output":"second"}]}
< 201

--- and is one span still
> GET spans
? filter={"trace_id":"provider-trace","source":"provider-store"}
? sort=started_at
< 200
{"data":[{"span_id":"root-span","output":"second","kind":"UNKNOWN","status":"unknown","...":true},{"span_id":"child/span:any-string","...":true}],"pagination":{"total_results":2,"...":true},"...":true}

--- the same ids from another source are another span
> POST ingest/spans
>> {"source":"other.store-2","spans":[{"span_id":"root-span","trace_id":"provider-trace","started_at":"2026-03-01T10:00:00Z"}]}
< 201

--- which makes two
> GET spans
? filter={"trace_id":"provider-trace"}
< 200
{"data":["*","*","*"],"...":true}

--- attributes that say what the span itself says stay attributes
> POST ingest/spans
>> {"source":"s","spans":[{"span_id":"own","trace_id":"own","session_id":"mine","started_at":"2026-03-01T10:00:00Z",
>>  "attributes":{"session.id":"other","status":"error","openinference.span.kind":"LLM","input.value":"i","llm.input_messages.0.message.role":"user","exception.type":"E","exception.message":"m","evaluation.metadata":"{\"a\":1}","experiment_id":"exp","test_case.id":"tc","gen_ai.prompt.name":"p","dataset.version":2,"agent.name":"","llm.agent.name":"ann"}}]}
< 201

--- or become the fields they name
> GET spans/own
< 200
{"span_id":"own","session_id":"mine","evaluation_context":{"evaluation_id":"exp","dataset_version":"2","test_case_id":"tc","metadata":{"a":1}},"error_type":"E","error_message":"m","prompt_name":"p","agent_name":"ann","kind":"UNKNOWN","status":"unknown","raw_attributes":"{\"session.id\":\"other\",\"status\":\"error\",\"openinference.span.kind\":\"LLM\",\"input.value\":\"i\",\"llm.input_messages.0.message.role\":\"user\"}","...":true}

--- null is nothing, and so is the empty text; a parent need not be in the batch
> POST ingest/spans
>> {"source":"s","spans":[{"span_id":"bare","trace_id":"bare","session_id":null,"parent_span_id":"elsewhere","name":"","started_at":"2026-03-01T10:00:00Z","ended_at":null,"input":null,"output":""}]}
< 201

--- which shows as nothing
> GET spans/bare
< 200
{"span_id":"bare","session_id":"bare","workspace":"w","parent_span_id":"elsewhere","kind":"UNKNOWN","source":"s","trace_id":"bare","started_at":"2026-03-01T10:00:00Z","status":"unknown","usage_details":{},"cost_details":{},"ingested_at":"<time>"}

--- a text is kept as it is, anything else is JSON
> POST ingest/spans
>> {"source":"s","spans":[{"span_id":"texts","trace_id":"texts","started_at":"2026-03-01T10:00:00Z","input":"{\"a\": 1}","output":[1.50, "x"]}]}
< 201

--- payloads
> GET spans/texts
< 200
{"input":"{\"a\": 1}","output":"[1.50,\"x\"]","...":true}

--- all that is wrong is told at once
> POST ingest/spans
>> {"spans":[{"trace_id":"","session_id":5,"kind":"llm","status":"ok","started_at":"2026-03-01T10:00:00","ended_at":"soon","attributes":[],"unsupported":"value"}],"extra":1,"source":"bad source"}
< 422 ordered
{"detail":[
 {"type":"string_pattern_mismatch","loc":["body","source"],"msg":"String should match pattern '^[A-Za-z0-9][A-Za-z0-9_.-]*$'","input":"bad source","ctx":{"pattern":"^[A-Za-z0-9][A-Za-z0-9_.-]*$"}},
 {"type":"missing","loc":["body","spans",0,"span_id"],"msg":"Field required","input":"*"},
 {"type":"string_too_short","loc":["body","spans",0,"trace_id"],"msg":"String should have at least 1 character","input":"","ctx":{"min_length":1}},
 {"type":"string_type","loc":["body","spans",0,"session_id"],"msg":"Input should be a valid string","input":5},
 {"type":"enum","loc":["body","spans",0,"kind"],"msg":"Input should be 'LLM', 'CHAIN', 'TOOL', 'RETRIEVER', 'EMBEDDING', 'AGENT', 'RERANKER', 'EVALUATOR', 'GUARDRAIL' or 'UNKNOWN'","input":"llm","ctx":{"expected":"'LLM', 'CHAIN', 'TOOL', 'RETRIEVER', 'EMBEDDING', 'AGENT', 'RERANKER', 'EVALUATOR', 'GUARDRAIL' or 'UNKNOWN'"}},
 {"type":"enum","loc":["body","spans",0,"status"],"msg":"Input should be 'success', 'error', 'cancelled' or 'unknown'","input":"ok","ctx":{"expected":"'success', 'error', 'cancelled' or 'unknown'"}},
 {"type":"value_error","loc":["body","spans",0,"started_at"],"msg":"Value error, timestamps must include a UTC offset","input":"2026-03-01T10:00:00","ctx":{"error":{}}},
 {"type":"datetime_from_date_parsing","loc":["body","spans",0,"ended_at"],"msg":"Input should be a valid datetime or date, input is too short","input":"soon","ctx":{"error":"input is too short"}},
 {"type":"dict_type","loc":["body","spans",0,"attributes"],"msg":"Input should be a valid dictionary","input":[]},
 {"type":"extra_forbidden","loc":["body","spans",0,"unsupported"],"msg":"Extra inputs are not permitted","input":"value"},
 {"type":"extra_forbidden","loc":["body","extra"],"msg":"Extra inputs are not permitted","input":1}]}

--- a span is not its own parent
> POST ingest/spans
>> {"source":"invalid-source","spans":[{"span_id":"fine","trace_id":"t","started_at":"2026-03-01T10:00:00Z"},{"span_id":"a","trace_id":"t","parent_span_id":"\u0061","started_at":"2026-03-01T10:00:00Z"}]}
< 422
{"detail":[{"type":"value_error","loc":["body","spans",1],"msg":"Value error, parent_span_id must differ from span_id","input":"*","ctx":{"error":{}}}]}

--- a span does not end before it starts
> POST ingest/spans
>> {"source":"invalid-source","spans":[{"span_id":"a","trace_id":"t","started_at":"2026-03-01T10:00:00.000001Z","ended_at":"2026-03-01T10:00:00Z"}]}
< 422
{"detail":[{"type":"value_error","loc":["body","spans",0],"msg":"Value error, ended_at must be greater than or equal to started_at","input":"*","ctx":{"error":{}}}]}

--- no identity twice
> POST ingest/spans
>> {"source":"invalid-source","spans":[{"span_id":"a","trace_id":"t","started_at":"2026-03-01T10:00:00Z"},{"span_id":"b","trace_id":"t","started_at":"2026-03-01T10:00:00Z"},{"span_id":"a","trace_id":"t","started_at":"2026-03-01T10:00:01Z"}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, spans must not contain duplicate (trace_id, span_id) identities","input":"*","ctx":{"error":{}}}]}

--- a count that is no number
> POST ingest/spans
>> {"source":"invalid-source","spans":[{"span_id":"a","trace_id":"t","started_at":"2026-03-01T10:00:00Z","attributes":{"llm.token_count.prompt":{"bad":"value"}}}]}
< 422
{"detail":[{"type":"value_error","loc":["body","spans",0,"attributes"],"msg":"<re Value error, Invalid numeric value for input_tokens: .*>","input":{"llm.token_count.prompt":{"bad":"value"}},"ctx":{"error":{}}}]}

--- a negative count
> POST ingest/spans
>> {"source":"invalid-source","spans":[{"span_id":"a","trace_id":"t","started_at":"2026-03-01T10:00:00Z","attributes":{"llm.token_count.prompt":-1}}]}
< 422
{"detail":[{"type":"value_error","loc":["body","spans",0,"attributes"],"msg":"Value error, input_tokens: Input should be greater than or equal to 0","input":"*","ctx":{"error":{}}}]}

--- nothing of all these was stored
> GET spans
? filter={"source":"invalid-source"}
< 200
{"data":[],"pagination":{"total_results":0,"...":true},"...":true}

--- no spans
> POST ingest/spans
>> {"source":"s","spans":[]}
< 422
{"detail":[{"type":"too_short","loc":["body","spans"],"msg":"List should have at least 1 item after validation, not 0","input":[],"ctx":{"field_type":"List","min_length":1,"actual_length":0}}]}

--- a body that is no object
> POST ingest/spans
>> [1]
< 422
{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":[1]}]}

--- no JSON
> POST ingest/spans
>> {"source":"s",}
< 422
{"detail":[{"type":"json_invalid","loc":["body",14],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting property name enclosed in double quotes"}}]}

--- no body
> POST ingest/spans
< 422
{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}

--- null is no body
> POST ingest/spans
>> null
< 422
{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}

--- another type
> POST ingest/spans
> Content-Type: text/plain
>> {"source":"s"}
< 422
{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":"{\"source\":\"s\"}"}]}

--- only POST
> GET ingest/spans
< 405
< Allow: POST, OPTIONS
<< {"detail":"Method Not Allowed"}

--- a thousand spans are a batch: only their ids are wrong here
> POST ingest/spans
>> {"source":"s","spans":[{{999*{"span_id":"a","trace_id":"t","started_at":0},*}}{"span_id":"a","trace_id":"t","started_at":0}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"<re .*duplicate.*>","input":"*","ctx":{"error":{}}}]}

--- one more is none
> POST ingest/spans
>> {"source":"s","spans":[{{1000*{"span_id":"a","trace_id":"t","started_at":0},*}}{"span_id":"a","trace_id":"t","started_at":0}]}
< 422
{"detail":[{"type":"too_long","loc":["body","spans"],"msg":"List should have at most 1000 items after validation, not 1001","input":"*","ctx":{"field_type":"List","max_length":1000,"actual_length":1001}}]}

--- ids and names have 1024 characters at most, a source 128
> POST ingest/spans
>> {"source":"{{128*s*}}","spans":[{"span_id":"{{1024*ä*}}","trace_id":"{{1024*t*}}","name":"{{1024*n*}}","started_at":"2026-03-01T10:00:00Z"}]}
< 201

--- and not one more
> POST ingest/spans
>> {"source":"{{129*s*}}","spans":[{"span_id":"{{1025*ä*}}","trace_id":"{{1025*t*}}","name":"{{1025*n*}}","started_at":"2026-03-01T10:00:00Z"}]}
< 422
{"detail":[
 {"type":"string_too_long","loc":["body","source"],"msg":"String should have at most 128 characters","input":"*","ctx":{"max_length":128}},
 {"type":"string_too_long","loc":["body","spans",0,"span_id"],"msg":"String should have at most 1024 characters","input":"*","ctx":{"max_length":1024}},
 {"type":"string_too_long","loc":["body","spans",0,"trace_id"],"msg":"String should have at most 1024 characters","input":"*","ctx":{"max_length":1024}},
 {"type":"string_too_long","loc":["body","spans",0,"name"],"msg":"String should have at most 1024 characters","input":"*","ctx":{"max_length":1024}}]}
