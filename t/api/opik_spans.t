# Spans and traces as Opik writes and reads them.

=== base /api/v1/private
=== lines default 2026-03-02
defaults {"source":"otel","session_id":"s1","kind":"CHAIN","status":"success","ingested_at":"2026-03-02T00:00:00Z","project":"svc"}
{"span_id":"00f067aa0ba902b7","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","name":"root","started_at":"2026-03-01T00:00:00Z","ended_at":"2026-03-01T00:00:01Z","input":{"q":1},"kind":"AGENT"}
{"span_id":"00f067aa0ba902b8","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","parent_span_id":"00f067aa0ba902b7","name":"child","started_at":"2026-03-01T00:00:00.5Z","kind":"EMBEDDING","provider":"openai","input_tokens":7,"cost_total_usd":0.5,"repeats_usage":false}
{"span_id":"00f067aa0ba902b9","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","parent_span_id":"00f067aa0ba902b7","name":"wrapper","started_at":"2026-03-01T00:00:00.6Z","kind":"RETRIEVER","input_tokens":7,"cost_total_usd":0.5,"repeats_usage":true}
{"span_id":"00f067aa0ba902c0","trace_id":"4bf92f3577b34da6a3ce929d0e0e4737","name":"both","started_at":"2026-03-01T00:00:00Z","project":"foreign","provider":"openai","metadata":{"a":1},"attributes":{"a":2,"b":"Needle"}}
{"span_id":"00f067aa0ba902c1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4737","parent_span_id":"00f067aa0ba902c0","name":"attributes","started_at":"2026-03-01T00:00:00Z","project":"foreign","attributes":{"a":2}}

--- two spans of the SDK
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-ccf9d85afb57","start_time":"2026-11-20T22:54:59.519Z","source":"sdk","name":"llm-call","type":"llm","input":{"messages":[{"role":"user","content":"hi"}]},"model":"gpt-4o-mini","provider":"openai","usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7},"project_name":"cap-project","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80","output":{"content":"hello"},"metadata":{"finish":"stop","cost":{"currency":"USD","total_cost":0.00000195}},"end_time":"2026-11-20T22:54:59.519Z"},{"id":"01a1fb2b-93be-7149-bec9-d1abdcbafab1","start_time":"2026-11-20T22:54:59.518Z","source":"sdk","name":"tool-call","type":"TOOL","input":{"q":1},"metadata":{"k":"v"},"tags":["x","x","y"],"project_name":" CAP-project ","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80","parent_span_id":"01a1fb2b-93be-7149-bec9-ccf9d85afb57","output":{"r":1},"end_time":"2026-11-20T22:54:59.5181Z","unknown":{"a":null},"model":null}]}
< 204
--- the later one first
> GET spans?project_name=CAP-PROJECT&size=1
? sorting=[{"field":"start_time","direction":"DESC"}]
< 200
{"page":1,"size":1,"total":2,"content":[{"id":"01a1fb2b-93be-7149-bec9-ccf9d85afb57","project_id":"<uuid>","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80","name":"llm-call","type":"llm","start_time":"2026-11-20T22:54:59.519Z","end_time":"2026-11-20T22:54:59.519Z","input":{"messages":[{"role":"user","content":"hi"}]},"output":{"content":"hello"},"metadata":{"provider":"openai","finish":"stop","cost":{"currency":"USD","total_cost":0.00000195}},"model":"gpt-4o-mini","provider":"openai","usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7},"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","total_estimated_cost":0.00000195,"total_estimated_cost_version":"1.1","duration":0.0,"source":"sdk","environment":""}],"sortable_by":"*","sortableBy":"*"}
--- in the order of trace, parent and id
> GET /v1/private/spans?project_name=cap-project
? exclude=["input","output","metadata","provider","created_at","usage"]
< 200
{"page":1,"size":2,"total":2,"content":[{"id":"01a1fb2b-93be-7149-bec9-d1abdcbafab1","project_id":"<uuid>","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80","parent_span_id":"01a1fb2b-93be-7149-bec9-ccf9d85afb57","name":"tool-call","type":"tool","start_time":"2026-11-20T22:54:59.518Z","end_time":"2026-11-20T22:54:59.518100Z","tags":["x","y"],"last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","duration":0.1,"source":"sdk","environment":""},{"id":"01a1fb2b-93be-7149-bec9-ccf9d85afb57","project_id":"<uuid>","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80","name":"llm-call","type":"llm","model":"gpt-4o-mini","start_time":"2026-11-20T22:54:59.519Z","end_time":"2026-11-20T22:54:59.519Z","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","total_estimated_cost":0.00000195,"total_estimated_cost_version":"1.1","duration":0.0,"source":"sdk","environment":""}],"...":true}
--- statistics, in Opik's order
> GET spans/stats?project_name=cap-project
< 200
{"stats":[{"name":"span_count","value":2,"type":"COUNT"},{"name":"duration","value":{"p50":0.05,"p90":0.09,"p99":0.099},"type":"PERCENTAGE"},{"name":"input","value":2,"type":"COUNT"},{"name":"output","value":2,"type":"COUNT"},{"name":"metadata","value":2,"type":"COUNT"},{"name":"tags","value":1,"type":"AVG"},{"name":"total_estimated_cost","value":0.00000195,"type":"AVG"},{"name":"total_estimated_cost_sum","value":0.00000195,"type":"AVG"},{"name":"usage.completion_tokens","value":2,"type":"AVG"},{"name":"usage.prompt_tokens","value":5,"type":"AVG"},{"name":"usage.total_tokens","value":7,"type":"AVG"},{"name":"usage_sum.completion_tokens","value":2,"type":"AVG"},{"name":"usage_sum.prompt_tokens","value":5,"type":"AVG"},{"name":"usage_sum.total_tokens","value":7,"type":"AVG"},{"name":"error_count","value":0,"type":"COUNT"}]}
--- there are spans of an SDK
> GET spans/exists?project_name=cap-project&source=sdk
< 200
{"exists":true}
--- and none of an experiment
> GET spans/exists?project_name=cap-project&source=EXPERIMENT
< 200
{"exists":false}
--- past the last page
> GET spans?project_name=cap-project&page=9
< 200
{"page":9,"size":0,"total":2,"content":[],"...":true}

--- an older version of a row is not taken
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-ccf9d85afb57","start_time":"2026-11-20T22:54:59.519Z","last_updated_at":"2020-01-01T00:00:00Z","name":"old","project_name":"cap-project","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80"}]}
< 204
--- it was not
> GET spans/01a1fb2b-93be-7149-bec9-ccf9d85afb57
< 200
{"name":"llm-call","...":true}
--- a newer one replaces all of it, and moves it to another trace
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-ccf9d85afb57","start_time":"2026-11-20T22:54:59.519Z","last_updated_at":"2199-01-01T00:00:00.0000019Z","name":"new","trace_id":"01a1fb2b-93bd-7687-885e-712696709d81"}]}
< 204
--- once, with what was posted
> GET spans/01a1fb2b-93be-7149-bec9-ccf9d85afb57
< 200
{"id":"01a1fb2b-93be-7149-bec9-ccf9d85afb57","project_name":"Default Project","project_id":"0190babc-62a0-71d2-832a-0feffa4676eb","trace_id":"01a1fb2b-93bd-7687-885e-712696709d81","name":"new","start_time":"2026-11-20T22:54:59.519Z","created_at":"<time>","last_updated_at":"2199-01-01T00:00:00.000001Z","created_by":"admin","last_updated_by":"admin","environment":""}
--- and not where it was
> GET spans?project_name=cap-project
< 200
{"total":1,"content":[{"name":"tool-call","...":true}],"...":true}
--- a PATCH comes after a version from the future all the same
> PATCH spans/01a1fb2b-93be-7149-bec9-ccf9d85afb57
>> {"trace_id":"01a1fb2b-93bd-7687-885e-712696709d81","name":"patched","total_estimated_cost":0.0010}
< 204
--- it does
> GET spans/01a1fb2b-93be-7149-bec9-ccf9d85afb57
< 200
{"name":"patched","total_estimated_cost":0.001,"last_updated_at":"2199-01-01T00:00:00.000002Z","...":true}

--- long payloads, images, numbers that are none
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-000000000001","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80","start_time":1763679299.518,"project_name":"long","input":{"t":"{{2500*abcé*}}"},"output":["iVBORw0KGgoAAAANSUhEUg==","data:image/jpeg;base64,/9j/4AAQSkZJRg==",{"iVBORw0KGgo":"AI, bolstering \"iVBORw0KGgo\""}],"metadata":{"n":NaN,"i":-Infinity,"Qk12":"Qk12"},"usage":{"prompt_tokens":3.7,"completion_tokens":null,"x":"9"},"model":" ","error_info":{"message":"m"}}
< 201
--- in full
> GET spans/01a1fb2b-93be-7149-bec9-000000000001
< 200
{"input":{"t":"{{2500*abcé*}}"},"output":["iVBORw0KGgoAAAANSUhEUg==","data:image/jpeg;base64,/9j/4AAQSkZJRg==",{"iVBORw0KGgo":"AI, bolstering \"iVBORw0KGgo\""}],"metadata":{"n":"NaN","i":"-Infinity","Qk12":"Qk12"},"usage":{"prompt_tokens":3,"x":9},"start_time":"2025-11-20T22:54:59.518Z","error_info":{"message":"m"},"...":true}
--- shortened
> GET spans?project_name=long&truncate=true
< 200
{"content":[{"input":"<re \\{\"t\":\"(abcé)*a?b?c?>","output":["[image]","[image]",{"iVBORw0KGgo":"AI, bolstering \"iVBORw0KGgo\""}],"metadata":{"n":"NaN","i":"-Infinity","Qk12":"[image]"},"...":true}],"...":true}
--- a search does the same when it is told to
> POST spans/search
>> {"project_name":"long","truncate":true,"exclude":["input","metadata"]}
< 200
< Content-Type: application/octet-stream
{"id":"01a1fb2b-93be-7149-bec9-000000000001","output":["[image]","[image]",{"iVBORw0KGgo":"AI, bolstering \"iVBORw0KGgo\""}],"...":true}

--- metadata that is no object is kept, whatever the provider
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-000000000002","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80","start_time":"2026-01-01T00:00:00Z","project_name":"meta","metadata":[1,2.50],"provider":"p"}
< 201
--- as it was
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 200
{"metadata":[1,2.5],"provider":"p","...":true}
--- a provider in the metadata has the last word there
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-000000000003","trace_id":"01a1fb2b-93bd-7687-885e-712696709d80","start_time":"2026-01-01T00:00:00Z","project_name":"meta","metadata":{"a":1,"provider":"mine"},"provider":"p"}
< 201
--- first of all
> GET spans/01a1fb2b-93be-7149-bec9-000000000003
< 200 ordered
{"id":"*","project_name":"meta","project_id":"*","trace_id":"*","start_time":"*","metadata":{"provider":"mine","a":1},"provider":"p","created_at":"*","last_updated_at":"*","created_by":"*","last_updated_by":"*","environment":""}
--- without the provider nothing is put in front
> GET spans?project_name=meta&size=2
? exclude=["provider"]
? filters=[{"field":"id","operator":"ends_with","value":"3"}]
< 200
{"content":[{"metadata":{"a":1,"provider":"mine"},"...":true}],"...":true}

--- other APIs' spans are read too
> GET spans?project_name=SVC
? sorting=[{"field":"start_time","direction":"ASC"}]
< 200
{"total":3,"content":[{"id":"80000000-0000-7000-80f0-67aa0ba902b7","type":"general","input":{"q":1},"duration":1000,"...":true},{"id":"80000000-0000-7000-80f0-67aa0ba902b8","parent_span_id":"80000000-0000-7000-80f0-67aa0ba902b7","type":"llm","provider":"openai","metadata":{"provider":"openai"},"usage":{"prompt_tokens":7},"total_estimated_cost":0.5,"...":true},{"id":"80000000-0000-7000-80f0-67aa0ba902b9","type":"tool","...":true}],"...":true}
--- by their hex id
> GET spans/00F067AA0BA902B8
< 200
{"id":"80000000-0000-7000-80f0-67aa0ba902b8","name":"child","project_name":"svc","...":true}
--- or the UUID they are shown as
> GET spans/80000000-0000-7000-80F0-67aa0ba902b8
< 200
{"id":"80000000-0000-7000-80f0-67aa0ba902b8","name":"child","project_name":"svc","...":true}
--- and their root stands for the trace, which sums up what is not repeated
> GET traces/4bf92f3577b34da6a3ce929d0e0e4736
< 200
{"id":"cbf92f35-77b3-7da6-a3ce-929d0e0e4736","name":"root","thread_id":"s1","usage":{"prompt_tokens":7},"total_estimated_cost":0.5,"span_count":3,"llm_span_count":1,"has_tool_spans":true,"providers":["openai"],"metadata":{"providers":["openai"]},"project_name":"svc","...":true}
--- their project is one
> POST projects/retrieve
>> {"name":"SVC"}
< 200
{"id":"<set svc>","name":"svc","visibility":"private","created_at":"<time>","created_by":"admin","last_updated_at":"<time>","last_updated_by":"admin"}
--- by its id
> GET spans/exists?project_id={{svc}}
< 200
{"exists":true}
--- and keeps it when something is written to it
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-000000000009","start_time":"2026-01-01T00:00:00Z","project_name":"SVC"}
< 201
--- it does
> GET projects/{{svc}}
< 200
{"id":"{{svc}}","...":true}

--- other APIs see a trace of Opik, with its row as the root
> POST traces/batch
>> {"traces":[{"id":"01a1fb2b-93be-7149-bec9-000000000010","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:02Z","name":"run","thread_id":"talk","input":"in"}]}
< 204
--- and a span in it
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-000000000011","trace_id":"01a1fb2b-93be-7149-bec9-000000000010","start_time":"2026-01-01T00:00:01Z","type":"llm","usage":{"prompt_tokens":4},"total_estimated_cost":0.25,"error_info":{"exception_type":"E"}}]}
< 204
--- they do
> GET /apis/intake/v2/workspaces/default/traces/01a1fb2b-93be-7149-bec9-000000000010
< 200
{"id":"01a1fb2b-93be-7149-bec9-000000000010","name":"run","session_id":"talk","input_tokens":4,"cost_usd":0.25,"span_count":2,"error_count":1,"...":true}

--- DELETE takes the span
> DELETE spans/01a1fb2b-93be-7149-bec9-000000000011
< 204
--- it is gone
> GET spans/01a1fb2b-93be-7149-bec9-000000000011
< 404
{"code":404,"message":"Span id: 01a1fb2b-93be-7149-bec9-000000000011 not found"}
--- and may come again
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-000000000011","trace_id":"01a1fb2b-93be-7149-bec9-000000000010","start_time":"2026-01-01T00:00:01Z","name":"again"}
< 201
--- it has
> GET spans/01a1fb2b-93be-7149-bec9-000000000011
< 200
{"name":"again","...":true}
--- also in a batch that says it is older
> DELETE spans/01a1fb2b-93be-7149-bec9-000000000011
< 204
--- so
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-000000000011","trace_id":"01a1fb2b-93be-7149-bec9-000000000010","start_time":"2026-01-01T00:00:01Z","name":"restored","last_updated_at":"2020-01-01T00:00:00Z"}]}
< 204
--- it is there
> GET spans/01a1fb2b-93be-7149-bec9-000000000011
< 200
{"name":"restored","...":true}
--- deleting by filters
> POST spans/delete
>> {"project_name":"meta","filters":[{"field":"metadata","operator":"=","key":"a","value":"1"}]}
< 204
--- only those
> GET spans?project_name=meta
< 200
{"total":1,"content":[{"id":"01a1fb2b-93be-7149-bec9-000000000002","...":true}],"...":true}

# ---- metadata of other APIs' rows ----

--- is the metadata and the attributes, the metadata first
> GET spans/00f067aa0ba902c0
< 200
{"metadata":{"provider":"openai","a":1,"b":"Needle"},"...":true}
--- of the trace too
> GET traces/4bf92f3577b34da6a3ce929d0e0e4737
< 200
{"metadata":{"a":1,"b":"Needle","...":true},"...":true}
--- filters ask about what is shown
> GET spans?project_name=foreign
? filters=[{"field":"metadata","operator":"=","key":"a","value":"2"}]
< 200
{"total":1,"content":[{"name":"attributes","...":true}],"...":true}
--- (of the metadata)
> GET spans?project_name=foreign
? filters=[{"field":"metadata","operator":"=","key":"a","value":"1"}]
< 200
{"total":1,"content":[{"name":"both","...":true}],"...":true}
--- (of the attributes)
> GET spans?project_name=foreign
? filters=[{"field":"metadata","operator":"contains","key":"b","value":"needle"}]
< 200
{"total":1,"content":[{"name":"both","...":true}],"...":true}
--- and so does the search
> GET spans?project_name=foreign&search=NEEDLE
< 200
{"total":1,"content":[{"name":"both","...":true}],"...":true}
--- without metadata there are no attributes
> GET spans?project_name=foreign
? exclude=["metadata","provider"]
? filters=[{"field":"name","operator":"=","value":"both"}]
< 200
{"total":1,"content":[{"id":"80000000-0000-7000-80f0-67aa0ba902c0","project_id":"<uuid>","trace_id":"cbf92f35-77b3-7da6-a3ce-929d0e0e4737","name":"both","type":"general","start_time":"<time>","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}],"...":true}
