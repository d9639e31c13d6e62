# Damage is skipped and counted; long answers are sent whole.

=== base /apis/intake/v2/workspaces/w
=== lines w 2026-03-02
defaults {"source":"otel","trace_id":"t","session_id":"s","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"a"}
=== raw w 2026-03-02
{"span_id":"torn","trace_id":"t","started_
{"span_id":"rot","trace_id":"t","source":"otel","kind":"LLM","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z","_c":"00000000"}
not even JSON
=== lines w 2026-03-02
defaults {"source":"otel","trace_id":"t","session_id":"s","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"b"}

=== lines large 2026-03-02
defaults {"source":"otel","session_id":"s","kind":"AGENT","status":"success","ingested_at":"2026-03-02T00:00:00Z"}
{"<times>":100,"span_id":"l<iii>","trace_id":"t<iii>","started_at":"2026-03-01T00:00:00.<iii>Z","input":"{{2000*0123456789*}}"}

=== folder broken 2026-03-02.jsonl

--- damaged lines are skipped, and the answer says how many
> GET spans?mode=summary
< 200
< X-Skipped-Lines: 3
{"data":[{"span_id":"a","...":true},{"span_id":"b","...":true}],"pagination":{"total_results":2,"...":true},"...":true}

--- so they are for groups
> GET spans/groups?by=trace_id
< 200
< X-Skipped-Lines: 3
{"data":[{"group":{"trace_id":"t"},"span_count":2}],"...":true}

--- and for traces
> GET traces
< 200
< X-Skipped-Lines: 3
{"data":[{"id":"t","span_count":2,"...":true}],"...":true}

--- without damage nothing is said
> GET /apis/intake/v2/workspaces/large/spans?mode=summary
< 200
< X-Skipped-Lines: -
{"data":"*","...":true}

--- two megabytes in one page
> GET /apis/intake/v2/workspaces/large/spans?page_size=100&sort=started_at
< 200
{"data":"*","pagination":{"page":1,"page_size":100,"current_page_size":100,"total_pages":1,"total_results":100},"sort":"started_at","filter":{}}

--- the same in previews
> GET /apis/intake/v2/workspaces/large/traces?mode=preview&page_size=100&sort=started_at
< 200
{"data":"*","pagination":{"current_page_size":100,"...":true},"...":true}

--- a shard that cannot be read is an error, never an empty list
> GET /apis/intake/v2/workspaces/broken/spans
< 503
< Retry-After: <re [0-9]+>
{"detail":"<any-string>"}

--- for groups too
> GET /apis/intake/v2/workspaces/broken/spans/groups?by=trace_id
< 503
{"detail":"<any-string>"}

--- for traces too
> GET /apis/intake/v2/workspaces/broken/traces
< 503
{"detail":"<any-string>"}

--- for a span too
> GET /apis/intake/v2/workspaces/broken/spans/x
< 503
{"detail":"<any-string>"}

--- for a trace too
> GET /apis/intake/v2/workspaces/broken/traces/x
< 503
{"detail":"<any-string>"}

--- but what is wrong with the request is said first
> GET /apis/intake/v2/workspaces/broken/traces?page=0
< 422
{"detail":[{"loc":["query","page"],"...":true}]}
