# What answers where no handler does.

=== base /apis/intake/v2/workspaces/w
=== lines w 2026-03-02
{"span_id":"groups2","trace_id":"t","session_id":"s","source":"otel","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}

--- an unknown path
> GET /apis/intake/v2/nothing
< 404
< Content-Type: application/json
<< {"detail":"Not Found"}

--- an unknown path below a workspace
> GET spans/a/b/c
< 404
{"detail":"Not Found"}

--- a wrong method
> POST spans
>> {}
< 405
< Allow: <re .*\bGET\b.*>
<< {"detail":"Method Not Allowed"}

--- spans cannot be deleted through this API
> DELETE spans/groups2
< 405
{"detail":"Method Not Allowed"}

--- a slash at the end
> GET spans/?page=1
< 307
< Location: <re (http://localhost)?/apis/intake/v2/workspaces/w/spans\?page=1>

--- groups wins over a span of that name
> GET spans/groups
< 422
{"detail":[{"loc":["query","by"],"...":true}]}

--- a name that begins like it is a span
> GET spans/groups2
< 200
{"span_id":"groups2","...":true}

--- a workspace name that can be none
> GET /apis/intake/v2/workspaces/..%2F..%2Fetc/spans
< 400
{"detail":"<any-string>"}
