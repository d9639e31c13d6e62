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
{"id":"00000000000000a2","project_name":"otel","trace_id":"0af7651916cd43dd8448eb211c80319c","parent_span_id":"00000000000000a1","name":"call","type":"llm","model":"gpt-4o","provider":"openai","start_time":"2023-11-14T22:13:20.100Z","end_time":"2023-11-14T22:13:20.200Z","duration":100.0,"source":"sdk","metadata":{"provider":"openai","integration":"lib"},"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7},"...":true}

--- its parent leaves the usage to it
> GET spans/00000000000000a1
< 200
{"id":"00000000000000a1","project_name":"otel","project_id":"<uuid>","trace_id":"0af7651916cd43dd8448eb211c80319c","name":"root","type":"llm","start_time":"2023-11-14T22:13:20Z","end_time":"2023-11-14T22:13:21Z","input":{"input":{"q":1}},"output":{"output":"plain"},"metadata":{"integration":"lib","thread_id":"th"},"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","duration":1000.0,"source":"sdk","environment":""}

--- an error: of the event, its type and message
> GET spans/00000000000000a3
< 200
{"type":"general","error_info":{"exception_type":"ValueError","message":"boom","traceback":"boom"},"metadata":{"integration":"lib","opentelemetry.events":["*"]},"...":true}

--- the root stands for the trace, which sums up its spans
> GET traces/0af7651916cd43dd8448eb211c80319c
< 200
{"id":"0af7651916cd43dd8448eb211c80319c","name":"root","thread_id":"th","input":{"input":{"q":1}},"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7},"span_count":3,"project_name":"otel","...":true}

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
>> {"project_name":"otel","last_retrieved_id":"00000000000000a2"}
< 200
{"id":"00000000000000a1","...":true}

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
>> {"ids":["0af7651916cd43dd8448eb211c80319c"]}
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
{"trace_id":"0af7651916cd43dd8448eb211c80319c","name":"example-span","project_name":"base64","...":true}

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
