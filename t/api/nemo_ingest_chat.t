# One call of a model as request and response: POST ingest/chat-completions.

=== base /apis/intake/v2/workspaces/w

--- a call in the shape of OpenAI's chat completions
> POST ingest/chat-completions
> Content-Type: application/json
>> {"request":{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"6 times 7?"}],"temperature":0.20,"custom":{"a":null}},
>>  "response":{"id":"chatcmpl-abc","object":"chat.completion","created":1772359200,"model":"gpt-4o-mini-2024","choices":[{"index":0,"message":{"role":"assistant","content":"42"},"finish_reason":"stop"}],
>>   "usage":{"prompt_tokens":24,"completion_tokens":2,"total_tokens":26,"prompt_tokens_details":{"cached_tokens":16,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}},"system_fingerprint":"fp"},
>>  "session_id":"happy","evaluation_context":{"evaluation_id":"e","evaluation_sha":"sha","evaluation_run_id":"run","dataset_id":"d","dataset_name":"D","dataset_version":"v1","test_case_id":"tc","metadata":{"source":"test"}}}
< 201
< Content-Type: application/json
<< {"session_id":"happy","span_id":"chatcmpl-abc"}

--- is one span of kind LLM that holds both
> GET spans/chatcmpl-abc
< 200 ordered
{"span_id":"chatcmpl-abc","session_id":"happy","workspace":"w","evaluation_context":{"evaluation_id":"e","evaluation_sha":"sha","evaluation_run_id":"run","dataset_id":"d","dataset_name":"D","dataset_version":"v1","test_case_id":"tc","metadata":{"source":"test"}},"kind":"LLM","name":"gpt-4o-mini-2024","source":"chat_completions","trace_id":"chatcmpl-abc","started_at":"2026-03-01T10:00:00Z","ended_at":"<time>","status":"success","provider":"openai","model":"gpt-4o-mini-2024","input_tokens":24,"output_tokens":2,"cached_tokens":16,"total_tokens":26,"usage_details":{"prompt_details.audio":0,"completion_details.reasoning":0,"completion_details.audio":0},"cost_details":{},
"input":"{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"system\",\"content\":\"You are terse.\"},{\"role\":\"user\",\"content\":\"6 times 7?\"}],\"temperature\":0.20,\"custom\":{\"a\":null}}",
"output":"<re .*\"system_fingerprint\":\"fp\"\\}>","ingested_at":"<time>"}

--- a call without an id gets one from what it says
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user","content":"hi"}]},"response":{"choices":[]},"session_id":"no-id"}
< 201
{"session_id":"no-id","span_id":"<set HASHED>"}

--- the same again gets the same
> POST ingest/chat-completions
>> {"request":{"model":"m", "messages":[{"role":"user","content":"\u0068i"}]},"response":{"choices":[]},"session_id":"no-id"}
< 201
{"session_id":"no-id","span_id":"{{HASHED}}"}

--- and is one span
> GET spans
? filter={"session_id":"no-id"}
< 200
{"data":[{"span_id":"<re chatcmpl-hash-[0-9a-f]{32}>","session_id":"no-id","workspace":"w","kind":"LLM","name":"m","source":"chat_completions","trace_id":"*","started_at":"<time>","ended_at":"<time>","status":"success","model":"m","usage_details":{},"cost_details":{},"input":"*","output":"{\"choices\":[]}","ingested_at":"<time>"}],"...":true}

--- without session and trace, both are the span's id
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-alone","choices":[]},"session_id":"","trace_id":null}
< 201
<< {"session_id":"chatcmpl-alone","span_id":"chatcmpl-alone"}

--- a trace id joins a trace, and is the session
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-joins","choices":[]},"trace_id":"a-trace"}
< 201
<< {"session_id":"a-trace","span_id":"chatcmpl-joins"}

--- two calls of one session are two traces
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-t1","choices":[]},"session_id":"two"}
< 201

--- two calls of one session are two traces: the second
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-t2","choices":[]},"session_id":"two"}
< 201

--- both are listed
> GET traces
? filter[session_id]=two
? mode=summary
? sort=started_at
< 200
{"data":[{"id":"chatcmpl-t1","session_id":"two","...":true},{"id":"chatcmpl-t2","session_id":"two","...":true}],"...":true}

--- usage as Anthropic gives it, in an OpenAI response
> POST ingest/chat-completions
>> {"request":{"model":"aws/anthropic","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-claude","choices":[],"usage":{"input_tokens":30,"output_tokens":7,"cache_read_input_tokens":5,"cache_creation_input_tokens":3,"output_tokens_details":{"reasoning_tokens":2}}}}
< 201

--- counts the same; the total is their sum
> GET spans/chatcmpl-claude
< 200
{"input_tokens":30,"output_tokens":7,"total_tokens":37,"cached_tokens":5,"usage_details":{"prompt_details.cache_write":3,"completion_details.reasoning":2},"model":"aws/anthropic","...":true}

--- a call in the shape of Anthropic's messages
> POST ingest/chat-completions
>> {"request":{"model":"claude","max_tokens":10,"system":"s","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]},
>>  "response":{"id":"msg_01","type":"message","role":"assistant","model":"claude-4","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":4}},"provider":"anthropic"}
< 201
<< {"session_id":"msg_01","span_id":"msg_01"}

--- is kept as it is
> GET spans/msg_01
< 200
{"kind":"LLM","provider":"anthropic","model":"claude-4","name":"claude-4","input_tokens":3,"output_tokens":4,"total_tokens":7,"output":"<re .*\"stop_reason\":\"end_turn\".*>","...":true}

--- a call in the shape of OpenAI's Responses
> POST ingest/chat-completions
>> {"request":{"model":"gpt-5","input":"hi","instructions":"be brief"},
>>  "response":{"id":"resp_1","object":"response","created_at":1772359200.5,"error":null,"model":"gpt-5-2026","output":[{"type":"message","content":[]}],"usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":1},"output_tokens":6,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":11}}}
< 201
<< {"session_id":"resp_1","span_id":"resp_1"}

--- begins when it was made
> GET spans/resp_1
< 200
{"started_at":"2026-03-01T10:00:00.500000Z","status":"success","cached_tokens":1,"total_tokens":11,"usage_details":{"completion_details.reasoning":2},"...":true}

--- what is no count is not counted
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-odd","created":99999999999,"choices":[],"usage":{"prompt_tokens":-1,"input_tokens":2.0,"completion_tokens":"3","output_tokens":true,"total_tokens":null,"prompt_tokens_details":[1]}}}
< 201

--- and a time that is not yet is now
> GET spans/chatcmpl-odd
< 200
{"span_id":"chatcmpl-odd","session_id":"chatcmpl-odd","workspace":"w","kind":"LLM","name":"m","source":"chat_completions","trace_id":"chatcmpl-odd","started_at":"<set NOW>","ended_at":"{{NOW}}","status":"success","provider":"openai","model":"m","usage_details":{},"cost_details":{},"input":"*","output":"*","ingested_at":"{{NOW}}"}

--- costs, and their details
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-costs","choices":[]},"cost_usd":0.0061,"cost_input_usd":"0.0024","cost_output_usd":0,"cost_details":{"base_input":0.0018,"cached_input":4e-4,"total":9,"input":9,"completion":9}}
< 201

--- as they were given
> GET spans/chatcmpl-costs
< 200
{"cost_total_usd":0.0061,"cost_input_usd":0.0024,"cost_output_usd":0.0,"cost_details":{"base_input":0.0018,"cached_input":0.0004},"...":true}

--- costs may stand among the details only
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-details","choices":[]},"cost_details":{"total":3,"total_cost":0.5,"prompt":0.25,"output_cost":0.125}}
< 201

--- under several names
> GET spans/chatcmpl-details
< 200
{"cost_total_usd":0.5,"cost_input_usd":0.25,"cost_output_usd":0.125,"cost_details":{},"...":true}

--- an error instead of an answer
> POST ingest/chat-completions
>> {"request":{"model":"gpt-99","messages":[{"role":"user"}]},"response":{"error":{"message":"The model `gpt-99` does not exist.","type":"invalid_request_error","code":"model_not_found"}},"session_id":"failed"}
< 201

--- is an error
> GET spans
? filter={"session_id":"failed"}
< 200
{"data":[{"status":"error","error_type":"invalid_request_error","error_message":"The model `gpt-99` does not exist.","model":"gpt-99","...":true}],"...":true}

--- its code is its type when it has none
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"error":{"code":429}},"session_id":"failed-2"}
< 201

--- its code
> GET spans
? filter={"session_id":"failed-2"}
< 200
{"data":[{"status":"error","error_type":"429","...":true}],"...":true}

--- the experiment context of the later API
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-exp","choices":[]},"experiment_context":{"experiment_id":"e2","test_case_id":"c2"}}
< 201

--- is the evaluation context of a span
> GET spans/chatcmpl-exp
< 200
{"evaluation_context":{"evaluation_id":"e2","test_case_id":"c2","metadata":{}},"...":true}

--- an evaluation context by its later names; unknown members are ignored
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-names","choices":[]},"evaluation_context":{"evaluation_name":"e3","evaluation_id":"e3","test_case_name":"c3","retired":1}}
< 201

--- is the same thing
> GET spans/chatcmpl-names
< 200
{"evaluation_context":{"evaluation_id":"e3","test_case_id":"c3","metadata":{}},"...":true}

--- an empty context is none
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-empty","choices":[]},"evaluation_context":{"evaluation_id":"","metadata":{}}}
< 201

--- and is not shown
> GET spans/chatcmpl-empty
< 200
{"span_id":"chatcmpl-empty","session_id":"chatcmpl-empty","workspace":"w","kind":"LLM","name":"m","source":"chat_completions","trace_id":"chatcmpl-empty","started_at":"<time>","ended_at":"<time>","status":"success","provider":"openai","model":"m","usage_details":{},"cost_details":{},"input":"*","output":"*","ingested_at":"<time>"}

--- both contexts at once
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-x","choices":[]},"evaluation_context":{},"experiment_context":{"experiment_id":"e"}}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, Use experiment_context; evaluation_context is deprecated and cannot be combined with it","input":"*","ctx":{"error":{}}}]}

--- a context that contradicts itself
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-x","choices":[]},"evaluation_context":{"evaluation_name":"a","evaluation_id":"b"}}
< 422
{"detail":[{"type":"value_error","loc":["body","evaluation_context"],"msg":"Value error, evaluation_name and deprecated evaluation_id must match","input":"*","ctx":{"error":{}}}]}

--- neither an answer nor an error
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"id":"chatcmpl-x","choices":null,"model":"m"}}
< 422
{"detail":[{"type":"value_error","loc":["body","response"],"msg":"Value error, response must include either `choices` or `error`","input":"*","ctx":{"error":{}}}]}

--- both
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[{"role":"user"}]},"response":{"choices":[],"error":{}}}
< 422
{"detail":[{"type":"value_error","loc":["body","response"],"msg":"Value error, response cannot include both `choices` and `error`","input":"*","ctx":{"error":{}}}]}

--- all that is wrong, at once
> POST ingest/chat-completions
>> {"project":"p","cost_total_usd":1,"experiment_id":"e","request":{"messages":[{"content":"c"},5]},"response":{"choices":[1],"error":"e"},"session_id":1,"evaluation_context":[],"experiment_context":{"experiment_id":null,"run":1},"cost_usd":-1,"cost_details":{"a":"x"}}
< 422 ordered
{"detail":[
 {"type":"missing","loc":["body","request","messages",0,"role"],"msg":"Field required","input":{"content":"c"}},
 {"type":"model_attributes_type","loc":["body","request","messages",1],"msg":"Input should be a valid dictionary or object to extract fields from","input":5},
 {"type":"missing","loc":["body","request","model"],"msg":"Field required","input":"*"},
 {"type":"dict_type","loc":["body","response","choices",0],"msg":"Input should be a valid dictionary","input":1},
 {"type":"dict_type","loc":["body","response","error"],"msg":"Input should be a valid dictionary","input":"e"},
 {"type":"string_type","loc":["body","session_id"],"msg":"Input should be a valid string","input":1},
 {"type":"model_attributes_type","loc":["body","evaluation_context"],"msg":"Input should be a valid dictionary or object to extract fields from","input":[]},
 {"type":"string_type","loc":["body","experiment_context","experiment_id"],"msg":"Input should be a valid string","input":null},
 {"type":"extra_forbidden","loc":["body","experiment_context","run"],"msg":"Extra inputs are not permitted","input":1},
 {"type":"greater_than_equal","loc":["body","cost_usd"],"msg":"Input should be greater than or equal to 0","input":-1,"ctx":{"ge":0.0}},
 {"type":"float_parsing","loc":["body","cost_details","a"],"msg":"Input should be a valid number, unable to parse string as a number","input":"x"},
 {"type":"extra_forbidden","loc":["body","project"],"msg":"Extra inputs are not permitted","input":"p"},
 {"type":"extra_forbidden","loc":["body","cost_total_usd"],"msg":"Extra inputs are not permitted","input":1},
 {"type":"extra_forbidden","loc":["body","experiment_id"],"msg":"Extra inputs are not permitted","input":"e"}]}

--- no messages
> POST ingest/chat-completions
>> {"request":{"model":"m","messages":[]},"response":{"choices":[]}}
< 422
{"detail":[{"type":"too_short","loc":["body","request","messages"],"msg":"List should have at least 1 item after validation, not 0","input":[],"ctx":{"field_type":"List","min_length":1,"actual_length":0}}]}

--- nothing at all
> POST ingest/chat-completions
>> {}
< 422
{"detail":[{"type":"missing","loc":["body","request"],"msg":"Field required","input":{}},{"type":"missing","loc":["body","response"],"msg":"Field required","input":{}}]}
