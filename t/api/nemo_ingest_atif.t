# Agent trajectories: POST ingest/atif, as strict as NeMo Intake.

=== base /apis/intake/v2/workspaces/default

--- a trajectory is stored, and answered with nothing
> POST ingest/atif
> Content-Type: application/json
>> {"schema_version":"ATIF-v1.5","session_id":"trace-session-id","agent":{"name":"sample-agent","version":"1.0.0"},
>>  "steps":[{"step_id":1,"source":"user","message":"solve"}],
>>  "evaluation_context":{"evaluation_id":"baseline","evaluation_run_id":"run-a","test_case_id":"case"}}
< 201
< Content-Type: -
<<

--- its ids are NeMo's own: of the trajectory
> GET spans/span-f3e24ec1d6b9c1ac8cdd804f7b419b71
< 200
{"span_id":"span-f3e24ec1d6b9c1ac8cdd804f7b419b71","session_id":"trace-session-id","trace_id":"trace-session-id","workspace":"default","evaluation_context":{"evaluation_id":"baseline","evaluation_run_id":"run-a","test_case_id":"case","metadata":{}},"kind":"AGENT","name":"sample-agent","source":"atif","started_at":"<set CAME>","status":"success","agent_name":"sample-agent","usage_details":{},"cost_details":{},"input":"solve","raw_attributes":"{\"schema_version\":\"ATIF-v1.5\",\"session_id\":\"trace-session-id\",\"agent\":{\"name\":\"sample-agent\",\"version\":\"1.0.0\"}}","ingested_at":"{{CAME}}"}

--- and of its step, which has no context
> GET spans/span-d082e117595584d2163dad420d0950b5
< 200
{"span_id":"span-d082e117595584d2163dad420d0950b5","parent_span_id":"span-f3e24ec1d6b9c1ac8cdd804f7b419b71","session_id":"trace-session-id","trace_id":"trace-session-id","workspace":"default","kind":"AGENT","name":"user-1","source":"atif","started_at":"{{CAME}}","status":"success","agent_name":"sample-agent","usage_details":{},"cost_details":{},"input":"solve","raw_attributes":"{\"step_id\":1,\"message\":\"solve\",\"source\":\"user\"}","ingested_at":"{{CAME}}"}

--- sent again, from another run, it is the same trajectory
> POST ingest/atif
>> {"steps":[{"source":"user","step_id":1.0,"message":"s\u006flve","extra":null}],"agent":{"version":"1.0.0","name":"sample-agent"},
>>  "schema_version":"ATIF-v1.5","session_id":"trace-session-id","evaluation_context":{"evaluation_run_id":"run-b"}}
< 201

--- still of two spans
> GET spans
? filter={"trace_id":"trace-session-id"}
? sort=started_at
< 200
{"data":[{"span_id":"*","...":true},{"span_id":"*","...":true}],"pagination":{"total_results":2,"...":true},"...":true}

--- steps, calls, results, metrics and times
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"whole","trajectory_id":"root","notes":"a note","continued_trajectory_ref":"next.json",
>>  "agent":{"name":"coder","version":"2","model_name":"big-model","tool_definitions":[{"name":"bash"}],"extra":{"a":null}},
>>  "steps":[
>>   {"step_id":1,"timestamp":"2026-03-01T10:00:00Z","source":"system","message":"You code."},
>>   {"step_id":2,"timestamp":"2026-03-01T10:00:01+00:00","source":"user","message":[{"type":"text","text":"Look"},{"type":"image","source":{"media_type":"image/png","path":"a.png"}}],"is_copied_context":false},
>>   {"step_id":3,"timestamp":"2026-03-01T10:00:02","source":"agent","message":"Running.","model_name":"small-model","reasoning_effort":1,"reasoning_content":"hmm",
>>    "tool_calls":[{"tool_call_id":"c1","function_name":"bash","arguments":{"cmd":"ls","n":1.0}},{"tool_call_id":"c2","function_name":"read","extra":{"invocation":{"start_timestamp":1772359202.5,"end_timestamp":1772359203.25}}}],
>>    "observation":{"results":[{"source_call_id":"c2","content":"Exit code 1\n[Error] failed"},{"source_call_id":"c1","content":"file"},{"content":"no call"}]},
>>    "metrics":{"prompt_tokens":100,"completion_tokens":10,"cached_tokens":40,"cost_usd":0.010,"logprobs":[-1,-0.5]},
>>    "extra":{"invocation":{"start_timestamp":1772359201.75,"end_timestamp":1772359204}}},
>>   {"step_id":4,"source":"agent","message":"","llm_call_count":1},
>>   {"step_id":5,"timestamp":"2026-03-01T10:00:09.000001Z","source":"agent","message":"Done."}],
>>  "final_metrics":{"total_prompt_tokens":900,"total_completion_tokens":90,"total_cached_tokens":9,"total_cost_usd":9,"total_steps":5}}
< 201

--- the trace of it
> GET traces/whole
< 200
{"id":"whole","root_span_id":"<set ROOT>","session_id":"whole","workspace":"default","name":"coder","started_at":"2026-03-01T10:00:00Z","ended_at":"2026-03-01T10:00:09.000001Z","duration_ms":9000.001,"status":"success","input_tokens":100,"output_tokens":10,"cached_tokens":40,"total_tokens":110,"cost_usd":0.01,"span_count":8,"error_count":1}

--- its root: what every step has is not said again, and its steps are not among the attributes
> GET spans/{{ROOT}}
< 200
{"span_id":"{{ROOT}}","session_id":"whole","workspace":"default","kind":"AGENT","name":"coder","source":"atif","trace_id":"whole","started_at":"2026-03-01T10:00:00Z","ended_at":"2026-03-01T10:00:09.000001Z","status":"success","agent_name":"coder","model":"big-model","usage_details":{},"cost_details":{},"input":"[{\"type\":\"text\",\"text\":\"Look\"},{\"type\":\"image\",\"source\":{\"media_type\":\"image/png\",\"path\":\"a.png\"}}]","output":"Done.","raw_attributes":"{\"schema_version\":\"ATIF-v1.7\",\"session_id\":\"whole\",\"trajectory_id\":\"root\",\"agent\":{\"name\":\"coder\",\"version\":\"2\",\"model_name\":\"big-model\",\"tool_definitions\":[{\"name\":\"bash\"}],\"extra\":{\"a\":null}},\"notes\":\"a note\",\"final_metrics\":{\"total_prompt_tokens\":900,\"total_completion_tokens\":90,\"total_cached_tokens\":9,\"total_cost_usd\":9.0,\"total_steps\":5},\"continued_trajectory_ref\":\"next.json\"}","ingested_at":"<time>"}

--- its system step
> GET spans
? filter={"parent_span_id":"{{ROOT}}","kind":"AGENT"}
? sort=started_at
< 200
{"data":[{"name":"system-1","input":"You code.","model":"big-model","agent_name":"coder","started_at":"2026-03-01T10:00:00Z","...":true},{"name":"user-2","input":"<re \\[\\{\"type\":\"text\".*>","started_at":"2026-03-01T10:00:01Z","...":true}],"pagination":{"total_results":2,"...":true},"...":true}

--- its agent's steps are calls of a model
> GET spans
? filter={"parent_span_id":"{{ROOT}}","kind":"LLM"}
? sort=started_at
< 200
{"data":[
 {"span_id":"<set STEP>","name":"coder","kind":"LLM","parent_span_id":"{{ROOT}}","session_id":"whole","trace_id":"whole","workspace":"default","source":"atif","status":"success","started_at":"2026-03-01T10:00:01.750000Z","ended_at":"2026-03-01T10:00:04Z","model":"small-model","agent_name":"coder","input_tokens":100,"output_tokens":10,"cached_tokens":40,"total_tokens":110,"usage_details":{},"cost_total_usd":0.01,"cost_details":{},"output":"{\"message\":\"Running.\",\"reasoning_content\":\"hmm\",\"tool_calls\":[{\"tool_call_id\":\"c1\",\"function_name\":\"bash\",\"arguments\":{\"cmd\":\"ls\",\"n\":1.0}},{\"tool_call_id\":\"c2\",\"function_name\":\"read\",\"arguments\":{},\"extra\":{\"invocation\":{\"start_timestamp\":1772359202.5,\"end_timestamp\":1772359203.25}}}]}","raw_attributes":"<re \\{\"step_id\":3,.*\"reasoning_effort\":1\\.0,.*\"logprobs\":\\[-1\\.0,-0\\.5\\].*>","ingested_at":"<time>"},
 {"name":"coder","model":"big-model","started_at":"2026-03-01T10:00:09.000001Z","output":"{\"message\":\"Done.\"}","...":true},
 {"name":"coder","started_at":"<time>","...":true}],"...":true}

--- a call of a tool begins with its step, and has no end but its own
> GET spans
? filter={"parent_span_id":"{{STEP}}","tool_name":"bash"}
< 200
{"data":[{"span_id":"<re span-[0-9a-f]{32}>","name":"bash","tool_name":"bash","kind":"TOOL","parent_span_id":"{{STEP}}","session_id":"whole","trace_id":"whole","workspace":"default","source":"atif","status":"success","started_at":"2026-03-01T10:00:01.750000Z","model":"small-model","agent_name":"coder","usage_details":{},"cost_details":{},"input":"{\"tool_call_id\":\"c1\",\"function_name\":\"bash\",\"arguments\":{\"cmd\":\"ls\",\"n\":1.0}}","output":"{\"source_call_id\":\"c1\",\"content\":\"file\"}","raw_attributes":"{\"step_id\":3,\"tool_call\":{\"tool_call_id\":\"c1\",\"function_name\":\"bash\",\"arguments\":{\"cmd\":\"ls\",\"n\":1.0}},\"observation_result\":{\"source_call_id\":\"c1\",\"content\":\"file\"}}","ingested_at":"<time>"}],"...":true}

--- what came of a call may be an error, in whatever case it says so
> GET spans
? filter={"parent_span_id":"{{STEP}}","tool_name":"read"}
< 200
{"data":[{"status":"error","error_message":"Exit code 1\n[Error] failed","started_at":"2026-03-01T10:00:02.500000Z","ended_at":"2026-03-01T10:00:03.250000Z","...":true}],"...":true}

--- only final metrics: they stand on the root, field by field
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"final","agent":{"name":"a","version":"1"},
>>  "steps":[{"step_id":1,"source":"user","message":"q"},{"step_id":2,"source":"agent","message":"a","metrics":{"prompt_tokens":3,"completion_tokens":null,"extra":{}}}],
>>  "final_metrics":{"total_prompt_tokens":10,"total_completion_tokens":5,"total_cached_tokens":2,"total_cost_usd":0.25}}
< 201

--- final metrics
> GET spans
? filter={"trace_id":"final","agent_name":"a","parent_span_id":""}
< 200
{"data":[{"output_tokens":5,"cached_tokens":2,"total_tokens":5,"cost_total_usd":0.25,"span_id":"*","session_id":"final","workspace":"default","kind":"AGENT","name":"a","source":"atif","trace_id":"final","started_at":"<time>","status":"success","agent_name":"a","usage_details":{},"cost_details":{},"input":"q","output":"a","raw_attributes":"*","ingested_at":"<time>"}],"...":true}

--- subagents inside a trajectory are expanded where a step refers to them
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"run-123","trajectory_id":"root-trajectory","agent":{"name":"root-agent","version":"1.0"},
>>  "steps":[
>>   {"step_id":1,"timestamp":"2026-03-01T10:00:00Z","source":"user","message":"Research."},
>>   {"step_id":2,"timestamp":"2026-03-01T10:00:01Z","source":"agent","message":"Delegating.","observation":{"results":[{"content":"ok","subagent_trajectory_ref":[{"trajectory_id":"research"},{"trajectory_path":"sub/external.json","session_id":"x"},{"trajectory_id":"research"}]}]}},
>>   {"step_id":3,"timestamp":"2026-03-01T10:00:06Z","source":"agent","message":"Here."}],
>>  "subagent_trajectories":[
>>   {"trajectory_id":"research","agent":{"name":"research-agent","version":"1.0"},
>>    "steps":[{"step_id":1,"timestamp":"2026-03-01T10:00:02Z","source":"user","message":"r"},{"step_id":2,"timestamp":"2026-03-01T10:00:03Z","source":"agent","message":"d","observation":{"results":[{"subagent_trajectory_ref":[{"trajectory_id":"review"}]}]}}],
>>    "subagent_trajectories":[{"trajectory_id":"review","agent":{"name":"review-agent","version":"1.0"},
>>     "steps":[{"step_id":1,"timestamp":"2026-03-01T10:00:08Z","source":"agent","message":"bad","tool_calls":[{"tool_call_id":"v","function_name":"validate"}],"observation":{"results":[{"source_call_id":"v","content":"[error] no"}]}}]}]},
>>   {"trajectory_id":"lonely","agent":{"name":"lonely-agent","version":"1.0"},"steps":[{"step_id":1,"source":"user","message":"l"}]}]}
< 201

--- one trace holds all of them, as long as the longest
> GET traces/run-123
< 200
{"id":"run-123","root_span_id":"<set RUN>","started_at":"2026-03-01T10:00:00Z","ended_at":"2026-03-01T10:00:08Z","status":"success","span_count":14,"error_count":1,"name":"root-agent","session_id":"run-123","workspace":"default","duration_ms":8000.0}

--- the step that delegates
> GET spans
? filter={"parent_span_id":"{{RUN}}","kind":"LLM","started_at":{"$lte":"2026-03-01T10:00:01Z"}}
< 200
{"data":[{"span_id":"<set DELEGATION>","name":"root-agent","...":true}],"...":true}

--- has the trajectory, and spans for what is not here or came already
> GET spans
? filter={"parent_span_id":"{{DELEGATION}}"}
? sort=started_at
< 200
{"data":[
 {"name":"<re subagent-.*>","kind":"AGENT","status":"success","input":"*","output":"<re .*\"content\":\"ok\".*>","started_at":"2026-03-01T10:00:01Z","...":true},
 {"name":"<re subagent-.*>","kind":"AGENT","...":true},
 {"name":"research-agent","kind":"AGENT","span_id":"<set RESEARCH>","started_at":"2026-03-01T10:00:02Z","ended_at":"2026-03-01T10:00:08Z","status":"success","...":true}],"...":true}

--- a reference by its path
> GET spans
? filter={"trace_id":"run-123","parent_span_id":"{{DELEGATION}}","kind":"AGENT"}
< 200
{"data":["*","*","*"],"...":true}

--- a subagent that no step refers to hangs on the trajectory, and begins with it
> GET spans
? filter={"trace_id":"run-123","agent_name":"lonely-agent"}
? sort=started_at
< 200
{"data":[{"started_at":"2026-03-01T10:00:00Z","...":true},{"started_at":"2026-03-01T10:00:00Z","...":true}],"...":true}

--- subagents do not stand among the attributes
> GET spans/{{RUN}}
< 200
{"raw_attributes":"{\"schema_version\":\"ATIF-v1.7\",\"session_id\":\"run-123\",\"trajectory_id\":\"root-trajectory\",\"agent\":{\"name\":\"root-agent\",\"version\":\"1.0\"}}","...":true}

--- a subagent without times begins with the step that delegates to it
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"untimed","agent":{"name":"root-agent","version":"1.0"},
>>  "steps":[{"step_id":1,"timestamp":"2026-03-01T10:00:01Z","source":"system","message":"","observation":{"results":[{"subagent_trajectory_ref":[{"trajectory_id":"worker"}]}]}}],
>>  "subagent_trajectories":[{"trajectory_id":"worker","agent":{"name":"worker-agent","version":"1.0"},"steps":[{"step_id":1,"source":"user","message":"w"},{"step_id":2,"source":"user","message":"x"}]}]}
< 201

--- with it, and its steps a millisecond apart
> GET spans
? filter={"trace_id":"untimed","agent_name":"worker-agent"}
? sort=started_at
< 200
{"data":[{"started_at":"2026-03-01T10:00:01Z","...":true},{"started_at":"2026-03-01T10:00:01Z","...":true},{"name":"user-2","started_at":"2026-03-01T10:00:01.001000Z","...":true}],"...":true}

--- an end before the start is none
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"backwards","agent":{"name":"a","version":"1.0"},
>>  "steps":[{"step_id":1,"source":"agent","message":"","extra":{"invocation":{"start_timestamp":1772359210,"end_timestamp":1772359205}}},{"step_id":2,"timestamp":"2026-03-01","source":"user","message":"x","extra":{"invocation":"yesterday"}},{"step_id":3,"source":"user","extra":{"invocation":{"start_timestamp":"noon"}}}]}
< 201

--- backwards
> GET spans
? filter={"trace_id":"backwards","kind":"LLM"}
< 200
{"data":[{"span_id":"*","parent_span_id":"*","session_id":"backwards","trace_id":"backwards","workspace":"default","source":"atif","name":"a","agent_name":"a","kind":"LLM","status":"success","started_at":"2026-03-01T10:00:10Z","usage_details":{},"cost_details":{},"raw_attributes":"*","ingested_at":"<time>"}],"...":true}

--- who marks an error elsewhere: in the metadata of the result, or for the only result
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"marks","agent":{"name":"a","version":"1.0"},"steps":[
>>  {"step_id":1,"source":"agent","message":"m","tool_calls":[{"tool_call_id":"c1","function_name":"by_id"},{"tool_call_id":"c2","function_name":"not_this"}],"observation":{"results":[{"source_call_id":"c1"},{"source_call_id":"c2","content":"fine"}]},"extra":{"tool_result_metadata":{"is_error":true,"raw_tool_result":{"tool_use_id":"c1","content":"from metadata"}}}},
>>  {"step_id":2,"source":"agent","message":"m","tool_calls":[{"tool_call_id":"c1","function_name":"only_one"}],"observation":{"results":[{"source_call_id":"c1","content":"bad"}]},"extra":{"tool_result_is_error":true}}]}
< 201

--- by its id
> GET spans
? filter={"trace_id":"marks","tool_name":"by_id"}
< 200
{"data":[{"status":"error","error_message":"from metadata","...":true}],"...":true}

--- not by another id
> GET spans
? filter={"trace_id":"marks","tool_name":"not_this"}
< 200
{"data":[{"status":"success","...":true}],"...":true}

--- the only one
> GET spans
? filter={"trace_id":"marks","tool_name":"only_one"}
< 200
{"data":[{"status":"error","error_message":"bad","...":true}],"...":true}

--- without a session what it says makes one
> POST ingest/atif
>> {"schema_version":"ATIF-v1.0","agent":{"name":"anonymous","version":"1.0"},"steps":[]}
< 201

--- sent again
> POST ingest/atif
>> {"schema_version":"ATIF-v1.0","agent":{"name":"anonymous", "version":"1.0"},"steps":[]}
< 201

--- the session is derived, and one
> GET spans
? filter={"agent_name":"anonymous"}
< 200
{"data":[{"session_id":"<re session-[0-9a-f]{32}>","trace_id":"<re session-[0-9a-f]{32}>","...":true}],"...":true}

--- all that NeMo refuses is told at once
> POST ingest/atif
>> {"schema_version":"1.4","project":"p","agent":{"name":5,"model":"m"},"notes":1,"final_metrics":{"total_steps":-1,"total_prompt_tokens":1.5},
>>  "steps":[{"step_id":0,"source":"user","timestamp":"yesterday Z","message":5,"tool_calls":[]},{"source":"tool"},{"step_id":2},
>>   {"step_id":"x","source":"agent","message":[{"type":"text"},{"type":"sound"}],"tool_calls":[{"arguments":[]}],"observation":{"results":[{"subagent_trajectory_ref":[{}],"x":1}]},"metrics":{"cost_usd":"much"},"reasoning_effort":[],"llm_call_count":-1,"is_copied_context":"perhaps"}],
>>  "subagent_trajectories":[{"session_id":null}]}
< 422
{"detail":[
 {"type":"literal_error","loc":["body","schema_version"],"msg":"Input should be 'ATIF-v1.0', 'ATIF-v1.1', 'ATIF-v1.2', 'ATIF-v1.3', 'ATIF-v1.4', 'ATIF-v1.5', 'ATIF-v1.6' or 'ATIF-v1.7'","input":"1.4","ctx":"*"},
 {"type":"string_type","loc":["body","agent","name"],"msg":"Input should be a valid string","input":5},
 {"type":"missing","loc":["body","agent","version"],"msg":"Field required","input":"*"},
 {"type":"extra_forbidden","loc":["body","agent","model"],"msg":"Extra inputs are not permitted","input":"m"},
 {"type":"greater_than_equal","loc":["body","steps",0,"user","step_id"],"msg":"Input should be greater than or equal to 1","input":0,"ctx":{"ge":1}},
 {"type":"value_error","loc":["body","steps",0,"user","timestamp"],"msg":"Value error, Invalid ISO 8601 timestamp: Invalid isoformat string: 'yesterday +00:00'","input":"yesterday Z","ctx":{"error":{}}},
 {"type":"string_type","loc":["body","steps",0,"user","message","str"],"msg":"Input should be a valid string","input":5},
 {"type":"list_type","loc":["body","steps",0,"user","message","list[tagged-union[AtifContentPartText,AtifContentPartImage]]"],"msg":"Input should be a valid list","input":5},
 {"type":"extra_forbidden","loc":["body","steps",0,"user","tool_calls"],"msg":"Extra inputs are not permitted","input":[]},
 {"type":"union_tag_invalid","loc":["body","steps",1],"msg":"Input tag 'tool' found using 'source' does not match any of the expected tags: 'system', 'user', 'agent'","input":{"source":"tool"},"ctx":{"discriminator":"'source'","tag":"tool","expected_tags":"'system', 'user', 'agent'"}},
 {"type":"union_tag_not_found","loc":["body","steps",2],"msg":"Unable to extract tag using discriminator 'source'","input":{"step_id":2},"ctx":{"discriminator":"'source'"}},
 {"type":"int_parsing","loc":["body","steps",3,"agent","step_id"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"x"},
 {"type":"string_type","loc":["body","steps",3,"agent","message","str"],"msg":"Input should be a valid string","input":"*"},
 {"type":"missing","loc":["body","steps",3,"agent","message","list[tagged-union[AtifContentPartText,AtifContentPartImage]]",0,"text","text"],"msg":"Field required","input":"*"},
 {"type":"union_tag_invalid","loc":["body","steps",3,"agent","message","list[tagged-union[AtifContentPartText,AtifContentPartImage]]",1],"msg":"*","input":"*","ctx":"*"},
 {"type":"bool_parsing","loc":["body","steps",3,"agent","is_copied_context"],"msg":"Input should be a valid boolean, unable to interpret input","input":"perhaps"},
 {"type":"greater_than_equal","loc":["body","steps",3,"agent","llm_call_count"],"msg":"Input should be greater than or equal to 0","input":-1,"ctx":{"ge":0}},
 {"type":"value_error","loc":["body","steps",3,"agent","observation","results",0,"subagent_trajectory_ref",0],"msg":"Value error, SubagentTrajectoryRef MUST set at least one of trajectory_id, trajectory_path, or session_id","input":{},"ctx":{"error":{}}},
 {"type":"extra_forbidden","loc":["body","steps",3,"agent","observation","results",0,"x"],"msg":"Extra inputs are not permitted","input":1},
 {"type":"string_type","loc":["body","steps",3,"agent","reasoning_effort","str"],"msg":"Input should be a valid string","input":[]},
 {"type":"float_type","loc":["body","steps",3,"agent","reasoning_effort","float"],"msg":"Input should be a valid number","input":[]},
 {"type":"missing","loc":["body","steps",3,"agent","tool_calls",0,"tool_call_id"],"msg":"Field required","input":"*"},
 {"type":"missing","loc":["body","steps",3,"agent","tool_calls",0,"function_name"],"msg":"Field required","input":"*"},
 {"type":"dict_type","loc":["body","steps",3,"agent","tool_calls",0,"arguments"],"msg":"Input should be a valid dictionary","input":[]},
 {"type":"float_parsing","loc":["body","steps",3,"agent","metrics","cost_usd"],"msg":"Input should be a valid number, unable to parse string as a number","input":"much"},
 {"type":"string_type","loc":["body","notes"],"msg":"Input should be a valid string","input":1},
 {"type":"int_from_float","loc":["body","final_metrics","total_prompt_tokens"],"msg":"*","input":1.5},
 {"type":"greater_than_equal","loc":["body","final_metrics","total_steps"],"msg":"*","input":-1,"ctx":{"ge":0}},
 {"type":"string_type","loc":["body","subagent_trajectories",0,"session_id"],"msg":"Input should be a valid string","input":null},
 {"type":"missing","loc":["body","subagent_trajectories",0,"agent"],"msg":"Field required","input":"*"},
 {"type":"extra_forbidden","loc":["body","project"],"msg":"Extra inputs are not permitted","input":"p"}]}

--- steps are numbered from 1
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"steps":[{"step_id":1,"source":"user"},{"step_id":3,"source":"user"}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, steps[1].step_id: expected 2 (sequential from 1), got 3","input":"*","ctx":{"error":{}}}]}

--- no two calls of a step have one id
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"steps":[{"step_id":1,"source":"agent","tool_calls":[{"tool_call_id":"x","function_name":"f"},{"tool_call_id":"y","function_name":"f"},{"tool_call_id":"x","function_name":"g"}]}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, Duplicate tool_call_id 'x' in step 1","input":"*","ctx":{"error":{}}}]}

--- a result names a call of its step
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"steps":[{"step_id":1,"source":"user","observation":{"results":[{"source_call_id":"z"}]}}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, Observation result references source_call_id 'z' which is not found in step 1's tool_calls","input":"*","ctx":{"error":{}}}]}

--- from 1.7 on a session alone is no reference
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"steps":[{"step_id":1,"source":"agent","observation":{"results":[{"subagent_trajectory_ref":[{"session_id":"s"}]}]}}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, ATIF-v1.7 SubagentTrajectoryRef MUST set at least one of trajectory_id or trajectory_path; session_id alone is informational","input":"*","ctx":{"error":{}}}]}

--- before it was
> POST ingest/atif
>> {"schema_version":"ATIF-v1.6","session_id":"legacy","agent":{"name":"a","version":"1"},"steps":[{"step_id":1,"source":"agent","observation":{"results":[{"subagent_trajectory_ref":[{"session_id":"s"}]}]}}]}
< 201

--- subagents have ids
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"subagent_trajectories":[{"trajectory_id":"t","agent":{"name":"b","version":"1"}},{"agent":{"name":"b","version":"1"}}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, subagent_trajectories[1].trajectory_id is required on embedded ATIF-v1.7 subagents","input":"*","ctx":{"error":{}}}]}

--- of their own
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"subagent_trajectories":[{"trajectory_id":"t","agent":{"name":"b","version":"1"}},{"trajectory_id":"t","agent":{"name":"b","version":"1"}}]}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, subagent_trajectories[1].trajectory_id duplicates 't'","input":"*","ctx":{"error":{}}}]}

--- what is wrong inside a subagent is told there
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"subagent_trajectories":[{"trajectory_id":"t","agent":{"name":"b","version":"1"},"steps":[{"step_id":2,"source":"user"}]}]}
< 422
{"detail":[{"type":"value_error","loc":["body","subagent_trajectories",0],"msg":"Value error, steps[0].step_id: expected 1 (sequential from 1), got 2","input":"*","ctx":{"error":{}}}]}

--- both contexts at once
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"evaluation_context":{},"experiment_context":{"experiment_id":"e"}}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, Use experiment_context; evaluation_context is deprecated and cannot be combined with it","input":"*","ctx":{"error":{}}}]}

--- sixty-four trajectories inside one another are as many as may be
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"deep","agent":{"name":"a","version":"1"},"subagent_trajectories":[{{62*{"trajectory_id":"t","agent":{"name":"a","version":"1"},"subagent_trajectories":[*}}{"trajectory_id":"t","agent":{"name":"a","version":"1"}{{62*}]*}}}]}
< 201

--- they are one trace
> GET traces/deep
< 200
{"span_count":64,"...":true}

--- one more is too many, and told as a sentence
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"deep","agent":{"name":"a","version":"1"},"subagent_trajectories":[{{63*{"trajectory_id":"t","agent":{"name":"a","version":"1"},"subagent_trajectories":[*}}{"trajectory_id":"t","agent":{"name":"a","version":"1"}{{63*}]*}}}]}
< 422
<< {"detail":"ATIF trajectory depth 65 exceeds configured maximum 64"}

--- a value that is nested deeper than any line may be
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"deep-value","agent":{"name":"a","version":"1","extra":{"x":{{101*[*}}{{101*]*}}}}}
< 422
<< {"detail":"ATIF values are nested deeper than 99"}
