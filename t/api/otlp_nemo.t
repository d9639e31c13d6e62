# OTLP on NeMo Intake's own path.

=== base /apis/intake/v2/workspaces/w

--- protobuf is answered in JSON
> POST ingest/otlp/v1/traces
> Content-Type: application/x-protobuf; charset=utf-8
>x 0a 88 03 0a 17 0a 15 0a 0c 73 65 72 76 69 63 65 2e 6e 61 6d 65 12 05 0a 03 73 76 63 12 ec 02 0a 0f 0a 08 6d 79 2e 73 63 6f 70 65 12 03 31 2e 30 12 d8 02 0a 10 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 12 08 01 01 01 01 01 01 01 01 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18 4a 20 0a 17 6f 70 65 6e 69 6e 66 65 72 65 6e 63 65 2e 73 70 61 6e 2e 6b 69 6e 64 12 05 0a 03 4c 4c 4d 4a 20 0a 14 67 65 6e 5f 61 69 2e 72 65 71 75 65 73 74 2e 6d 6f 64 65 6c 12 08 0a 06 67 70 74 2d 34 6f 4a 1f 0a 19 67 65 6e 5f 61 69 2e 75 73 61 67 65 2e 69 6e 70 75 74 5f 74 6f 6b 65 6e 73 12 02 18 0c 4a 2b 0a 21 6c 6c 6d 2e 69 6e 70 75 74 5f 6d 65 73 73 61 67 65 73 2e 30 2e 6d 65 73 73 61 67 65 2e 72 6f 6c 65 12 06 0a 04 75 73 65 72 4a 2c 0a 24 6c 6c 6d 2e 69 6e 70 75 74 5f 6d 65 73 73 61 67 65 73 2e 30 2e 6d 65 73 73 61 67 65 2e 63 6f 6e 74 65 6e 74 12 04 0a 02 68 69 4a 17 0a 0c 6f 75 74 70 75 74 2e 76 61 6c 75 65 12 07 0a 05 68 65 6c 6c 6f 4a 0e 0a 08 6d 79 2e 63 6f 75 6e 74 12 02 18 07 4a 11 0a 07 6d 79 2e 6c 69 73 74 12 06 2a 04 0a 02 18 01 4a 12 0a 0a 73 65 73 73 69 6f 6e 2e 69 64 12 04 0a 02 73 31 5a 15 09 09 00 00 00 00 00 00 00 12 01 65 1a 07 0a 01 6b 12 02 18 02
< 200
< Content-Type: application/json
<< {"errors":[]}

--- a span as NeMo maps it
> GET spans/0101010101010101
< 200
{"span_id":"0101010101010101","trace_id":"000102030405060708090a0b0c0d0e0f","session_id":"s1","source":"otel","kind":"LLM","status":"success",
 "name":"p","model":"gpt-4o","input_tokens":12,"started_at":"2026-05-28T20:26:40.000001Z","ended_at":"2026-05-28T20:26:41Z","ingested_at":"<time>",
 "workspace":"w","usage_details":{},"cost_details":{},
 "input":"{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}","output":"hello",
 "raw_attributes":"{\"openinference.span.kind\":\"LLM\",\"my.count\":7.0,\"my.list\":\"[1]\",\"service.name\":\"svc\",\"otel.events\":\"[{\\\"name\\\":\\\"e\\\",\\\"time_unix_nano\\\":9,\\\"attributes\\\":{\\\"k\\\":2}}]\",\"otel.scope\":\"{\\\"name\\\":\\\"my.scope\\\",\\\"version\\\":\\\"1.0\\\"}\"}","...":true}

--- JSON is taken too
> POST ingest/otlp/v1/traces
> Content-Type: application/json
>> {"resource_spans":[{"scope_spans":[{"spans":[{"trace_id":"0A","span_id":"0B"}]}]}]}
< 200
<< {"errors":[]}

--- compressed, as a collector sends it
> POST /apis/intake/v2/workspaces/zipped/ingest/otlp/v1/traces
> Content-Type: application/x-protobuf
> Content-Encoding: gzip
>@ ../captures/sdk-proto-gzip-03.pb.gz
< 200
< Content-Type: application/json
<< {"errors":[]}

--- rejected spans are named, the others stored
> POST ingest/otlp/v1/traces
> Content-Type: application/x-protobuf
>x 0a eb 02 12 e8 02 12 31 0a 10 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 12 08 02 02 02 02 02 02 02 02 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18 12 3b 0a 10 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 12 08 03 03 03 03 03 03 03 03 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18 22 08 00 00 00 00 00 00 00 00 12 53 0a 10 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 12 08 04 04 04 04 04 04 04 04 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18 4a 20 0a 16 6c 6c 6d 2e 74 6f 6b 65 6e 5f 63 6f 75 6e 74 2e 70 72 6f 6d 70 74 12 06 0a 04 6d 61 6e 79 12 3b 0a 10 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 12 08 05 05 05 05 05 05 05 05 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18 22 08 05 05 05 05 05 05 05 05 12 31 0a 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 12 08 06 06 06 06 06 06 06 06 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18 12 31 0a 10 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 12 08 00 00 00 00 00 00 00 00 2a 01 70 39 cf 07 32 b4 91 d4 b3 18 41 00 ca cc ef 91 d4 b3 18
< 200
{"errors":["span 0303030303030303: parent_span_id must not be all zero",
 "span 0404040404040404: Invalid numeric value for input_tokens: 'many'",
 "span 0505050505050505: external_parent_span_id must differ from external_span_id",
 "span 0606060606060606: trace_id is required",
 "span 0000000000000000: span_id is required"]}

--- three are there
> GET spans?page_size=1
< 200
{"pagination":{"total_results":3,"...":true},"...":true}

--- nothing is no error
> POST ingest/otlp/v1/traces
> Content-Type: application/x-protobuf
< 200
<< {"errors":[]}

--- another content type
> POST ingest/otlp/v1/traces
> Content-Type: application/octet-stream
>> x
< 415
<< {"detail":"OTLP trace ingest only accepts application/x-protobuf"}

--- none
> POST ingest/otlp/v1/traces
>> x
< 415
<< {"detail":"OTLP trace ingest only accepts application/x-protobuf"}

--- a malformed body
> POST ingest/otlp/v1/traces
> Content-Type: application/x-protobuf
>x 0a 05 01
< 400
<< {"detail":"Invalid OTLP protobuf: malformed or truncated message at byte 0"}

--- what OpenInference's instrumentation of the OpenAI client sends
> POST /apis/intake/v2/workspaces/oi/ingest/otlp/v1/traces
> Content-Type: application/x-protobuf
>@ ../captures/openai-oi-proto-01.pb
< 200
<< {"errors":[]}

--- is one trace with the tokens of its calls
> GET /apis/intake/v2/workspaces/oi/traces
< 200
{"data":[{"name":"agent","span_count":5,"error_count":0,"input_tokens":114,"output_tokens":34,"total_tokens":148,"...":true}],"...":true}
