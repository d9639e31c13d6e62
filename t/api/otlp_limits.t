# Limits and settings of OTLP.

=== conf
body_bytes = 300
drop_logs_metrics = no
create_workspaces = no

--- a body of the limit
> POST /v1/traces
> Content-Type: application/json
>> {"resourceSpans":[],"x":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
< 200
<< {}

--- a body of one byte more
> POST /v1/traces
> Content-Type: application/json
>> {"resourceSpans":[],"x":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
< 413
{"code":8,"message":"The body is too large."}

--- the same, on NeMo's path
> POST /apis/intake/v2/workspaces/default/ingest/otlp/v1/traces
> Content-Type: application/json
>> {"resourceSpans":[],"x":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
< 413
{"detail":"OTLP body of 301 bytes exceeds limit of 300 bytes"}

--- a body that becomes as long as the limit
> POST /v1/traces
> Content-Type: application/x-protobuf
> Content-Encoding: gzip
>x 1f 8b 08 00 00 00 00 00 02 03 3b 64 b7 82 89 61 14 10 05 00 81 90 01 eb 2c 01 00 00
< 200
<x

--- a body that grows past it
> POST /v1/traces
> Content-Type: application/x-protobuf
> Content-Encoding: gzip
>x 1f 8b 08 00 00 00 00 00 02 03 3b 64 b7 92 89 61 14 10 07 00 de 5b 6c 15 2d 01 00 00
< 413
<x 08 08 12 23 54 68 65 20 64 65 63 6f 6d 70 72 65 73 73 65 64 20 62 6f 64 79 20 69 73 20 74 6f 6f 20 6c 61 72 67 65 2e

--- the same, on NeMo's path
> POST /apis/intake/v2/workspaces/default/ingest/otlp/v1/traces
> Content-Type: application/x-protobuf
> Content-Encoding: gzip
>x 1f 8b 08 00 00 00 00 00 02 03 3b 64 b7 92 89 61 14 10 07 00 de 5b 6c 15 2d 01 00 00
< 413
{"detail":"OTLP body exceeds limit of 300 bytes"}

--- logs are not known
> POST /v1/logs
> Content-Type: application/json
>> {}
< 404
{"code":5,"message":"Not Found"}

--- the default workspace is there without being made
> POST /v1/traces
> Content-Type: application/json
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"01","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 200
<< {}

--- another workspace is not made
> POST /v1/traces
> Content-Type: application/json
> X-Workspace: other
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"01","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 404
{"code":5,"message":"Workspace 'other' not found"}

--- nor on NeMo's path
> POST /apis/intake/v2/workspaces/other/ingest/otlp/v1/traces
> Content-Type: application/json
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"01","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}}]}]}]}]}
< 404
{"detail":"Workspace 'other' not found"}
