# Figures over traces, by hour, day, week or month of a zone.

=== base /apis/intake/v2/workspaces/w
=== lines w 2026-03-31
defaults {"source":"otel","kind":"AGENT","status":"success","session_id":"s","ingested_at":"2026-03-31T00:00:00Z"}
{"span_id":"a","trace_id":"a","started_at":"2026-03-01T23:30:00Z","ended_at":"2026-03-01T23:30:01Z","input_tokens":100,"cost_total_usd":0.1}
{"span_id":"a1","trace_id":"a","parent_span_id":"a","started_at":"2026-03-02T08:00:00Z","input_tokens":100,"output_tokens":1,"status":"error"}
{"span_id":"b","trace_id":"b","started_at":"2026-03-01T23:59:59.999999999Z","ended_at":"2026-03-02T00:00:02Z","status":"error","input_tokens":300}
{"span_id":"c","trace_id":"c","started_at":"2026-03-02T00:00:00Z"}
{"span_id":"d","trace_id":"d","started_at":"2026-03-29T00:30:00Z","ended_at":"2026-03-29T00:30:00.0015Z","cost_total_usd":0.000000000001,"cached_tokens":0,"total_tokens":7,"evaluation_id":"e"}
{"span_id":"e","trace_id":"e","started_at":"2026-03-29T22:30:00Z"}
{"span_id":"child","trace_id":"f","parent_span_id":"gone","started_at":"2026-03-29T22:30:00Z","input_tokens":1}

--- by days
> GET traces/metrics
? filter={"started_at":{"$gte":"2026-03-01","$lte":"2026-03-31"}}
< 200 ordered
{"bucket":"day","timezone":"UTC","data":[
 {"bucket_start":"2026-03-01T00:00:00Z","run_count":2,"failed_run_count":1,
  "input_tokens":{"sum":500,"mean":250.0,"p90":290.0,"p99":299.0},"output_tokens":{"sum":1,"mean":1.0,"p90":1.0,"p99":1.0},"cached_tokens":{},"total_tokens":{},
  "cost_usd":{"sum":0.1,"mean":0.1,"p90":0.1,"p99":0.1},"latency_ms":{"mean":1500.0005,"p50":1500.0005,"p90":1900.0009,"p95":1950.00095,"p99":1990.00099}},
 {"bucket_start":"2026-03-02T00:00:00Z","run_count":1,"failed_run_count":0,"input_tokens":{},"output_tokens":{},"cached_tokens":{},"total_tokens":{},"cost_usd":{},"latency_ms":{}},
 {"bucket_start":"2026-03-29T00:00:00Z","run_count":2,"failed_run_count":0,"input_tokens":{},"output_tokens":{},"cached_tokens":{"sum":0,"mean":0.0,"p90":0.0,"p99":0.0},"total_tokens":{"sum":7,"mean":7.0,"p90":7.0,"p99":7.0},"cost_usd":{"sum":0.000000000001,"mean":1e-12,"p90":1e-12,"p99":1e-12},"latency_ms":{"mean":1.5,"p50":1.5,"p90":1.5,"p95":1.5,"p99":1.5}}]}

--- by hours
> GET traces/metrics?bucket=hour
? filter={"started_at":{"$gte":"2026-03-01","$lte":"2026-03-31"}}
< 200
{"bucket":"hour","timezone":"UTC","data":[
 {"bucket_start":"2026-03-01T23:00:00Z","run_count":2,"...":true},
 {"bucket_start":"2026-03-02T00:00:00Z","run_count":1,"...":true},
 {"bucket_start":"2026-03-29T00:00:00Z","run_count":1,"...":true},
 {"bucket_start":"2026-03-29T22:00:00Z","run_count":1,"...":true}]}

--- by weeks, which begin on Monday
> GET traces/metrics?bucket=week
? filter={"started_at":{"$gte":"2026-03-01","$lte":"2026-03-31"}}
< 200
{"bucket":"week","timezone":"UTC","data":[
 {"bucket_start":"2026-02-23T00:00:00Z","run_count":2,"...":true},
 {"bucket_start":"2026-03-02T00:00:00Z","run_count":1,"...":true},
 {"bucket_start":"2026-03-23T00:00:00Z","run_count":2,"...":true}]}

--- by months
> GET traces/metrics?bucket=month
? filter={"started_at":{"$gte":"2026-03-01","$lte":"2026-03-31"}}
< 200
{"bucket":"month","timezone":"UTC","data":[{"bucket_start":"2026-03-01T00:00:00Z","run_count":5,"failed_run_count":1,"...":true}]}

--- all in one
> GET traces/metrics?bucket=total
? filter={"started_at":{"$gte":"2026-03-01","$lte":"2026-03-31"}}
< 200
{"bucket":"total","timezone":"UTC","data":[{"run_count":5,"failed_run_count":1,"input_tokens":{"sum":500,"...":true},"output_tokens":"*","cached_tokens":"*","total_tokens":"*","cost_usd":{"sum":0.100000000001,"...":true},"latency_ms":{"p50":1000.0,"...":true}}]}

--- of a total there is always one row
> GET traces/metrics?bucket=total
? filter={"id":"none"}
< 200
<< {"bucket":"total","timezone":"UTC","data":[{"run_count":0,"failed_run_count":0,"input_tokens":{},"output_tokens":{},"cached_tokens":{},"total_tokens":{},"cost_usd":{},"latency_ms":{}}]}

--- of others only those that have traces
> GET traces/metrics
? filter={"id":"none"}
< 200
<< {"bucket":"day","timezone":"UTC","data":[]}

--- without a beginning it is seven days before the end
> GET traces/metrics?bucket=total
? filter={"started_at":{"$lte":"2026-03-08T23:59:59.999999Z"}}
< 200
{"data":[{"run_count":2,"...":true}],"...":true}

--- exactly
> GET traces/metrics?bucket=total
? filter={"started_at":{"$lte":"2026-03-08T23:30:00Z"}}
< 200
{"data":[{"run_count":3,"...":true}],"...":true}

--- a beginning before all times is one
> GET traces/metrics?bucket=total
? filter={"started_at":{"$gte":"0001-01-01","$lte":"9999-12-31"}}
< 200
{"data":[{"run_count":5,"...":true}],"...":true}

--- without an end, now: nothing was here for long
> GET traces/metrics
< 200
<< {"bucket":"day","timezone":"UTC","data":[]}

--- filters are those of traces
> GET traces/metrics?bucket=total&filter[experiment_id]=e&filter[started_at][gte]=2026-03-01
< 200
{"data":[{"run_count":1,"...":true}],"...":true}

--- an unknown zone
> GET traces/metrics?timezone=Not/AZone
< 400
<< {"detail":"Unknown timezone: Not/AZone"}

--- no zone leads out of its directory
> GET traces/metrics?timezone=../../../etc/passwd
< 400
<< {"detail":"Unknown timezone: ../../../etc/passwd"}

--- a bucket that is none
> GET traces/metrics?bucket=year
< 422
{"detail":[{"type":"enum","loc":["query","bucket"],"msg":"Input should be 'total', 'hour', 'day', 'week' or 'month'","input":"year","ctx":{"expected":"'total', 'hour', 'day', 'week' or 'month'"}}]}

--- there are no pages
> GET traces/metrics?page=1&sort=started_at&page_size=5
< 400
<< {"detail":"Unsupported query parameter(s): page, page_size, sort"}

--- an unknown workspace
> GET /apis/intake/v2/workspaces/nowhere/traces/metrics
< 404
<< {"detail":"Workspace 'nowhere' not found"}
