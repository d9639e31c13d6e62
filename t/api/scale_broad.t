# A search that would take longer than allowed is the client's to narrow: the SDK would send it again on 5xx.

=== conf
query_ms = 0

=== lines default 2026-03-02
{"source":"otel","span_id":"a","trace_id":"t","session_id":"s","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z","name":"n"}

--- with any filter that is looked for in the lines
> POST /v5/spans/search
>> {"search_texts":["text"]}
< 400
< Retry-After: -
{"detail":"<re QUERY_TOO_BROAD: .*>"}
