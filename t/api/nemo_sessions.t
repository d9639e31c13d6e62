# Sessions: one, and the list.

=== base /apis/intake/v2/workspaces/w
=== lines w 2026-03-02
defaults {"source":"otel","kind":"LLM","status":"success","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"first-root","trace_id":"t1","session_id":"both","started_at":"2026-03-01T00:00:00Z","ended_at":"2026-03-01T00:00:01Z"}
{"span_id":"first-llm","trace_id":"t1","parent_span_id":"first-root","session_id":"both","started_at":"2026-03-01T00:00:00.1Z","ended_at":"2026-03-01T00:00:00.9Z","input_tokens":100,"output_tokens":40,"total_tokens":140,"cost_total_usd":0.0014}
{"span_id":"second-root","trace_id":"t2","session_id":"both","started_at":"2026-03-01T00:00:02Z","ended_at":"2026-03-01T00:00:05Z","status":"error","input_tokens":60,"output_tokens":20,"total_tokens":80,"cost_total_usd":0.0008}
{"span_id":"open","trace_id":"t3","session_id":"unfinished","started_at":"2026-03-01T00:00:01Z","status":"unknown"}
{"span_id":"closed","trace_id":"t3","parent_span_id":"open","session_id":"unfinished","started_at":"2026-03-01T00:00:01Z","ended_at":"2026-03-01T00:00:03Z"}
{"span_id":"a","trace_id":"t4","session_id":"cancelled/slash","started_at":"2026-03-01T00:00:03Z","ended_at":"2026-03-01T00:00:03Z","status":"cancelled","source":"otel"}
{"span_id":"b","trace_id":"t4","session_id":"cancelled/slash","started_at":"2026-03-01T00:00:03Z","ended_at":"2026-03-01T00:00:03.0000015Z","status":"unknown","source":"atif","input_tokens":0}
{"span_id":"c","trace_id":"t5","session_id":"same-start","started_at":"2026-03-01T00:00:03Z","ended_at":"2026-03-01T00:00:03Z"}
{"span_id":"none","trace_id":"t6","started_at":"2026-03-01T00:00:09Z"}

--- a session adds up all its spans
> GET sessions/both
< 200
<< {"id":"both","workspace":"w","started_at":"2026-03-01T00:00:00Z","ended_at":"2026-03-01T00:00:05Z","duration_ms":5000.0,"status":"error","input_tokens":160,"output_tokens":60,"total_tokens":220,"cost_usd":0.0022,"trace_count":2,"span_count":3}

--- with an unfinished span it has no end
> GET sessions/unfinished
< 200
<< {"id":"unfinished","workspace":"w","started_at":"2026-03-01T00:00:01Z","status":"unknown","trace_count":1,"span_count":2}

--- cancelled counts more than unknown; two sources of a trace id are two traces
> GET sessions/cancelled%2Fslash
< 200
<< {"id":"cancelled/slash","workspace":"w","started_at":"2026-03-01T00:00:03Z","ended_at":"2026-03-01T00:00:03.000001Z","duration_ms":0.001,"status":"cancelled","input_tokens":0,"trace_count":2,"span_count":2}

--- an unknown one
> GET sessions/missing
< 404
<< {"detail":"Session w/missing not found"}

--- in an unknown workspace
> GET /apis/intake/v2/workspaces/nowhere/sessions/x
< 404
<< {"detail":"Workspace 'nowhere' not found"}

--- the list, the one that began last first
> GET sessions
< 200 ordered
{"data":[{"id":"cancelled/slash","...":true},{"id":"same-start","...":true},{"id":"unfinished","...":true},{"id":"both","workspace":"w","started_at":"2026-03-01T00:00:00Z","ended_at":"2026-03-01T00:00:05Z","duration_ms":5000.0,"status":"error","input_tokens":160,"output_tokens":60,"total_tokens":220,"cost_usd":0.0022,"trace_count":2,"span_count":3}],"pagination":{"page":1,"page_size":10,"current_page_size":4,"total_pages":1,"total_results":4},"sort":"-started_at","filter":{}}

--- the oldest first, a page
> GET sessions?sort=started_at&page_size=2&page=2
< 200
{"data":[{"id":"cancelled/slash","...":true},{"id":"same-start","...":true}],"pagination":{"page":2,"page_size":2,"current_page_size":2,"total_pages":2,"total_results":4},"sort":"started_at","...":true}

--- filters ask about spans: what does not match does not count
> GET sessions?filter[status]=error
< 200
{"data":[{"id":"both","started_at":"2026-03-01T00:00:02Z","span_count":1,"trace_count":1,"input_tokens":60,"workspace":"w","ended_at":"*","duration_ms":"*","status":"error","output_tokens":"*","total_tokens":"*","cost_usd":"*"}],"pagination":{"total_results":1,"...":true},"filter":{"status":"error"},"...":true}

--- wrong parameters
> GET sessions?page=0&sort=x&mode=summary
< 422
{"detail":[{"type":"greater_than_equal","loc":["query","page"],"...":true},{"type":"enum","loc":["query","sort"],"msg":"Input should be 'started_at' or '-started_at'","...":true}]}

--- there are no modes
> GET sessions?mode=summary
< 400
<< {"detail":"Unsupported query parameter(s): mode"}

--- an unknown field
> GET sessions?filter[x]=1
< 400
{"detail":"<re Unknown filter field 'x'.*>"}
