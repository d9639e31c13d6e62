# Statistics of projects, and when their traces changed last.

=== base /api/v1/private

--- two traces of a project, one of them an error of long ago
> POST traces/batch
>> {"traces":[{"id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:01Z","project_name":"alpha","thread_id":"t1","last_updated_at":"2026-01-02T03:04:05.123456Z","error_info":{"exception_type":"E","message":"m","traceback":"t"}},{"id":"01a1fb2b-93be-7149-bec9-000000000002","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:03Z","project_name":"alpha","thread_id":"t1","last_updated_at":"2026-01-01T00:00:00Z"}]}
< 204
--- one of another
> POST traces/batch
>> {"traces":[{"id":"01a1fb2b-93be-7149-bec9-000000000011","start_time":"2026-01-01T00:00:00Z","project_name":"beta","last_updated_at":"2026-01-01T12:00:00Z"}]}
< 204
--- spans with usage and cost
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-000000000003","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","project_name":"alpha","type":"llm","usage":{"prompt_tokens":4,"a \"b\"":1},"total_estimated_cost":0.5},{"id":"01a1fb2b-93be-7149-bec9-000000000004","trace_id":"01a1fb2b-93be-7149-bec9-000000000002","start_time":"2026-01-01T00:00:00Z","project_name":"alpha","type":"llm","usage":{"prompt_tokens":8},"total_estimated_cost":0.25},{"id":"01a1fb2b-93be-7149-bec9-000000000012","trace_id":"01a1fb2b-93be-7149-bec9-000000000011","start_time":"2026-01-01T00:00:00Z","project_name":"beta","type":"llm","usage":{"prompt_tokens":100},"total_estimated_cost":9}]}
< 204
--- scores
> PUT traces/feedback-scores
>> {"scores":[{"id":"01a1fb2b-93be-7149-bec9-000000000001","name":"good","value":1,"source":"sdk","project_name":"alpha"},{"id":"01a1fb2b-93be-7149-bec9-000000000002","name":"good","value":0,"source":"sdk","project_name":"alpha"}]}
< 204
--- a project without traces
> POST projects
>> {"name":"gamma"}
< 201
--- the list says when a trace changed last, the one with the newest first
> GET projects
? sorting=[{"field":"last_updated_trace_at","direction":"DESC"}]
< 200
{"page":1,"size":4,"total":4,"content":[{"id":"<set alpha>","name":"alpha","last_updated_trace_at":"2026-01-02T03:04:05.123456Z","...":true},{"id":"<set beta>","name":"beta","last_updated_trace_at":"2026-01-01T12:00:00Z","...":true},{"id":"<set x>","name":"<set x_name>","visibility":"private","created_at":"<time>","created_by":"admin","last_updated_at":"<time>","last_updated_by":"admin"},{"id":"<set y>","name":"<set y_name>","visibility":"private","...":true}],"sortable_by":["created_at","id","name","last_updated_at","last_updated_trace_at"],"sortableBy":"*"}
--- statistics of each
> GET projects/stats
? sorting=[{"field":"name","direction":"ASC"}]
< 200
{"content":[{"project_id":"0190babc-62a0-71d2-832a-0feffa4676eb"},{"project_id":"{{alpha}}","feedback_scores":[{"name":"good","value":0.5}],"duration":{"p50":2000,"p90":2800,"p99":2980},"total_estimated_cost":0.375,"total_estimated_cost_sum":0.75,"usage":{"a \"b\"":1,"prompt_tokens":6},"trace_count":2,"thread_count":1,"guardrails_failed_count":0,"error_count":{"count":1,"deviation":0,"deviation_percentage":0}},{"project_id":"{{beta}}","feedback_scores":[],"duration":{"p50":0,"p90":0,"p99":0},"total_estimated_cost":9,"total_estimated_cost_sum":9,"usage":{"prompt_tokens":100},"trace_count":1,"thread_count":0,"guardrails_failed_count":0,"error_count":{"count":0,"deviation":0}},{"project_id":"<set gamma>"}]}
--- of those that a part of the name says, by pages
> GET projects/stats?name=A&size=1&page=2
? sorting=[{"field":"name","direction":"DESC"}]
< 200
{"content":[{"project_id":"{{beta}}","...":true}]}
--- behind the last page
> GET projects/stats?page=9
< 200
{"content":[]}
--- a page that is none
> GET projects/stats?page=0
< 400
{"errors":"*"}
--- one project with its statistics
> POST projects/retrieve
>> {"name":"ALPHA","include_stats":true}
< 200
{"id":"{{alpha}}","name":"alpha","last_updated_trace_at":"2026-01-02T03:04:05.123456Z","trace_count":2,"thread_count":1,"error_count":{"count":1,"...":true},"...":true}
--- or in detail
> POST projects/retrieve
>> {"name":"gamma","detailed":true}
< 200
{"id":"{{gamma}}","name":"gamma","visibility":"private","created_at":"<time>","created_by":"admin","last_updated_at":"<time>","last_updated_by":"admin"}
--- and without them
> POST projects/retrieve
>> {"name":"alpha"}
< 200
{"id":"{{alpha}}","name":"alpha","visibility":"private","created_at":"<time>","created_by":"admin","last_updated_at":"<time>","last_updated_by":"admin"}
--- by its id
> GET projects/{{alpha}}
< 200
{"id":"{{alpha}}","last_updated_trace_at":"2026-01-02T03:04:05.123456Z","...":true}
--- renamed
> PATCH projects/{{alpha}}
>> {"name":"delta"}
< 204
--- it keeps its traces
> GET projects/stats?name=delta
< 200
{"content":[{"project_id":"{{alpha}}","trace_count":2,"...":true}]}
--- what only another dialect's spans name is a project as well
> POST /v1/traces
> Content-Type: application/json
>> {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"scopeSpans":[{"spans":[{"traceId":"0000000000000000000000000000ab01","spanId":"000000000000ab02","name":"n","startTimeUnixNano":"1767225600000000000","endTimeUnixNano":"1767225602000000000"}]}]}]}
< 200
--- with its statistics
> GET projects/stats?name=svc
< 200
{"content":[{"project_id":"<set svc>","duration":{"p50":2000,"p90":2000,"p99":2000},"trace_count":1,"thread_count":0,"...":true}]}
--- a new error beside an old one
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-000000000021","start_time":"2200-01-01T00:00:00Z","project_name":"delta","error_info":{"exception_type":"E","traceback":"t"}}
< 201
--- is told with what share of the old ones it is
> GET projects/stats?name=delta
< 200
{"content":[{"project_id":"{{alpha}}","error_count":{"count":2,"deviation":1,"deviation_percentage":100},"...":true}]}
--- GET alone
> POST projects/stats
>> {}
< 405
