# Zipkin v2: POST /api/v2/spans.

=== base /apis/intake/v2/workspaces/default

--- spans as OpenTelemetry's Zipkin exporter writes them
> POST /api/v2/spans
> Content-Type: application/json
>> [{"traceId":"0af7651916cd43dd8448eb211c80319c","parentId":"00f067aa0ba902b6","id":"00f067aa0ba902b7","name":"chat gpt-4o","kind":"CLIENT",
>>   "timestamp":1772360430123456,"duration":1500000,"localEndpoint":{"serviceName":"agent"},"remoteEndpoint":{"ipv4":"10.0.0.1","port":443},
>>   "tags":{"gen_ai.operation.name":"chat","gen_ai.request.model":"gpt-4o","gen_ai.usage.input_tokens":"12","gen_ai.usage.output_tokens":"30",
>>           "session.id":"s1","input.value":"hi","output.value":"hé \"x\"","otel.status_code":"ERROR","error":"timed out","x":"true"},
>>   "annotations":[{"timestamp":1772360430200000,"value":"first byte"}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","id":"f067aa0ba902b6","name":"agent","timestamp":1772360430000000,"duration":0,"localEndpoint":{"serviceName":"agent"}}]
< 202
< Content-Type: -
<<

--- the span
> GET spans/00f067aa0ba902b7
< 200
{"span_id":"00f067aa0ba902b7","trace_id":"0af7651916cd43dd8448eb211c80319c","parent_span_id":"00f067aa0ba902b6","source":"zipkin","kind":"LLM",
 "name":"chat gpt-4o","status":"error","session_id":"s1","model":"gpt-4o","input_tokens":12,"output_tokens":30,"project":"agent",
 "started_at":"2026-03-01T10:20:30.123456Z","ended_at":"2026-03-01T10:20:31.623456Z","input":"hi","output":"hé \"x\"","error_message":"timed out",
 "raw_attributes":"<re .*\"x\":\"true\".*zipkin.remoteEndpoint.*10.0.0.1.*first byte.*>","...":true}

--- ids without their zeros
> GET spans/00f067aa0ba902b6
< 200
{"span_id":"00f067aa0ba902b6","status":"success","started_at":"2026-03-01T10:20:30Z","ended_at":"2026-03-01T10:20:30Z","...":true}

--- and the trace
> GET traces/0af7651916cd43dd8448eb211c80319c
< 200
{"name":"agent","span_count":2,"error_count":1,"...":true}

--- the same again is the same
> POST /api/v2/spans
>> [{"traceId":"0AF7651916CD43DD8448EB211C80319C","id":"f067AA0ba902b6","name":"agent","timestamp":1772360430000000,"duration":7}]
< 202
<<

--- (two spans)
> GET spans?filter[trace_id]=0af7651916cd43dd8448eb211c80319c
< 200
{"data":["*","*"],"...":true}

--- a server that shares its client's id is a span of its own
> POST /api/v2/spans
>> [{"traceId":"1","id":"2","name":"call","kind":"CLIENT","timestamp":1772360430000000,"duration":10},
>>  {"traceId":"1","id":"2","name":"serve","kind":"SERVER","shared":true,"timestamp":1772360430000002,"duration":5}]
< 202
<<

--- (below it)
> GET spans?filter[trace_id]=00000000000000000000000000000001&sort=started_at
< 200
{"data":[{"span_id":"0000000000000002","name":"call","...":true},
 {"span_id":"<hex16>","parent_span_id":"0000000000000002","name":"serve","...":true}],"...":true}

--- a span without times begins now and does not end
> POST /api/v2/spans
>> [{"traceId":"3","id":"4"}]
< 202
<<

--- (no end)
> GET spans/0000000000000004
< 200
{"span_id":"0000000000000004","trace_id":"00000000000000000000000000000003","source":"zipkin","kind":"UNKNOWN","status":"success",
 "session_id":"*","workspace":"default","started_at":"<time>","ingested_at":"<time>","usage_details":{},"cost_details":{},"raw_attributes":"*"}

--- no spans
> POST /api/v2/spans
>> []
< 202
<<

--- what is not Zipkin
> POST /api/v2/spans
>> {"resourceSpans":[]}
< 400
{"detail":"The body must be an array of spans."}

--- no JSON
> POST /api/v2/spans
>> [{"traceId":
< 400
{"detail":"Invalid JSON at character 12: Expecting value"}

--- nothing
> POST /api/v2/spans
< 400
{"detail":"*"}

--- Zipkin's protobuf is not served
> POST /api/v2/spans
> Content-Type: application/x-protobuf
>x 0a
< 415
{"detail":"Content-Type must be application/json."}

--- a bad span refuses the request: nothing of it is stored
> POST /api/v2/spans
>> [{"traceId":"5","id":"6"},{"traceId":"xyz","id":"7"}]
< 400
{"detail":"span 1: traceId must be 1 to 32 hex digits"}

--- (nothing)
> GET spans/0000000000000006
< 404
{"detail":"*"}

--- ids that are needed
> POST /api/v2/spans
>> [{"id":"7"}]
< 400
{"detail":"span '0000000000000007': trace_id is required"}

--- an id of zeros
> POST /api/v2/spans
>> [{"traceId":"5","id":"0"}]
< 400
{"detail":"span '0000000000000000': span_id is required"}

--- (too long)
> POST /api/v2/spans
>> [{"traceId":"5","id":"00000000000000007"}]
< 400
{"detail":"span 0: id must be 1 to 16 hex digits"}

--- a time of another type
> POST /api/v2/spans
>> [{"traceId":"5","id":"6","timestamp":"2026"}]
< 400
{"detail":"span 0: timestamp must be microseconds"}

--- a time past all times
> POST /api/v2/spans
>> [{"traceId":"5","id":"6","timestamp":9223372036854775,"duration":9223372036854775}]
< 400
{"detail":"span '0000000000000006': end_time_unix_nano is out of range"}

--- tags are texts
> POST /api/v2/spans
>> [{"traceId":"5","id":"6","tags":{"a":1}}]
< 400
{"detail":"span 0: the value of a tag must be a string"}

--- elements that are no spans
> POST /api/v2/spans
>> ["span"]
< 400
{"detail":"span 0: must be an object"}
