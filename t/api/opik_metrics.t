# Opik: metrics of a project over time and its key figures.

=== base /api/v1/private

--- traces in two hours of a day, one with an error
> POST traces/batch
>> {"traces":[
>>  {"id":"019b76da-a800-7000-8000-000000000001","project_name":"p","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:01Z","thread_id":"a"},
>>  {"id":"019b76da-a800-7000-8000-000000000002","project_name":"p","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:03Z","thread_id":"a"},
>>  {"id":"019b7711-9680-7000-8000-000000000003","project_name":"p","start_time":"2026-01-01T01:00:00Z","error_info":{"exception_type":"E","message":"m","traceback":"t"}},
>>  {"id":"019b7711-9680-7000-8000-000000000004","project_name":"p","start_time":"2026-01-01T01:00:00Z","end_time":"2026-01-01T01:00:02Z"}]}
< 204

--- a span with usage and cost
> POST spans
>> {"id":"019b76da-a800-7000-8000-000000000011","trace_id":"019b76da-a800-7000-8000-000000000001","project_name":"p","type":"llm","start_time":"2026-01-01T00:00:00Z","usage":{"total_tokens":4,"prompt_tokens":3},"total_estimated_cost":0.5}
< 201
<< 

--- scores
> PUT traces/feedback-scores
>> {"scores":[{"id":"019b76da-a800-7000-8000-000000000001","project_name":"p","name":"good","value":1,"source":"sdk"},{"id":"019b76da-a800-7000-8000-000000000002","project_name":"p","name":"good","value":0,"source":"sdk"}]}
< 204

--- the project
> POST projects/retrieve
>> {"name":"p"}
< 200
{"id":"<set p>","...":true}

--- without an end only hours with traces
> POST projects/{{p}}/metrics
>> {"metric_type":"TRACE_COUNT","interval":"HOURLY","interval_start":"2026-01-01T00:00:00Z"}
< 200
{"project_id":"{{p}}","metric_type":"TRACE_COUNT","interval":"HOURLY","results":[{"name":"traces","data":[{"time":"2026-01-01T00:00:00Z","value":2},{"time":"2026-01-01T01:00:00Z","value":2}]}]}

--- with an end every hour, an empty one without a value
> POST projects/{{p}}/metrics
>> {"metric_type":"TRACE_COUNT","interval":"HOURLY","interval_start":"2026-01-01T00:00:00Z","interval_end":"2026-01-01T03:00:00Z"}
< 200
{"results":[{"name":"traces","data":[{"time":"2026-01-01T00:00:00Z","value":2},{"time":"2026-01-01T01:00:00Z","value":2},{"time":"2026-01-01T02:00:00Z"}]}],"...":true}

--- a day has 24 of them
> POST projects/{{p}}/metrics
>> {"metric_type":"SPAN_COUNT","interval":"HOURLY","interval_start":"2026-01-01T00:00:00Z","interval_end":"2026-01-02T00:00:00Z"}
< 200
{"results":[{"name":"spans","data":[{"time":"2026-01-01T00:00:00Z","value":1},"*","*","*","*","*","*","*","*","*","*","*","*","*","*","*","*","*","*","*","*","*","*",{"time":"2026-01-01T23:00:00Z"}]}],"...":true}

--- weeks begin on Monday
> POST projects/{{p}}/metrics
>> {"metric_type":"TRACE_COUNT","interval":"WEEKLY","interval_start":"2026-01-01T00:00:00Z"}
< 200
{"results":[{"name":"traces","data":[{"time":"2025-12-29T00:00:00Z","value":4}]}],"...":true}

--- durations
> POST projects/{{p}}/metrics
>> {"metric_type":"DURATION","interval":"DAILY","interval_start":"2026-01-01T00:00:00Z"}
< 200
{"results":[{"name":"duration.p50","data":[{"time":"2026-01-01T00:00:00Z","value":2000}]},{"name":"duration.p90","data":["*"]},{"name":"duration.p99","data":["*"]}],"...":true}

--- costs
> POST projects/{{p}}/metrics
>> {"metric_type":"COST","interval":"TOTAL","interval_start":"2026-01-01T00:00:00Z"}
< 200
{"results":[{"name":"cost","data":[{"time":"2026-01-01T00:00:00Z","value":0.5}]}],"...":true}

--- usage by its keys
> POST projects/{{p}}/metrics
>> {"metric_type":"TOKEN_USAGE","interval":"DAILY","interval_start":"2026-01-01T00:00:00Z"}
< 200
{"results":[{"name":"prompt_tokens","data":[{"time":"2026-01-01T00:00:00Z","value":3}]},{"name":"total_tokens","data":[{"time":"2026-01-01T00:00:00Z","value":4}]}],"...":true}

--- scores are means
> POST projects/{{p}}/metrics
>> {"metric_type":"FEEDBACK_SCORES","interval":"DAILY","interval_start":"2026-01-01T00:00:00Z"}
< 200
{"results":[{"name":"good","data":[{"time":"2026-01-01T00:00:00Z","value":0.5}]}],"...":true}

--- threads
> POST projects/{{p}}/metrics
>> {"metric_type":"THREAD_COUNT","interval":"DAILY","interval_start":"2026-01-01T00:00:00Z"}
< 200
{"results":[{"name":"threads","data":[{"time":"2026-01-01T00:00:00Z","value":1}]}],"...":true}

--- filters of traces
> POST projects/{{p}}/metrics
>> {"metric_type":"TRACE_COUNT","interval":"DAILY","interval_start":"2026-01-01T00:00:00Z","trace_filters":[{"field":"error_info","operator":"is_not_empty","value":""}]}
< 200
{"results":[{"name":"traces","data":[{"time":"2026-01-01T00:00:00Z","value":1}]}],"...":true}

--- an end before the start
> POST projects/{{p}}/metrics
>> {"metric_type":"TRACE_COUNT","interval":"DAILY","interval_start":"2026-01-02T00:00:00Z","interval_end":"2026-01-01T00:00:00Z"}
< 400
{"code":400,"message":"'start_time' must be before 'end_time'"}

--- a metric that is not served is named
> POST projects/{{p}}/metrics
>> {"metric_type":"TRACE_ERROR_RATE","interval":"DAILY","interval_start":"2026-01-01T00:00:00Z"}
< 400
{"code":400,"message":"flatspan does not serve the metric 'TRACE_ERROR_RATE'."}

--- an interval that is none
> POST projects/{{p}}/metrics
>> {"metric_type":"TRACE_COUNT","interval":"YEARLY","interval_start":"2026-01-01T00:00:00Z"}
< 400
{"code":400,"message":"<re Unable to process JSON. Cannot deserialize value of type.*>"}

--- metrics of a project that is not there
> POST projects/019b76da-a800-7000-8000-00000000ffff/metrics
>> {"metric_type":"TRACE_COUNT","interval":"DAILY","interval_start":"2026-01-01T00:00:00Z"}
< 404
{"code":404,"message":"Project id: 019b76da-a800-7000-8000-00000000ffff not found"}

--- key figures: one error in four traces is 25 percent
> POST projects/{{p}}/kpi-cards
>> {"entity_type":"traces","interval_start":"2026-01-01T00:00:00Z","interval_end":"2026-01-01T12:00:00Z"}
< 200
{"stats":[{"type":"count","current_value":4,"previous_value":0},{"type":"errors","current_value":25,"previous_value":0},{"type":"avg_duration","current_value":2000},{"type":"total_cost","current_value":0.5,"previous_value":0}]}

--- and those of the interval before
> POST projects/{{p}}/kpi-cards
>> {"entity_type":"traces","interval_start":"2026-01-01T00:30:00Z","interval_end":"2026-01-01T01:30:00Z"}
< 200
{"stats":[{"type":"count","current_value":2,"previous_value":2},{"type":"errors","current_value":50,"previous_value":0},{"type":"avg_duration","current_value":2000,"previous_value":2000},{"type":"total_cost","current_value":0,"previous_value":0.5}]}

--- key figures of spans by a filter
> POST projects/{{p}}/kpi-cards
>> {"entity_type":"spans","interval_start":"2026-01-01T00:00:00Z","interval_end":"2026-01-01T12:00:00Z","filters":"[{\"field\":\"type\",\"operator\":\"=\",\"value\":\"tool\"}]"}
< 200
{"stats":[{"type":"count","current_value":0,"previous_value":0},{"type":"errors","current_value":0,"previous_value":0},{"type":"avg_duration"},{"type":"total_cost","current_value":0,"previous_value":0}]}

--- names of usage
> GET projects/{{p}}/token-usage/names
< 200
{"names":["prompt_tokens","total_tokens"]}

--- names of scores in several projects
> GET projects/feedback-scores/names
? project_ids=["{{p}}"]
< 200
{"scores":[{"name":"good"}]}

--- projects that are no list
> GET projects/feedback-scores/names?project_ids=x
< 400
{"code":400,"message":"Invalid query param ids"}
