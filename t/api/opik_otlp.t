# OTLP on Opik's path, read back through Opik's API.

=== base /api/v1/private

--- a trace of three spans
> POST otel/v1/traces
> Content-Type: application/json
> projectName: otel
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"scope":{"name":"lib"},"spans":[
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00000000000000a1","name":"root","startTimeUnixNano":"1700000000000123456","endTimeUnixNano":"1700000001000999999","attributes":[{"key":"input","value":{"stringValue":"{\"q\":1}"}},{"key":"output","value":{"stringValue":"plain"}},{"key":"thread_id","value":{"stringValue":"th"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"3"}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00000000000000a2","parentSpanId":"00000000000000a1","name":"call","startTimeUnixNano":"1700000000100000000","endTimeUnixNano":"1700000000200000000","attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},{"key":"gen_ai.system","value":{"stringValue":"openai"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"3"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"4"}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00000000000000a3","parentSpanId":"00000000000000a1","name":"broken","startTimeUnixNano":"1700000000300000000","endTimeUnixNano":"1700000000400000000","status":{"code":2,"message":"bad"},"events":[{"name":"exception","timeUnixNano":"1700000000350000000","attributes":[{"key":"exception.type","value":{"stringValue":"ValueError"}},{"key":"exception.message","value":{"stringValue":"boom"}}]}]}]}]}]}
< 200
<< {}

--- a span: milliseconds, an SDK's, its usage with a total
> GET spans/00000000000000a2
< 200
{"id":"018bcfe5-6800-77a3-a53e-7e7ed54012a2","project_name":"otel","trace_id":"018bcfe5-6800-7334-bd2a-4b7838de7d6e","parent_span_id":"018bcfe5-6800-73b7-bf4d-9d2ef2d56ead","name":"call","type":"llm","model":"gpt-4o","provider":"openai","start_time":"2023-11-14T22:13:20.100Z","end_time":"2023-11-14T22:13:20.200Z","duration":100.0,"source":"sdk","metadata":{"provider":"openai","integration":"lib"},"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7},"...":true}

--- its parent leaves the usage to it
> GET spans/00000000000000a1
< 200
{"id":"018bcfe5-6800-73b7-bf4d-9d2ef2d56ead","project_name":"otel","project_id":"<uuid>","trace_id":"018bcfe5-6800-7334-bd2a-4b7838de7d6e","name":"root","type":"llm","start_time":"2023-11-14T22:13:20Z","end_time":"2023-11-14T22:13:21Z","input":{"input":{"q":1}},"output":{"output":"plain"},"metadata":{"integration":"lib","thread_id":"th"},"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","duration":1000.0,"source":"sdk","environment":""}

--- an error: of the event, its type and message
> GET spans/00000000000000a3
< 200
{"type":"general","error_info":{"exception_type":"ValueError","message":"boom","traceback":"boom"},"metadata":{"integration":"lib","opentelemetry.events":["*"]},"...":true}

--- the root stands for the trace, which sums up its spans
> GET traces/0af7651916cd43dd8448eb211c80319c
< 200
{"id":"018bcfe5-6800-7334-bd2a-4b7838de7d6e","name":"root","thread_id":"th","input":{"input":{"q":1}},"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7},"span_count":3,"project_name":"otel","...":true}

--- sent again, it is not there twice
> POST otel/v1/traces
> Content-Type: application/json
> projectName: otel
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00000000000000a3","parentSpanId":"00000000000000a1","name":"broken again","startTimeUnixNano":"1700000000300000000"}]}]}]}
< 200
<< {}

--- but replaced
> GET spans?project_name=otel
? filters=[{"field":"trace_id","operator":"=","value":"0af7651916cd43dd8448eb211c80319c"}]
? sorting=[{"field":"start_time","direction":"DESC"}]
< 200
{"total":3,"content":[{"name":"broken again","...":true},{"name":"call","...":true},{"name":"root","...":true}],"...":true}

--- behind a cursor
> POST spans/search
>> {"project_name":"otel","last_retrieved_id":"00000000000000a3"}
< 200
{"id":"018bcfe5-6800-73b7-bf4d-9d2ef2d56ead","...":true}

--- its spans get scores, in batches too
> PUT spans/feedback-scores
>> {"scores":[{"id":"00000000000000a2","name":"q","value":0.5,"source":"sdk","project_name":"otel"}]}
< 204

--- and so do traces
> PUT traces/feedback-scores
>> {"scores":[{"id":"0af7651916cd43dd8448eb211c80319c","name":"t","value":1,"source":"sdk","project_name":"otel"}]}
< 204

--- which are shown
> GET traces/0af7651916cd43dd8448eb211c80319c
< 200
{"feedback_scores":[{"name":"t","value":1,"...":true}],"span_feedback_scores":[{"name":"q","value":0.5,"...":true}],"...":true}

--- a span by the UUID it is shown as
> GET spans/80000000-0000-7000-8000-0000000000A2
< 200
{"id":"018bcfe5-6800-77a3-a53e-7e7ed54012a2","feedback_scores":[{"name":"q","value":0.5,"...":true}],"...":true}

--- and its trace
> GET traces/8AF76519-16cd-73dd-8448-eb211c80319c
< 200
{"id":"018bcfe5-6800-7334-bd2a-4b7838de7d6e","name":"root","span_count":3,"...":true}

--- one that differs from it in other bits
> GET traces/8af76519-16cd-73dd-8448-eb211c80319d
< 404
{"code":404,"message":"Trace id: 8af76519-16cd-73dd-8448-eb211c80319d not found"}

--- other dialects know the hex id
> GET /apis/intake/v2/workspaces/default/spans/00000000000000a2
< 200
{"span_id":"00000000000000a2","trace_id":"0af7651916cd43dd8448eb211c80319c","parent_span_id":"00000000000000a1","...":true}

--- the spans of the trace, by the UUID
> GET spans?project_name=otel&trace_id=8af76519-16cd-73dd-8448-eb211c80319c
< 200
{"total":3,"...":true}

--- by filters
> GET spans?project_name=otel
? filters=[{"field":"trace_id","operator":"=","value":"8af76519-16cd-73dd-8448-eb211c80319c"},{"field":"id","operator":"!=","value":"80000000-0000-7000-8000-0000000000a1"},{"field":"id","operator":"!=","value":"00000000000000a2"}]
< 200
{"total":1,"content":[{"id":"018bcfe5-6800-767c-817d-055e9d57ab33","...":true}],"...":true}

--- by one on the id
> GET spans?project_name=otel
? filters=[{"field":"id","operator":"=","value":"80000000-0000-7000-8000-0000000000a2"}]
< 200
{"total":1,"content":[{"id":"018bcfe5-6800-77a3-a53e-7e7ed54012a2","...":true}],"...":true}

--- not of the trace
> GET spans?project_name=otel
? filters=[{"field":"trace_id","operator":"!=","value":"8af76519-16cd-73dd-8448-eb211c80319c"}]
< 200
{"total":0,"...":true}

--- traces by a filter
> GET traces?project_name=otel
? filters=[{"field":"id","operator":"=","value":"8AF76519-16cd-73dd-8448-eb211c80319c"}]
< 200
{"total":1,"content":[{"id":"018bcfe5-6800-7334-bd2a-4b7838de7d6e","...":true}],"...":true}

--- the search looks for what is shown
> GET spans?project_name=otel&search=8af76519-16cd-73dd-8448-eb211c80319c
< 200
{"total":3,"...":true}

--- of a span too
> GET spans?project_name=otel&search=80000000-0000-7000-8000-0000000000a3
< 200
{"total":1,"...":true}

--- of a trace too
> GET traces?project_name=otel&search=8af76519-16cd-73dd-8448-eb211c80319c
< 200
{"total":1,"...":true}

--- spans behind a cursor that is a UUID
> POST spans/search
>> {"project_name":"otel","last_retrieved_id":"80000000-0000-7000-8000-0000000000a3"}
< 200
{"id":"018bcfe5-6800-73b7-bf4d-9d2ef2d56ead","...":true}

--- traces behind one
> POST traces/search
>> {"project_name":"otel","last_retrieved_id":"8af76519-16cd-73dd-8448-eb211c80319c"}
< 200
<x

--- a score by the UUID of a span
> PUT spans/80000000-0000-7000-8000-0000000000a2/feedback-scores
>> {"name":"u","value":1,"source":"sdk"}
< 204

--- of a trace
> PUT traces/8af76519-16cd-73dd-8448-eb211c80319c/feedback-scores
>> {"name":"one","value":1,"source":"sdk"}
< 204

--- of a trace, in batches
> PUT traces/feedback-scores
>> {"scores":[{"id":"8af76519-16cd-73dd-8448-eb211c80319c","name":"t","value":2,"source":"sdk","project_name":"otel"},{"id":"01a1fb2b-93be-7149-bec9-0000000000aa","name":"t","value":2,"source":"sdk","project_name":"otel"}]}
< 204

--- a comment
> POST traces/8af76519-16cd-73dd-8448-eb211c80319c/comments
>> {"text":"seen"}
< 201

--- are what the hex id has: one value of a name
> GET traces/0AF7651916cd43dd8448eb211c80319c
< 200
{"feedback_scores":[{"name":"t","value":2,"...":true},{"name":"one","...":true}],"span_feedback_scores":[{"name":"q","...":true},{"name":"u","...":true}],"comments":[{"text":"seen","...":true}],"...":true}

--- a score is taken back
> POST traces/8af76519-16cd-73dd-8448-eb211c80319c/feedback-scores/delete
>> {"name":"one"}
< 204

--- PATCH by the UUIDs
> PATCH spans/80000000-0000-7000-8000-0000000000a2
>> {"project_name":"otel","trace_id":"8af76519-16cd-73dd-8448-eb211c80319c","parent_span_id":"80000000-0000-7000-8000-0000000000a1","name":"patched","tags":["x"]}
< 204

--- keeps all it does not name
> GET spans/00000000000000a2
< 200
{"id":"018bcfe5-6800-77a3-a53e-7e7ed54012a2","name":"patched","tags":["x"],"type":"llm","model":"gpt-4o","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7},"start_time":"2023-11-14T22:13:20.100Z","last_updated_by":"admin","...":true}

--- also what only others see
> GET /apis/intake/v2/workspaces/default/spans/00000000000000a2
< 200
{"span_id":"00000000000000a2","trace_id":"0af7651916cd43dd8448eb211c80319c","name":"patched","kind":"LLM","status":"success","source":"otel","...":true}

--- PATCH by the hex ids
> PATCH spans/00000000000000A3
>> {"project_name":"otel","trace_id":"0af7651916cd43dd8448eb211c80319c","parent_span_id":"00000000000000a1","type":"tool"}
< 204

--- does the same
> GET spans/80000000-0000-7000-8000-0000000000a3
< 200
{"type":"tool","name":"broken again","...":true}

--- PATCH into another trace
> PATCH spans/00000000000000a3
>> {"project_name":"otel","trace_id":"8af76519-16cd-73dd-8448-eb211c80319d","parent_span_id":"00000000000000a1"}
< 409
{"errors":["trace_id does not match the existing span"]}

--- PATCH of a span that did not come yet
> PATCH spans/00000000000000aa
>> {"project_name":"otel","trace_id":"0af7651916cd43dd8448eb211c80319c"}
< 404
{"code":404,"message":"Span id: 80000000-0000-7000-8000-0000000000aa not found"}

--- PATCH of the trace is one of its root
> PATCH traces/8af76519-16cd-73dd-8448-eb211c80319c
>> {"project_name":"otel","tags":["whole"],"output":{"a":1}}
< 204

--- which stands for it
> GET traces/0af7651916cd43dd8448eb211c80319c
< 200
{"name":"root","tags":["whole"],"output":{"a":1},"thread_id":"th","start_time":"2023-11-14T22:13:20Z","span_count":3,"...":true}

--- many traces
> PATCH traces/batch
>> {"ids":["8af76519-16cd-73dd-8448-eb211c80319c","01a1fb2b-93be-7149-bec9-0000000000aa"],"update":{"tags_to_add":["more"]}}
< 204

--- of which one is there
> GET traces/8af76519-16cd-73dd-8448-eb211c80319c
< 200
{"tags":["whole","more"],"...":true}

--- PATCH of a trace that did not come yet
> PATCH traces/8af76519-16cd-73dd-8448-eb211c80319d
>> {"project_name":"otel"}
< 404
{"code":404,"message":"Trace id: 8af76519-16cd-73dd-8448-eb211c80319d not found"}

--- a span is added to the trace
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"otel","trace_id":"8af76519-16cd-73dd-8448-eb211c80319c","parent_span_id":"80000000-0000-7000-8000-0000000000a1","name":"added","start_time":"2026-01-01T00:00:00Z"}
< 201

--- and is one of it, everywhere
> GET /apis/intake/v2/workspaces/default/spans/01a1fb2b-93be-7149-bec9-0000000000ff
< 200
{"trace_id":"0af7651916cd43dd8448eb211c80319c","parent_span_id":"00000000000000a1","...":true}

--- and can go
> DELETE spans/01a1fb2b-93be-7149-bec9-0000000000ff
< 204

--- an id in no form is none
> POST spans/delete
>> {"ids":["00000000000000zz"]}
< 400
{"code":400,"message":"<re Unable to process JSON. Cannot deserialize value of type `java.util.UUID` .*>"}

--- a span can be deleted
> POST spans/delete
>> {"ids":["00000000000000A3"]}
< 204

--- and is gone
> GET spans/00000000000000a3
< 404
{"...":true}

--- so can the trace
> POST traces/delete
>> {"ids":["8af76519-16cd-73dd-8448-eb211c80319c"]}
< 204

--- with all its spans
> GET spans?project_name=otel
< 200
{"total":0,"...":true}

--- ids in base64, as protobuf's own libraries write JSON
> POST otel/v1/traces
> Content-Type: application/json
> projectName: base64
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my-service"}}]},"scopeSpans":[{"spans":[{"traceId":"CvdlGRbNQ92ESOshHIAxnA==","spanId":"t61rcWkgMzE=","name":"example-span","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1623456790000000000"}]}]}]}
< 200
<< {}

--- are the same ids
> GET spans/b7ad6b7169203331
< 200
{"trace_id":"018bcfe5-6800-7334-bd2a-4b7838de7d6e","name":"example-span","project_name":"base64","...":true}

--- what is neither is refused
> POST otel/v1/traces
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"not an id!","spanId":"01","startTimeUnixNano":"1"}]}]}]}
< 400
{"code":3,"message":"<re Invalid OTLP JSON: .*traceId: must be hex digits.*>"}

--- a trace id of version 7 given by an attribute
> POST otel/v1/traces
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0b","spanId":"0c","parentSpanId":"0d","name":"attached","startTimeUnixNano":"1700000000000000000","attributes":[{"key":"opik.trace_id","value":{"stringValue":"01a1fb2b-93be-7149-bec9-000000000001"}},{"key":"opik.span_id","value":{"stringValue":"01a1fb2b-93be-7149-bec9-000000000002"}},{"key":"opik.parent_span_id","value":{"stringValue":"01a1fb2b-93be-7149-bec9-000000000003"}}]}]}]}]}
< 200
<< {}

--- is where the span is, in the default project
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 200
{"project_name":"Default Project","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","parent_span_id":"01a1fb2b-93be-7149-bec9-000000000003","name":"attached","...":true}

--- a trace whose id is a UUID of version 7 already
> POST otel/v1/traces
> Content-Type: application/json
> projectName: seven
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"019c0000000070008000000000000001","spanId":"00000000000000e1","name":"seven","startTimeUnixNano":"1700000000000000000"}]}]}]}
< 200
<< {}

--- is shown as that
> GET spans/00000000000000e1
< 200
{"trace_id":"019c0000-0000-7000-8000-000000000001","...":true}

--- and known by it
> GET traces/019c0000-0000-7000-8000-000000000001
< 200
{"id":"019c0000-0000-7000-8000-000000000001","name":"seven","span_count":1,"...":true}

--- also to filters
> GET traces?project_name=seven
? filters=[{"field":"id","operator":"=","value":"019c0000-0000-7000-8000-000000000001"}]
< 200
{"total":1,"...":true}

--- and scores, one by one or many at once
> PUT traces/feedback-scores
>> {"scores":[{"id":"019c0000-0000-7000-8000-000000000001","name":"few","value":1,"source":"sdk","project_name":"seven"},{"id":"019c0000-0000-7000-8000-000000000002","name":"few","value":1,"source":"sdk","project_name":"seven"}]}
< 204
--- (seventeen)
> PUT traces/feedback-scores
>> {"scores":[{{17*{"id":"019c0000-0000-7000-8000-000000000001","name":"many","value":2,"source":"sdk","project_name":"seven"},*}}{"id":"019c0000-0000-7000-8000-000000000002","name":"many","value":2,"source":"sdk","project_name":"seven"}]}
< 204
--- which it has
> GET traces/019c0000000070008000000000000001
< 200
{"feedback_scores":["*","*"],"...":true}

--- and PATCH
> PATCH traces/019c0000-0000-7000-8000-000000000001
>> {"project_name":"seven","name":"eight"}
< 204

--- which changed it
> GET traces/019c0000000070008000000000000001
< 200
{"id":"019c0000-0000-7000-8000-000000000001","name":"eight","...":true}

--- a trace that has the UUID itself goes first
> POST traces
>> {"id":"019c0000-0000-7000-8000-000000000001","project_name":"seven","name":"own","start_time":"2026-01-01T00:00:00Z"}
< 201

--- from now on
> GET traces/019c0000-0000-7000-8000-000000000001
< 200
{"name":"own","...":true}

--- DELETE by the UUID
> DELETE spans/80000000-0000-7000-8000-0000000000e1
< 204

--- takes the span
> GET spans/00000000000000e1
< 404
{"...":true}

--- a trace whose id has 64 bits, in 128
> POST otel/v1/traces
> Content-Type: application/json
> projectName: short
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0000000000000000089abcdef0123456","spanId":"089abcdef0123456","name":"short","startTimeUnixNano":"1700000000000000000"}]}]}]}
< 200
<< {}

--- looks as one of 16 digits
> GET spans/80000000-0000-7000-889a-bcdef0123456
< 200
{"id":"018bcfe5-6800-733e-b86c-f862b40bb521","trace_id":"018bcfe5-6800-77d7-8a56-6659c7e0738d","...":true}

--- but is found
> GET traces/80000000-0000-7000-889a-bcdef0123456
< 200
{"id":"018bcfe5-6800-77d7-8a56-6659c7e0738d","name":"short","...":true}

--- by parameters
> GET spans?project_name=short&trace_id=80000000-0000-7000-889a-bcdef0123456
< 200
{"total":1,"...":true}

--- by filters
> GET traces?project_name=short
? filters=[{"field":"id","operator":"=","value":"80000000-0000-7000-889a-bcdef0123456"}]
< 200
{"total":1,"...":true}

--- by PATCH
> PATCH traces/80000000-0000-7000-889a-bcdef0123456
>> {"project_name":"short","name":"longer"}
< 204

--- by scores
> PUT traces/feedback-scores
>> {"scores":[{"id":"80000000-0000-7000-889a-bcdef0123456","name":"t","value":2,"source":"sdk","project_name":"short"}]}
< 204

--- which both held
> GET traces/0000000000000000089abcdef0123456
< 200
{"name":"longer","feedback_scores":[{"name":"t","...":true}],"...":true}

--- and DELETE
> DELETE traces/80000000-0000-7000-889a-bcdef0123456
< 204

--- which took it
> GET traces/0000000000000000089abcdef0123456
< 404
{"...":true}

--- a message is an error only of what failed, and of what has an exception
> POST otel/v1/traces
> Content-Type: application/json
> projectName: messages
>> {"resourceSpans":[{"scopeSpans":[{"spans":[
>>  {"traceId":"0af7651916cd43dd8448eb211c8031e1","spanId":"00000000000000e1","name":"fine","startTimeUnixNano":"1700000000000000000","status":{"code":1,"message":"all fine"}},
>>  {"traceId":"0af7651916cd43dd8448eb211c8031e1","spanId":"00000000000000e2","name":"unset","startTimeUnixNano":"1700000000100000000","status":{"message":"a remark"}},
>>  {"traceId":"0af7651916cd43dd8448eb211c8031e1","spanId":"00000000000000e3","name":"failed","startTimeUnixNano":"1700000000200000000","status":{"code":2,"message":"it broke"}}]}]}]}
< 200
<< {}

--- (read in that order)
> GET spans?project_name=messages
? sorting=[{"field":"start_time","direction":"ASC"}]
< 200
{"content":[{"name":"fine","metadata":{"otel.status_message":"all fine"},"...":true},
 {"name":"unset","metadata":{"otel.status_message":"a remark"},"...":true},
 {"name":"failed","error_info":{"exception_type":"Error","message":"it broke","traceback":"it broke"},"...":true}],"...":true}

--- and so the filter finds it
> GET spans?project_name=messages
? filters=[{"field":"error_info","operator":"is_not_empty","value":""}]
< 200
{"total":1,"content":[{"name":"failed","...":true}],"...":true}

--- an object of counts has Opik's names as well
> POST otel/v1/traces
> Content-Type: application/json
> projectName: counts
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c8031e4","spanId":"00000000000000e4","name":"logfire","startTimeUnixNano":"1700000000000000000","attributes":[{"key":"usage","value":{"stringValue":"{\"input_tokens\":3,\"output_tokens\":4,\"cache_read_tokens\":1,\"other\":9}"}}]}]}]}]}
< 200
<< {}

--- (and a total)
> GET spans/00000000000000e4
< 200
{"usage":{"prompt_tokens":3,"completion_tokens":4,"cache_read_input_tokens":1,"other":9,"total_tokens":7},"...":true}

--- what is new to the context is input of Claude Code's requests only
> POST otel/v1/traces
> Content-Type: application/json
> projectName: claude
>> {"resourceSpans":[{"scopeSpans":[{"spans":[
>>  {"traceId":"0af7651916cd43dd8448eb211c8031e5","spanId":"00000000000000e5","name":"claude_code.llm_request","startTimeUnixNano":"1700000000000000000","attributes":[{"key":"new_context","value":{"stringValue":"asked"}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c8031e5","spanId":"00000000000000e6","name":"claude_code.tool","startTimeUnixNano":"1700000000100000000","attributes":[{"key":"new_context","value":{"stringValue":"came back"}}]}]}]}]}
< 200
<< {}

--- (read in that order)
> GET spans?project_name=claude
? sorting=[{"field":"start_time","direction":"ASC"}]
< 200
{"content":[{"name":"claude_code.llm_request","input":{"new_context":"asked"},"...":true},
 {"id":"018bcfe5-6800-7cf0-ab4c-c11176a4a6db","project_id":"<uuid>","trace_id":"018bcfe5-6800-7977-a44f-b7734685e35d","name":"claude_code.tool","type":"tool","start_time":"<time>","metadata":{"provider":"anthropic","new_context":"came back"},"provider":"anthropic","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","source":"sdk","environment":""}],"...":true}

--- an exception of which nothing is said is an error, whatever the status
> POST otel/v1/traces
> Content-Type: application/json
> projectName: exceptions
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c8031e7","spanId":"00000000000000e7","name":"caught","startTimeUnixNano":"1700000000000000000","events":[{"name":"exception","timeUnixNano":"1700000000000000001"}]}]}]}]}
< 200
<< {}

--- (shown as one)
> GET spans/00000000000000e7
< 200
{"name":"caught","error_info":{"exception_type":"Error","traceback":"Error"},"...":true}

--- counts that are one count to Opik
> POST otel/v1/traces
> projectName: once
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[
>>  {"traceId":"0af7651916cd43dd8448eb211c8031cc","spanId":"00000000000000b0","name":"root","startTimeUnixNano":"1780000000000000000"},
>>  {"traceId":"0af7651916cd43dd8448eb211c8031cc","spanId":"00000000000000b1","parentSpanId":"00000000000000b0","name":"attributes","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.usage.prompt_tokens","value":{"intValue":9}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":2}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":10}},{"key":"llm.token_count.completion","value":{"intValue":2}},
>>   {"key":"gen_ai.usage.completion_tokens","value":{"intValue":2}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c8031cc","spanId":"00000000000000b2","parentSpanId":"00000000000000b0","name":"members","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"usage","value":{"stringValue":"{\"input_tokens\":1,\"prompt_tokens\":1,\"output_tokens\":3,\"completion_tokens\":3}"}}]}]}]}]}
< 200

--- are written once, the last one
> GET spans?project_name=once&sorting=%5B%7B%22field%22%3A%22name%22%2C%22direction%22%3A%22ASC%22%7D%5D
< 200 ordered
{"...":true,"content":[{"...":true,"name":"attributes","usage":{"prompt_tokens":10,"completion_tokens":2,"completion":2,"total_tokens":12}},{"...":true,"name":"members","usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}},{"...":true,"name":"root"}]}

--- and counted once
> GET traces?project_name=once
< 200
{"content":[{"usage":{"completion":2,"completion_tokens":5,"prompt_tokens":11,"total_tokens":16},"...":true}],"...":true}
