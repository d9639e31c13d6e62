# When the storage takes nothing: retryable answers in the request's encoding.

=== conf
free_bytes = 1000000G

--- JSON
> POST /v1/traces
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0a","spanId":"01"}]}]}]}
< 503
< Content-Type: application/json
< Retry-After: <re \d+>
{"code":14,"message":"<any-string>"}

--- protobuf
> POST /v1/traces
> Content-Type: application/x-protobuf
>@ ../captures/retry-503-then-200-01.pb
< 503
< Content-Type: application/x-protobuf
< Retry-After: <re \d+>

--- NeMo's path
> POST /apis/intake/v2/workspaces/w/ingest/otlp/v1/traces
> Content-Type: application/x-protobuf
>@ ../captures/retry-503-then-200-01.pb
< 503
< Retry-After: <re \d+>
{"detail":"<any-string>"}

--- a request without spans needs no room
> POST /v1/traces
> Content-Type: application/json
>> {}
< 200
<< {}
