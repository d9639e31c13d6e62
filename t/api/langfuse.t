# Langfuse's ingestion API: events in any order, answered one by one.

=== base /apis/intake/v2/workspaces/default

--- a trace with a span and a generation, as the SDK sends them
> POST /api/public/ingestion
>> {"batch":[
>>  {"id":"e1","type":"trace-create","timestamp":"2026-03-01T10:00:00.000Z","body":{"id":"tr1","timestamp":"2026-03-01T10:00:00.000Z","name":"answer","userId":"u1",
>>   "sessionId":"chat-1","input":{"q":"hi"},"metadata":{"a":1},"tags":["x","y"],"release":"r1","version":"2","environment":"prod"}},
>>  {"id":"e2","type":"span-create","timestamp":"2026-03-01T10:00:00.100Z","body":{"id":"sp1","traceId":"tr1","name":"retrieve","startTime":"2026-03-01T10:00:00.100Z"}},
>>  {"id":"e3","type":"generation-create","timestamp":"2026-03-01T10:00:00.200Z","body":{"id":"ge1","traceId":"tr1","parentObservationId":"sp1","name":"llm",
>>   "startTime":"2026-03-01T10:00:00.200Z","completionStartTime":"2026-03-01T10:00:00.450Z","model":"gpt-4o","modelParameters":{"temperature":0.20},"input":[{"role":"user","content":"hi"}]}},
>>  {"id":"e4","type":"generation-update","timestamp":"2026-03-01T10:00:01.200Z","body":{"id":"ge1","traceId":"tr1","endTime":"2026-03-01T10:00:01.200Z","output":{"role":"assistant","content":"hé"},
>>   "usageDetails":{"input":12,"output":30,"total":42,"input_cached_tokens":4},"costDetails":{"input":0.010,"output":0.02,"total":0.03},"promptName":"p","promptVersion":3}},
>>  {"id":"e5","type":"span-update","timestamp":"2026-03-01T10:00:02.000Z","body":{"id":"sp1","traceId":"tr1","endTime":"2026-03-01T10:00:02.000Z","level":"ERROR","statusMessage":"no documents"}},
>>  {"id":"e6","type":"score-create","timestamp":"2026-03-01T10:00:03.000Z","body":{"id":"sc1","traceId":"tr1","observationId":"ge1","name":"good","value":0.9,"comment":"yes"}},
>>  {"id":"e7","type":"sdk-log","timestamp":"2026-03-01T10:00:03.000Z","body":{"log":"x"}}],"metadata":{"sdk_version":"3"}}
< 207 ordered
{"successes":[{"id":"e1","status":201},{"id":"e2","status":201},{"id":"e3","status":201},{"id":"e4","status":201},{"id":"e5","status":201},{"id":"e6","status":201},{"id":"e7","status":201}],"errors":[]}

--- the generation, put together
> GET spans/ge1
< 200
{"span_id":"ge1","trace_id":"tr1","parent_span_id":"sp1","source":"langfuse","session_id":"chat-1","kind":"LLM","name":"llm","status":"success","model":"gpt-4o",
 "started_at":"2026-03-01T10:00:00.200000Z","ended_at":"2026-03-01T10:00:01.200000Z","input":"[{\"role\":\"user\",\"content\":\"hi\"}]","output":"{\"role\":\"assistant\",\"content\":\"hé\"}",
 "input_tokens":12,"output_tokens":30,"total_tokens":42,"cached_tokens":4,"cost_total_usd":0.03,"cost_input_usd":0.01,"cost_output_usd":0.02,"prompt_name":"p","prompt_version":"3",
 "usage_details":{"input":12,"output":30,"total":42,"input_cached_tokens":4},"cost_details":"*",
 "raw_attributes":"<re .*temperature.*0.20.*langfuse.observation.type.*generation.*>","...":true}

--- the span, below the trace
> GET spans/sp1
< 200
{"span_id":"sp1","parent_span_id":"tr1","kind":"CHAIN","status":"error","error_message":"no documents","ended_at":"2026-03-01T10:00:02Z","session_id":"chat-1","...":true}

--- the trace is a row, and ends with its last observation
> GET spans/tr1
< 200
{"span_id":"tr1","trace_id":"tr1","name":"answer","session_id":"chat-1","started_at":"2026-03-01T10:00:00Z","ended_at":"2026-03-01T10:00:02Z","input":"{\"q\":\"hi\"}",
 "workspace":"default","kind":"CHAIN","source":"langfuse","status":"success","usage_details":{},"cost_details":{},"raw_attributes":"*","ingested_at":"<time>"}

--- what Scale sees of it
> GET /v5/spans/ge1
< 200
{"id":"ge1","trace_id":"tr1","parent_id":"sp1","group_id":"chat-1","type":"COMPLETION","input":{"value":[{"role":"user","content":"hi"}]},
 "output":{"role":"assistant","content":"hé"},"input_tokens":12,"output_tokens":30,
 "metadata":{"environment":"prod","langfuse.observation.type":"generation","langfuse.observation.model.parameters":{"temperature":0.20},"langfuse.observation.completion_start_time":"2026-03-01T10:00:00.450Z",
 "model":"gpt-4o","ttft_ms":250.000,"...":true},"...":true}

--- as a trace
> GET traces/tr1
< 200
{"name":"answer","span_count":3,"error_count":1,"total_tokens":42,"...":true}

--- the same batch again changes nothing
> POST /api/public/ingestion
>> {"batch":[
>>  {"id":"e3","type":"generation-create","timestamp":"2026-03-01T10:00:00.200Z","body":{"id":"ge1","traceId":"tr1","parentObservationId":"sp1","name":"llm",
>>   "startTime":"2026-03-01T10:00:00.200Z","model":"gpt-4o","input":[{"role":"user","content":"hi"}]}}]}
< 207
{"successes":[{"id":"e3","status":201}],"errors":[]}

--- (nothing)
> GET spans/ge1
< 200
{"status":"success","output":"{\"role\":\"assistant\",\"content\":\"hé\"}","input_tokens":12,"ended_at":"2026-03-01T10:00:01.200000Z","...":true}

--- the end comes before the beginning
> POST /api/public/ingestion
>> {"batch":[{"id":"e1","type":"generation-update","timestamp":"2026-03-01T10:00:05Z","body":{"id":"ge2","traceId":"tr2","endTime":"2026-03-01T10:00:05Z","output":"done","name":"renamed","metadata":{"b":2,"c":2}}}]}
< 207
{"successes":[{"id":"e1","status":201}],"errors":[]}

--- (for the time being it is a moment, in a trace that nobody named)
> GET spans/ge2
< 200
{"span_id":"ge2","parent_span_id":"tr2","name":"renamed","kind":"LLM","started_at":"2026-03-01T10:00:05Z","ended_at":"2026-03-01T10:00:05Z","session_id":"<re session-.*>","...":true}

--- the beginning fills in
> POST /api/public/ingestion
>> {"batch":[
>>  {"id":"e2","type":"generation-create","timestamp":"2026-03-01T10:00:01Z","body":{"id":"ge2","traceId":"tr2","startTime":"2026-03-01T10:00:01Z","input":"in","name":"first","level":"ERROR","metadata":{"a":1,"b":1}}},
>>  {"id":"e3","type":"trace-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"tr2","timestamp":"2026-03-01T10:00:00.500Z","name":"late","sessionId":"chat-2"}}]}
< 207
{"successes":[{"id":"e2","status":201},{"id":"e3","status":201}],"errors":[]}

--- (and the newer values stay)
> GET /v5/spans/ge2
< 200
{"id":"ge2","name":"renamed","group_id":"chat-2","start_timestamp":"2026-03-01T10:00:01Z","end_timestamp":"2026-03-01T10:00:05Z","status":"ERROR","input":{"value":"in"},"output":{"value":"done"},
 "metadata":{"a":1,"b":2,"c":2,"...":true},"...":true}

--- (the trace has its name now)
> GET spans/tr2
< 200
{"name":"late","started_at":"2026-03-01T10:00:00.500000Z","ended_at":"2026-03-01T10:00:05Z","session_id":"chat-2","...":true}

--- every type of observation
> POST /api/public/ingestion
>> {"batch":[
>>  {"id":"1","type":"agent-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"o1","traceId":"tr3","startTime":"2026-03-01T10:00:00Z"}},
>>  {"id":"2","type":"tool-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"o2","traceId":"tr3","startTime":"2026-03-01T10:00:00Z"}},
>>  {"id":"3","type":"event-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"o3","traceId":"tr3","startTime":"2026-03-01T10:00:00Z"}},
>>  {"id":"4","type":"observation-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"o4","traceId":"tr3","type":"EMBEDDING","startTime":"2026-03-01T10:00:00Z"}},
>>  {"id":"5","type":"span-update","timestamp":"2026-03-01T10:00:01Z","body":{"id":"o1","traceId":"tr3","endTime":"2026-03-01T10:00:01Z"}}]}
< 207
{"successes":["*","*","*","*","*"],"errors":[]}

--- (their kinds)
> GET spans?filter[trace_id]=tr3&sort=started_at&mode=summary
< 200
{"data":[{"span_id":"o1","kind":"AGENT","ended_at":"2026-03-01T10:00:01Z","...":true},{"span_id":"o2","kind":"TOOL","...":true},{"span_id":"o3","kind":"CHAIN","ended_at":"2026-03-01T10:00:00Z","...":true},
 {"span_id":"o4","kind":"EMBEDDING","...":true},{"span_id":"tr3","kind":"CHAIN","...":true}],"...":true}

--- older usage
> POST /api/public/ingestion
>> {"batch":[{"id":"1","type":"generation-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"ou","traceId":"tr3","startTime":"2026-03-01T10:00:00Z",
>>   "usage":{"promptTokens":1,"completionTokens":2,"totalTokens":3,"inputCost":0.5,"totalCost":1}}}]}
< 207
{"successes":["*"],"errors":[]}

--- (its numbers)
> GET spans/ou
< 200
{"input_tokens":1,"output_tokens":2,"total_tokens":3,"cost_input_usd":0.5,"cost_total_usd":1.0,"...":true}

--- each event stands for itself
> POST /api/public/ingestion
>> {"batch":[
>>  {"id":"good","type":"span-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"g","traceId":"tr4","startTime":"2026-03-01T10:00:00Z"}},
>>  {"id":"a","type":"span-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"x"}},
>>  {"id":"b","type":"poem-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"x"}},
>>  {"id":"c","type":"span-create","timestamp":"2026-03-01T10:00:00Z"},
>>  {"id":"d","type":"span-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"x","traceId":"t","startTime":"soon"}},
>>  {"id":"e","type":"score-create","timestamp":"2026-03-01T10:00:00Z","body":{"traceId":"t","name":"n"}},
>>  {"id":"f","type":"trace-create","timestamp":"2026-03-01T10:00:00Z","body":{}},
>>  {"type":"trace-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"t"}},
>>  {"id":"h","type":"span-create","timestamp":"2026-03-01T10:00:00Z","body":{"id":"x","traceId":"t","name":{}}},
>>  {"id":"i","type":"score-create","timestamp":"2026-03-01T10:00:00Z","body":{"name":"n","value":1}},
>>  7]}
< 207
{"successes":[{"id":"good","status":201}],"errors":[
 {"id":"a","status":400,"message":"Invalid request data","error":"an observation needs a traceId"},
 {"id":"b","status":400,"message":"*","error":"the type of the event is not known"},
 {"id":"c","status":400,"message":"*","error":"an event needs a body"},
 {"id":"d","status":400,"message":"*","error":"a time is not valid"},
 {"id":"e","status":400,"message":"*","error":"a score needs a value"},
 {"id":"f","status":400,"message":"*","error":"a trace needs an id"},
 {"id":null,"status":400,"message":"*","error":"an event needs an id"},
 {"id":"h","status":400,"message":"*","error":"a text is of another type"},
 {"id":"i","status":400,"message":"*","error":"a score needs a traceId, an observationId or a sessionId"},
 {"id":null,"status":400,"message":"*","error":"an event needs an id"}]}

--- (the good one is there)
> GET spans/g
< 200
{"span_id":"g","parent_span_id":"tr4","...":true}

--- an empty batch
> POST /api/public/ingestion
>> {"batch":[]}
< 207
{"successes":[],"errors":[]}

--- no batch
> POST /api/public/ingestion
>> {"events":[]}
< 400
{"message":"The body needs a batch of events.","error":"INVALID"}

--- no JSON
> POST /api/public/ingestion
>> {"batch":[
< 400
{"message":"<re Invalid JSON at character .*>","error":"INVALID"}

--- another method
> GET /api/public/ingestion
< 405
{"message":"Method Not Allowed","error":"METHOD"}
