# OTLP over HTTP: encodings, answers, paths. Bodies of clients are in t/captures.

--- the bytes of the JavaScript exporter, protobuf
> POST /v1/traces
> Content-Type: application/x-protobuf
>@ ../captures/sdk-proto-01.pb
< 200
< Content-Type: application/x-protobuf
<x

--- are spans of the default workspace
> GET /apis/intake/v2/workspaces/default/spans?page_size=1&sort=started_at
? filter={"tool_name":"calculator"}
< 200
{"data":[{"kind":"TOOL","name":"execute_tool calculator","source":"otel","status":"error","error_type":"TypeError","error_message":"boom: divide by zero","project":"proj-a","...":true}],
 "pagination":{"total_results":1,"...":true},"...":true}

--- the rest of that client's batches
> POST /v1/traces
> Content-Type: application/x-protobuf
>@ ../captures/sdk-proto-02.pb
< 200
<x

--- compressed
> POST /v1/traces
> Content-Type: application/x-protobuf
> Content-Encoding: gzip
>@ ../captures/sdk-proto-gzip-03.pb.gz
< 200
<x

--- as JSON, compressed
> POST /v1/traces
> Content-Type: application/json; charset=utf-8
> Content-Encoding: gzip
>@ ../captures/sdk-json-gzip-02.json.gz
< 200
< Content-Type: application/json
<< {}

--- all of them are there
> GET /apis/intake/v2/workspaces/default/spans?page_size=1
< 200
{"pagination":{"total_results":138,"...":true},"...":true}

--- a body sent again because the answer was lost
> POST /v1/traces
> Content-Type: application/x-protobuf
>@ ../captures/sdk-proto-01.pb
< 200
<x

--- stores no span twice
> GET /apis/intake/v2/workspaces/default/spans?page_size=1
< 200
{"pagination":{"total_results":138,"...":true},"...":true}

--- an empty protobuf request
> POST /v1/traces
> Content-Type: application/x-protobuf
< 200
<x

--- an empty JSON request
> POST /v1/traces
> Content-Type: application/json
>> {"resourceSpans":[]}
< 200
<< {}

--- rejected spans are counted and named, protobuf
> POST /v1/traces
> Content-Type: application/x-protobuf
> X-Workspace: partial
>x 0a 84 01 12 81 01 12 31 0a 10 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 12 08 01 01 01 01 01 01 01 01 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18 12 21 0a 00 12 08 02 02 02 02 02 02 02 02 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18 12 29 0a 10 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 12 00 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18
< 200
< Content-Type: application/x-protobuf
<x 0a 54 08 02 12 50 73 70 61 6e 20 30 32 30 32 30 32 30 32 30 32 30 32 30 32 30 32 3a 20 74 72 61 63 65 5f 69 64 20 69 73 20 72 65 71 75 69 72 65 64 3b 20 73 70 61 6e 20 3c 6d 69 73 73 69 6e 67 3e 3a 20 73 70 61 6e 5f 69 64 20 69 73 20 72 65 71 75 69 72 65 64

--- rejected spans are counted and named, JSON
> POST /v1/traces
> Content-Type: application/json
> X-Workspace: partial
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0A0b","spanId":"0c"},{"spanId":"0d"},{},{},{},{},{}]}]}]}
< 200
< Content-Type: application/json
{"partialSuccess":{"rejectedSpans":"6","errorMessage":"span 0d: trace_id is required; span <missing>: trace_id is required; span <missing>: trace_id is required; span <missing>: trace_id is required; span <missing>: trace_id is required; and 1 more"}}

--- the others are stored, their nanoseconds cut to microseconds by NeMo's API
> GET /apis/intake/v2/workspaces/partial/spans?sort=started_at
< 200
{"data":[{"span_id":"0101010101010101","trace_id":"000102030405060708090a0b0c0d0e0f","started_at":"2026-05-28T20:26:40.000001Z","ended_at":"2026-05-28T20:26:41Z","...":true},
 {"span_id":"0c","trace_id":"0a0b","...":true}],"...":true}

--- a malformed body, protobuf
> POST /v1/traces
> Content-Type: application/x-protobuf
>x 0a 05 01
< 400
< Content-Type: application/x-protobuf
<x 08 03 12 3f 49 6e 76 61 6c 69 64 20 4f 54 4c 50 20 70 72 6f 74 6f 62 75 66 3a 20 6d 61 6c 66 6f 72 6d 65 64 20 6f 72 20 74 72 75 6e 63 61 74 65 64 20 6d 65 73 73 61 67 65 20 61 74 20 62 79 74 65 20 30

--- a malformed body, JSON
> POST /v1/traces
> Content-Type: application/json
>> {"resourceSpans":
< 400
< Content-Type: application/json
{"code":3,"message":"Invalid OTLP JSON: Expecting value at byte 17"}

--- logs sent to the traces path, protobuf
> POST /v1/traces
> Content-Type: application/x-protobuf
>x 0a 0f 12 0d 12 0b 09 11 00 00 00 00 00 00 00 10 09
< 400
<x 08 03 12 6b 49 6e 76 61 6c 69 64 20 4f 54 4c 50 20 70 72 6f 74 6f 62 75 66 3a 20 74 68 69 73 20 69 73 20 61 20 6c 6f 67 73 20 70 61 79 6c 6f 61 64 3b 20 6c 6f 67 73 20 67 6f 20 74 6f 20 2f 76 31 2f 6c 6f 67 73 2c 20 6e 6f 74 20 74 6f 20 74 68 65 20 74 72 61 63 65 73 20 70 61 74 68 3b 20 73 65 65 6e 20 61 74 20 62 79 74 65 20 31 35

--- attributes written as an object
> POST /v1/traces
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":{"a":"b"}}]}]}]}
< 400
{"code":3,"message":"Invalid OTLP JSON: resourceSpans[0].scopeSpans[0].spans[0].attributes: must be an array of {\"key\": \"k\", \"value\": {}}, not an object of names and values"}

--- another content type
> POST /v1/traces
> Content-Type: text/plain
>> x
< 415
< Content-Type: application/json
{"code":3,"message":"Content-Type must be application/x-protobuf or application/json."}

--- what zstd packed
> POST /v1/traces
> Content-Type: application/json
> Content-Encoding: zstd
>x 28b52ffd 00 00 11 0000 7b7d
< 200
{}

--- another coding
> POST /v1/traces
> Content-Type: application/json
> Content-Encoding: br
>> {}
< 415
{"code":3,"message":"Content-Encoding must be gzip, deflate, zstd or identity."}

--- damaged compression
> POST /v1/traces
> Content-Type: application/json
> Content-Encoding: gzip
>> {}
< 400
{"code":3,"message":"The compressed body is damaged."}

--- a wrong method
> GET /v1/traces
< 405
< Allow: <re .*\bPOST\b.*>
{"code":12,"message":"Method Not Allowed"}

--- logs are dropped
> POST /v1/logs
> Content-Type: application/x-protobuf
>x 0a 0f 12 0d 12 0b 09 11 00 00 00 00 00 00 00 10 09
< 200
<x

--- metrics are dropped
> POST /otlp/v1/metrics
> Content-Type: application/json
>> {"resourceMetrics":[]}
< 200
<< {}

--- a workspace that cannot be one
> POST /v1/traces
> Content-Type: application/json
> Comet-Workspace: ..
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"0b"}]}]}]}
< 400
{"code":3,"message":"<any-string>"}

--- the collector's path
> POST /otlp/v1/traces
> Content-Type: application/json
> X-Workspace: aliases
> X-Project-Name: project-0
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"01","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 200
<< {}

--- takes spans
> GET /apis/intake/v2/workspaces/aliases/spans/01
< 200
{"project":"project-0","kind":"LLM","raw_attributes":"{\"openinference.span.kind\":\"LLM\",\"service.name\":\"svc\"}","...":true}

--- Langfuse's path
> POST /api/public/otel/v1/traces
> Content-Type: application/json
> X-Workspace: aliases
> X-Project-Name: project-1
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"02","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 200
<< {}

--- takes spans
> GET /apis/intake/v2/workspaces/aliases/spans/02
< 200
{"project":"project-1","kind":"LLM","raw_attributes":"{\"openinference.span.kind\":\"LLM\",\"service.name\":\"svc\"}","...":true}

--- LangSmith's path
> POST /otel/v1/traces
> Content-Type: application/json
> X-Workspace: aliases
> X-Project-Name: project-2
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"03","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 200
<< {}

--- takes spans
> GET /apis/intake/v2/workspaces/aliases/spans/03
< 200
{"project":"project-2","kind":"LLM","raw_attributes":"{\"openinference.span.kind\":\"LLM\",\"service.name\":\"svc\"}","...":true}

--- LangSmith's other path
> POST /api/v1/otel/v1/traces
> Content-Type: application/json
> X-Workspace: aliases
> X-Project-Name: project-3
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"04","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 200
<< {}

--- takes spans
> GET /apis/intake/v2/workspaces/aliases/spans/04
< 200
{"project":"project-3","kind":"LLM","raw_attributes":"{\"openinference.span.kind\":\"LLM\",\"service.name\":\"svc\"}","...":true}

--- Opik's path /v1/private/otel/v1/traces
> POST /v1/private/otel/v1/traces
> Content-Type: application/json
> Comet-Workspace: opik
> projectName: my project
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"01","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 200
<< {}

--- maps as Opik does, in the workspace and project of its headers, 1
> GET /apis/intake/v2/workspaces/opik/spans/01
< 200
{"project":"my project","kind":"LLM","raw_attributes":"{\"metadata\":{\"openinference.span.kind\":\"LLM\"}}","...":true}

--- Opik's path /api/v1/private/otel/v1/traces
> POST /api/v1/private/otel/v1/traces
> Content-Type: application/json
> Comet-Workspace: opik
> projectName: my project
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"02","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 200
<< {}

--- maps as Opik does, in the workspace and project of its headers, 2
> GET /apis/intake/v2/workspaces/opik/spans/02
< 200
{"project":"my project","kind":"LLM","raw_attributes":"{\"metadata\":{\"openinference.span.kind\":\"LLM\"}}","...":true}

--- Opik's path /opik/api/v1/private/otel/v1/traces
> POST /opik/api/v1/private/otel/v1/traces
> Content-Type: application/json
> Comet-Workspace: opik
> projectName: my project
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"03","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 200
<< {}

--- maps as Opik does, in the workspace and project of its headers, 3
> GET /apis/intake/v2/workspaces/opik/spans/03
< 200
{"project":"my project","kind":"LLM","raw_attributes":"{\"metadata\":{\"openinference.span.kind\":\"LLM\"}}","...":true}
