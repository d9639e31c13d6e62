# Opik's newest behaviour: order, identity, one row a trace, PATCH before POST.

=== base /api/v1/private

=== lines default 2026-03-02
defaults {"source":"nemo","kind":"CHAIN","project":"mix","status":"success","session_id":"s"}
{"span_id":"n1","trace_id":"zz-last-year","name":"last year","started_at":"2025-03-02T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"00000000000000e1","trace_id":"ffffffffffffffffffffffffffffffff","name":"hex","started_at":"2026-03-02T10:00:00Z","ingested_at":"2026-03-02T10:00:00Z"}

--- traces of an SDK, one older and one newer than that of OTLP
> POST traces/batch
>> {"traces":[
>>  {"id":"019cae34-7780-7000-8000-000000000001","project_name":"mix","name":"sdk new","start_time":"2026-03-02T11:00:00Z"},
>>  {"id":"019cadc6-9a80-7000-8000-000000000001","project_name":"mix","name":"sdk old","start_time":"2026-03-02T09:00:00Z"}]}
< 204

--- newest first, from all clients; last year's stand below today's
> GET traces?project_name=mix
< 200
{"total":4,"content":[{"name":"sdk new","...":true},{"name":"hex","...":true},{"name":"sdk old","...":true},{"name":"last year","...":true}],"...":true}

--- pages keep the order
> GET traces?project_name=mix&page=2&size=2
< 200
{"total":4,"content":[{"name":"sdk old","...":true},{"name":"last year","...":true}],"...":true}

--- a stream has the order of the list
> POST traces/search
>> {"project_name":"mix","limit":1}
< 200
{"name":"sdk new","...":true}

--- and goes on behind a trace that came by OTLP
> POST traces/search
>> {"project_name":"mix","limit":1,"last_retrieved_id":"ffffffff-ffff-7fff-bfff-ffffffffffff"}
< 200
{"name":"sdk old","...":true}

--- behind the oldest of the SDK comes the one of last year
> POST traces/search
>> {"project_name":"mix","limit":1,"last_retrieved_id":"019cadc6-9a80-7000-8000-000000000001"}
< 200
{"name":"last year","...":true}

--- behind a deleted trace the stream goes on where it stood
> POST traces/delete
>> {"ids":["019cae34-7780-7000-8000-000000000001"]}
< 204

--- without loss
> POST traces/search
>> {"project_name":"mix","limit":1,"last_retrieved_id":"019cae34-7780-7000-8000-000000000001"}
< 200
{"name":"hex","...":true}

--- behind an unknown id that has no time there is nothing
> POST traces/search
>> {"project_name":"mix","last_retrieved_id":"00000000-0000-4000-8000-000000000001"}
< 200
<x

--- spans have the same order
> GET spans?project_name=mix
< 200
{"total":2,"content":[{"name":"hex","...":true},{"name":"last year","...":true}],"...":true}

--- a span that waits for its POST, and one of a second
> PATCH spans/019cae34-7780-7000-8000-000000000011
>> {"project_name":"wait","trace_id":"019cae34-7780-7000-8000-000000000010","end_time":"2026-03-02T11:00:05Z"}
< 204

--- which has both ends
> POST spans
>> {"id":"019cae34-7780-7000-8000-000000000012","trace_id":"019cae34-7780-7000-8000-000000000010","project_name":"wait","name":"whole","start_time":"2026-03-02T11:00:00Z","end_time":"2026-03-02T11:00:01Z"}
< 201

--- durations are of the second alone
> GET spans/stats?project_name=wait
< 200
{"stats":[{"name":"span_count","type":"COUNT","value":2},{"name":"duration","type":"PERCENTAGE","value":{"p50":1000,"p90":1000,"p99":1000}},"*","*","*","*","*","*","*"]}

--- the one that waits sorts last downwards
> GET spans?project_name=wait
? sorting=[{"field":"duration","direction":"DESC"}]
< 200
{"content":[{"name":"whole","...":true},{"id":"019cae34-7780-7000-8000-000000000011","...":true}],"...":true}

--- and upwards
> GET spans?project_name=wait
? sorting=[{"field":"duration","direction":"ASC"}]
< 200
{"content":[{"name":"whole","...":true},{"id":"019cae34-7780-7000-8000-000000000011","...":true}],"...":true}

--- by its start it is of 1970
> GET spans?project_name=wait
? sorting=[{"field":"start_time","direction":"DESC"}]
< 200
{"content":[{"name":"whole","...":true},{"id":"019cae34-7780-7000-8000-000000000011","...":true}],"...":true}

--- a PATCH with empty values comes before its POST
> PATCH spans/019cae34-7780-7000-8000-000000000021
>> {"project_name":"empty","trace_id":"019cae34-7780-7000-8000-000000000020","metadata":{},"tags":[],"usage":{},"total_estimated_cost":0,"ttft":0}
< 204

--- which is sent
> POST spans
>> {"id":"019cae34-7780-7000-8000-000000000021","trace_id":"019cae34-7780-7000-8000-000000000020","project_name":"empty","start_time":"2026-03-02T11:00:00Z","metadata":{"a":1},"tags":["x"],"usage":{"prompt_tokens":2},"total_estimated_cost":0.5,"ttft":9}
< 201

--- empty metadata stays, empty tags and usage and a cost of 0 do not
> GET spans/019cae34-7780-7000-8000-000000000021
< 200
{"metadata":{},"tags":["x"],"usage":{"prompt_tokens":2},"total_estimated_cost":0.5,"ttft":0,"...":true}

--- on the whole row a PATCH clears them
> PATCH spans/019cae34-7780-7000-8000-000000000021
>> {"project_name":"empty","trace_id":"019cae34-7780-7000-8000-000000000020","tags":[],"total_estimated_cost":0}
< 204

--- as it says
> GET spans/019cae34-7780-7000-8000-000000000021
< 200
{"id":"019cae34-7780-7000-8000-000000000021","project_name":"empty","project_id":"*","trace_id":"*","start_time":"*","metadata":{},"usage":{"prompt_tokens":2},"created_at":"*","last_updated_at":"*","created_by":"admin","last_updated_by":"admin","ttft":0,"environment":""}

--- the same before a batch
> PATCH spans/019cae34-7780-7000-8000-000000000022
>> {"project_name":"empty","trace_id":"019cae34-7780-7000-8000-000000000020","metadata":{},"tags":[],"usage":{},"total_estimated_cost":0}
< 204

--- which has it
> POST spans/batch
>> {"spans":[{"id":"019cae34-7780-7000-8000-000000000022","trace_id":"019cae34-7780-7000-8000-000000000020","project_name":"empty","start_time":"2026-03-02T11:00:00Z","metadata":{"a":1},"tags":["x"],"usage":{"prompt_tokens":2},"total_estimated_cost":0.5}]}
< 204

--- ends the same
> GET spans/019cae34-7780-7000-8000-000000000022
< 200
{"metadata":{},"tags":["x"],"usage":{"prompt_tokens":2},"total_estimated_cost":0.5,"...":true}

--- a score just beyond its range is refused
> PUT spans/019cae34-7780-7000-8000-000000000022/feedback-scores
>> {"name":"s","value":-999999999.9999999991,"source":"sdk"}
< 422
{"errors":["value must be greater than or equal to -999999999.999999999"]}

--- and so is one above
> PUT spans/019cae34-7780-7000-8000-000000000022/feedback-scores
>> {"name":"s","value":999999999.9999999991,"source":"sdk"}
< 422
{"errors":["value must be less than or equal to 999999999.999999999"]}

--- its ends are scores
> PUT spans/019cae34-7780-7000-8000-000000000022/feedback-scores
>> {"name":"s","value":-999999999.999999999,"source":"sdk"}
< 204

--- a root that arrives first
> POST otel/v1/traces
> Content-Type: application/json
> projectName: roots
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01","spanId":"00000000000000b1","name":"later","startTimeUnixNano":"1767225601000000000"}]}]}]}
< 200
<< {}

--- and an earlier one of the same trace after it
> POST otel/v1/traces
> Content-Type: application/json
> projectName: roots
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01","spanId":"00000000000000b2","name":"earlier","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.usage.input_tokens","value":{"intValue":"3"}}]}]}]}]}
< 200
<< {}

--- a trace has one row, its earliest root
> GET traces?project_name=roots
< 200
{"total":1,"content":[{"name":"earlier","span_count":2,"usage":{"prompt_tokens":3},"...":true}],"...":true}

--- in the stream too
> POST traces/search
>> {"project_name":"roots"}
< 200
{"name":"earlier","...":true}

--- and the statistics
> GET traces/stats?project_name=roots
< 200
{"stats":[{"name":"trace_count","value":1,"type":"COUNT"},"*","*","*","*","*","*","*","*","*","*","*","*","*"]}

--- a filter that only the other root fits finds nothing
> GET traces?project_name=roots
? filters=[{"field":"name","operator":"=","value":"later"}]
< 200
{"total":0,"...":true}

--- both are spans
> GET spans?project_name=roots
< 200
{"total":2,"...":true}

--- an SDK may still post the trace
> POST traces
>> {"id":"019b76da-abe8-778b-864d-eced68077c57","project_name":"roots","name":"posted","start_time":"2026-01-01T00:00:05Z"}
< 201

--- its row is the trace's
> GET traces?project_name=roots
< 200
{"total":1,"content":[{"name":"posted","span_count":2,"...":true}],"...":true}

--- a span attached to a trace that is not there
> POST otel/v1/traces
> Content-Type: application/json
> projectName: attached
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa02","spanId":"00000000000000b3","name":"attached","startTimeUnixNano":"1767225601000000000","attributes":[{"key":"opik.trace_id","value":{"stringValue":"019cae34-7780-7000-8000-000000000031"}}]}]}]}]}
< 200
<< {}

--- makes no trace
> GET traces?project_name=attached
< 200
{"total":0,"...":true}

--- neither by its id
> GET traces/019cae34-7780-7000-8000-000000000031
< 404
{"code":404,"message":"Trace id: 019cae34-7780-7000-8000-000000000031 not found"}

--- until it is posted
> POST traces
>> {"id":"019cae34-7780-7000-8000-000000000031","project_name":"attached","name":"posted","start_time":"2026-01-01T00:00:05Z"}
< 201

--- with the span
> GET traces?project_name=attached
< 200
{"total":1,"content":[{"name":"posted","span_count":1,"...":true}],"...":true}

--- a trace id of another version is ignored, and a parent that is the trace is none
> POST otel/v1/traces
> Content-Type: application/json
> projectName: odd
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa03","spanId":"00000000000000b4","name":"own","startTimeUnixNano":"1767225601000000000","attributes":[{"key":"opik.trace_id","value":{"stringValue":"019cae34-7780-4000-8000-000000000031"}}]},{"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa04","spanId":"00000000000000b5","parentSpanId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa04","name":"root","startTimeUnixNano":"1767225600000000000"}]}]}]}
< 200
<< {}

--- each has a row of its own
> GET traces?project_name=odd
< 200
{"total":2,"content":[{"name":"own","...":true},{"name":"root","...":true}],"...":true}

--- a trace by OTLP
> POST otel/v1/traces
> Content-Type: application/json
> projectName: ids
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","name":"child","startTimeUnixNano":"1767225600900000000"},{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b173","name":"root","startTimeUnixNano":"1767225600000000000"}]}]}]}
< 200
<< {}

--- its ids are those of Opik's server: the start of the trace and a hash
> GET spans/eee19b7ec3c1b174
< 200
{"id":"019b76da-a800-7284-b6af-5fa6ee032c97","trace_id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6d","parent_span_id":"019b76da-a800-77bc-aaa7-d0f6c1746db5","name":"child","...":true}

--- by which a span is found
> GET spans/019b76da-a800-7284-b6af-5fa6ee032c97
< 200
{"name":"child","...":true}

--- and a trace
> GET traces/019b76da-a800-7c4b-aaa2-e4ea076c6c6d
< 200
{"id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6d","name":"root","span_count":2,"...":true}

--- the older form still names them
> GET traces/db8efff7-9803-7103-9269-b633813fc60c
< 200
{"id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6d","...":true}

--- in protobuf they are the same
> POST otel/v1/traces
> Content-Type: application/x-protobuf
> projectName: pb
>x 0a 2d 12 2b 12 29 0a 10 5b 8e ff f7 98 03 81 03 d2 69 b6 33 81 3f c6 0d 12 08 ee e1 9b 7e c3 c1 b1 75 2a 02 70 62 39 00 00 fa ed 51 72 86 18
< 200

--- made of the same bytes
> GET traces?project_name=pb
< 200
{"total":1,"content":[{"id":"019b76da-a800-70a9-865d-65727b5121d8","...":true}],"...":true}

--- an earlier span of a later request changes no id
> POST otel/v1/traces
> Content-Type: application/json
> projectName: ids
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b176","parentSpanId":"eee19b7ec3c1b173","name":"earlier","startTimeUnixNano":"1767225500000000000"}]}]}]}
< 200
<< {}

--- neither the trace's
> GET spans/eee19b7ec3c1b176
< 200
{"trace_id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6d","parent_span_id":"019b76da-a800-77bc-aaa7-d0f6c1746db5","...":true}

--- nor its first span's
> GET spans?project_name=ids
? filters=[{"field":"id","operator":"=","value":"019b76da-a800-7284-b6af-5fa6ee032c97"}]
< 200
{"total":1,"content":[{"id":"019b76da-a800-7284-b6af-5fa6ee032c97","name":"child","...":true}],"...":true}

--- the spans of the trace
> GET spans?project_name=ids&trace_id=019b76da-a800-7c4b-aaa2-e4ea076c6c6d
< 200
{"total":3,"...":true}

--- a trace stands at its start: a millisecond later it is not
> GET traces?project_name=ids&from_time=2026-01-01T00:00:00.001Z
< 200
{"total":0,"...":true}

--- at it it is
> GET traces?project_name=ids&from_time=2026-01-01T00:00:00Z
< 200
{"total":1,"...":true}

--- spans of a trace stand at its start too
> GET spans?project_name=ids&from_time=2026-01-01T00:00:00.001Z
< 200
{"total":0,"...":true}

--- a trace id that is a UUID of version 7 keeps its digits
> POST otel/v1/traces
> Content-Type: application/json
> projectName: seven
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"019b76daa8007c4baaa2e4ea076c6c6e","spanId":"eee19b7ec3c1b178","name":"v7","startTimeUnixNano":"1767225700000000000"}]}]}]}
< 200
<< {}

--- as they are
> GET traces?project_name=seven
< 200
{"total":1,"content":[{"id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6e","...":true}],"...":true}

--- a stream goes on behind such a span
> POST spans/search
>> {"project_name":"seven","last_retrieved_id":"019b76da-a800-7639-b291-4ed595e30f09"}
< 200
<x

--- a score by such an id
> PUT spans/feedback-scores
>> {"scores":[{"id":"019b76da-a800-77bc-aaa7-d0f6c1746db5","name":"q","value":1,"source":"sdk","project_name":"ids"}]}
< 204

--- is the span's
> GET spans/019b76da-a800-77bc-aaa7-d0f6c1746db5
< 200
{"name":"root","feedback_scores":[{"name":"q","value":1,"...":true}],"...":true}

--- a PATCH by such an id
> PATCH spans/019b76da-a800-77bc-aaa7-d0f6c1746db5
>> {"project_name":"ids","trace_id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6d","tags":["t"]}
< 204

--- changes it
> GET spans/eee19b7ec3c1b173
< 200
{"tags":["t"],"...":true}

--- an SDK may post a trace of that id
> POST traces
>> {"id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6d","project_name":"ids","name":"posted","start_time":"2026-01-01T00:00:05Z"}
< 201

--- which is the row then
> GET traces?project_name=ids
< 200
{"total":1,"content":[{"id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6d","name":"posted","span_count":3,"...":true}],"...":true}

--- and a span below it
> POST spans
>> {"id":"019cae34-7780-7000-8000-000000000041","trace_id":"019b76da-a800-7c4b-aaa2-e4ea076c6c6d","parent_span_id":"019b76da-a800-77bc-aaa7-d0f6c1746db5","project_name":"ids","name":"sdk's","start_time":"2026-01-01T00:00:01Z"}
< 201

--- other dialects know the digits
> GET /apis/intake/v2/workspaces/default/spans/019cae34-7780-7000-8000-000000000041
< 200
{"trace_id":"5b8efff798038103d269b633813fc60c","parent_span_id":"eee19b7ec3c1b173","...":true}

--- a span is deleted by such an id
> DELETE spans/019b76da-a800-7284-b6af-5fa6ee032c97
< 204

--- and gone
> GET spans/eee19b7ec3c1b174
< 404
{"code":404,"message":"*"}

--- texts with letters beyond ASCII
> POST spans/batch
>> {"spans":[
>>  {"id":"019cae34-7780-7000-8000-000000000051","trace_id":"019cae34-7780-7000-8000-000000000050","project_name":"letters","name":"Ärger mit ÖL","start_time":"2026-03-02T11:00:00Z","tags":["Größe"],"input":{"q":"ПРИВЕТ мир"}},
>>  {"id":"019cae34-7780-7000-8000-000000000052","trace_id":"019cae34-7780-7000-8000-000000000050","project_name":"letters","name":"Σοφία","start_time":"2026-03-02T11:00:00Z"}]}
< 204

--- contains does not mind their case
> GET spans?project_name=letters
? filters=[{"field":"name","operator":"contains","value":"ärger MIT"}]
< 200
{"total":1,"content":[{"id":"019cae34-7780-7000-8000-000000000051","...":true}],"...":true}

--- not_contains neither
> GET spans?project_name=letters
? filters=[{"field":"name","operator":"not_contains","value":"öl"}]
< 200
{"total":1,"content":[{"id":"019cae34-7780-7000-8000-000000000052","...":true}],"...":true}

--- nor starts_with
> GET spans?project_name=letters
? filters=[{"field":"name","operator":"starts_with","value":"σΟΦ"}]
< 200
{"total":1,"content":[{"id":"019cae34-7780-7000-8000-000000000052","...":true}],"...":true}

--- nor tags
> GET spans?project_name=letters
? filters=[{"field":"tags","operator":"contains","value":"GRÖ"}]
< 200
{"total":1,"...":true}

--- nor the search
> GET spans?project_name=letters
? search=привет
< 200
{"total":1,"content":[{"id":"019cae34-7780-7000-8000-000000000051","...":true}],"...":true}

--- equality is of ASCII letters, as in Opik
> GET spans?project_name=letters
? filters=[{"field":"name","operator":"=","value":"ärger mit öl"}]
< 200
{"total":0,"...":true}
