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

=== lines spoilt 2026-03-01
defaults {"source":"otel","trace_id":"t","session_id":"s","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-01T00:00:00Z"}
{"span_id":"a"}
=== raw spoilt 2026-03-02.1.jsonl.zst
This is no sealed day any more.
=== raw spoilt projects.json
{"projects":

--- damaged lines are skipped, and the answer says how many
> GET spans?mode=summary
< 200
< X-Skipped-Lines: 3
< X-Skipped-Days: 2026-03-02
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
< X-Skipped-Days: -
{"data":"*","...":true}

--- two megabytes in one page
> GET /apis/intake/v2/workspaces/large/spans?page_size=100&sort=started_at
< 200
{"data":"*","pagination":{"page":1,"page_size":100,"current_page_size":100,"total_pages":1,"total_results":100},"sort":"started_at","filter":{}}

--- the same in previews
> GET /apis/intake/v2/workspaces/large/traces?mode=preview&page_size=100&sort=started_at
< 200
{"data":"*","pagination":{"current_page_size":100,"...":true},"...":true}

--- of a sealed day that is damaged the others are there, and it is named
> GET /apis/intake/v2/workspaces/spoilt/spans?mode=summary
< 200
< X-Skipped-Lines: 1
< X-Skipped-Days: 2026-03-02
{"data":[{"span_id":"a","...":true}],"...":true}

--- in groups
> GET /apis/intake/v2/workspaces/spoilt/spans/groups?by=trace_id
< 200
< X-Skipped-Days: 2026-03-02
{"data":[{"group":{"trace_id":"t"},"span_count":1}],"...":true}

--- by a search of Scale's
> POST /v5/spans/search
> X-Selected-Account-Id: spoilt
>> {}
< 200
< X-Skipped-Days: 2026-03-02
{"total":1,"...":true}

--- where a span may have been in it
> GET /apis/intake/v2/workspaces/spoilt/spans/x
< 404
< X-Skipped-Days: 2026-03-02
{"detail":"Span spoilt/x not found"}

--- a write goes on, with a project that was not known any more
> POST /apis/intake/v2/workspaces/spoilt/ingest/spans
>> {"source":"mine","spans":[{"span_id":"d1","trace_id":"d","name":"d","kind":"LLM","started_at":"2026-03-03T00:00:00Z","status":"success"}]}
< 201

--- what was written is there
> GET /apis/intake/v2/workspaces/spoilt/spans/d1
< 200
{"span_id":"d1","...":true}

--- the health names what is damaged, and is well
> GET /health
< 200
{"status":"ready","damaged":[{"workspace":"spoilt","name":"2026-03-02","is_missing":true},{"workspace":"spoilt","name":"projects.json","is_missing":false}],"...":true}

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
