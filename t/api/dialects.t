# What one API wrote, as the others read it, where that takes more than names (matrix_test.py compares the rest).

=== base /api/v1/private
=== lines default 2026-03-02
defaults {"source":"otel","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","status":"error","kind":"CHAIN","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z","project":"svc"}
# The session is the one derived from "default" and the trace, as any writer derives it.
{"span_id":"00f067aa0ba902b7","trace_id":"00000000000000000000000000000001","session_id":"session-914e76e98ce89e0be6917f4fe3a50669","name":"derived","status":"success"}
{"span_id":"00f067aa0ba902b8","session_id":"session-of-mine","name":"given","error_message":"took too long"}
{"span_id":"00f067aa0ba902b9","session_id":"session-of-mine","name":"bare","parent_span_id":"00f067aa0ba902b8"}

# ---- sessions ----

--- Opik's spans have a session for NeMo: derived while their trace has no thread
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-000000000001","trace_id":"01a1fb2b-93be-7149-bec9-0000000000aa","start_time":"2026-03-01T00:00:00Z","name":"early"}]}
< 204

--- (it has)
> GET /apis/intake/v2/workspaces/default/spans/01a1fb2b-93be-7149-bec9-000000000001
< 200
{"name":"early","session_id":"<re session-[0-9a-f]{32}>","...":true}

--- (which is no group for Scale)
> GET /v5/spans/01a1fb2b-93be-7149-bec9-000000000001
< 200
{"id":"01a1fb2b-93be-7149-bec9-000000000001","object":"span","name":"early","trace_id":"*","start_timestamp":"<time>","metadata":{"source":"opik","kind":"UNKNOWN","project":"Default Project"},
 "status":"SUCCESS","type":"STANDALONE","account_id":"default","created_by":"*"}

--- a trace with a thread
> POST traces/batch
>> {"traces":[{"id":"01a1fb2b-93be-7149-bec9-0000000000aa","start_time":"2026-03-01T00:00:00Z","name":"chat","thread_id":"room-1"}]}
< 204

--- is the session of spans that come after it
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-000000000002","trace_id":"01a1fb2b-93be-7149-bec9-0000000000aa","start_time":"2026-03-01T00:00:01Z","name":"later"}
< 201

--- (so that NeMo finds them by it)
> GET /apis/intake/v2/workspaces/default/spans?filter[session_id]=room-1&sort=started_at
< 200
{"data":[{"name":"chat","session_id":"room-1","...":true},{"name":"later","session_id":"room-1","...":true}],"...":true}

--- (and Scale)
> POST /v5/spans/search
>> {"group_id":"room-1"}
< 200
{"items":[{"name":"chat","group_id":"room-1","...":true},{"name":"later","group_id":"room-1","...":true}],"...":true}

--- a trace without a thread has a session for NeMo
> POST traces/batch
>> {"traces":[{"id":"01a1fb2b-93be-7149-bec9-0000000000bb","start_time":"2026-03-01T00:00:00Z","name":"lone"}]}
< 204

--- (it has)
> GET /apis/intake/v2/workspaces/default/traces/01a1fb2b-93be-7149-bec9-0000000000bb
< 200
{"name":"lone","session_id":"<set LONE>","...":true}

--- which is that of its spans
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-000000000003","trace_id":"01a1fb2b-93be-7149-bec9-0000000000bb","start_time":"2026-03-01T00:00:01Z","name":"its span"}
< 201

--- (as NeMo shows it)
> GET /apis/intake/v2/workspaces/default/spans/01a1fb2b-93be-7149-bec9-000000000003
< 200
{"name":"its span","session_id":"{{LONE}}","...":true}

--- but it is no thread of Opik's
> GET traces/01a1fb2b-93be-7149-bec9-0000000000bb
< 200
{"id":"01a1fb2b-93be-7149-bec9-0000000000bb","project_name":"Default Project","project_id":"<uuid>","name":"lone","start_time":"2026-03-01T00:00:00Z","span_count":1,"llm_span_count":0,
 "has_tool_spans":false,"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","visibility_mode":"default","environment":""}

--- a derived session is no thread, whoever wrote it
> GET traces/00000000000000000000000000000001
< 200
{"id":"80000000-0000-7000-8000-000000000001","project_name":"svc","project_id":"<uuid>","name":"derived","start_time":"2026-03-01T00:00:00Z","span_count":1,"llm_span_count":0,
 "has_tool_spans":false,"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","visibility_mode":"default","environment":""}

--- a given one is, even if it looks like that
> GET traces/4bf92f3577b34da6a3ce929d0e0e4736
< 200
{"name":"given","thread_id":"session-of-mine","...":true}

--- (in the list as well)
> GET traces/threads?project_name=svc
< 200
{"total":1,"content":[{"id":"session-of-mine","...":true}],"...":true}

# ---- errors ----

--- an error has a type and a traceback for Opik
> GET spans/00f067aa0ba902b8
< 200
{"error_info":{"exception_type":"Error","message":"took too long","traceback":"took too long"},"...":true}

--- also one that says nothing
> GET spans/00f067aa0ba902b9
< 200
{"error_info":{"exception_type":"Error","traceback":"Error"},"...":true}

--- filters know of it
> GET spans?project_name=svc
? filters=[{"field":"error_info","operator":"is_not_empty","value":""}]
< 200
{"total":2,"...":true}

--- (the others)
> GET spans?project_name=svc
? filters=[{"field":"error_info","operator":"is_empty","value":""}]
< 200
{"total":1,"content":[{"name":"derived","...":true}],"...":true}

--- and so do statistics
> GET spans/stats?project_name=svc
< 200
{"stats":["*","*","*","*","*","*","*","*",{"name":"error_count","value":2,"type":"COUNT"}]}

--- Scale's error too
> PUT /v5/spans/batch
>> {"items":[{"id":"e","trace_id":"et","name":"n","start_timestamp":"2026-03-01T10:00:00Z","status":"ERROR"},
>>  {"id":"f","trace_id":"et","name":"n","start_timestamp":"2026-03-01T10:00:00Z","metadata":{"error_type":"Timeout"},"status":"ERROR"}]}
< 200
{"items":["*","*"],"...":true}

--- (as Opik shows it)
> GET spans/e
< 200
{"error_info":{"exception_type":"Error","traceback":"Error"},"...":true}

--- (with its type)
> GET spans/f
< 200
{"error_info":{"exception_type":"Timeout","traceback":"Error"},"...":true}
