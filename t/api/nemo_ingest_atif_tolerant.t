# Agent trajectories that break the specification: POST ingest/atif with atif_strict = no.

=== base /apis/intake/v2/workspaces/w
=== conf
atif_strict = no

--- other versions, unknown members, other numbers of steps, other sources, values of the wrong type
> POST ingest/atif
>> {"schema_version":"1.4","session_id":"loose","project":"p","agent":{"name":"coder","model":"big","provider":"x"},
>>  "steps":[{"step_id":7,"source":"user","message":"q","timestamp":"not a time"},
>>   {"step_id":7,"source":"assistant","message":"a","model_name":5,"custom":{"x":[1,null]},"metrics":{"prompt_tokens":"12","completion_tokens":"many","cost_usd":-1},
>>    "tool_calls":[{"function_name":"f"},{"tool_call_id":"c","function_name":"g","arguments":"text"},5],"observation":{"results":[{"source_call_id":"other","content":"x"}]}},
>>   {"source":"tool","message":{"any":"thing"}},
>>   "not a step"],
>>  "final_metrics":[],"extra":"text",
>>  "subagent_trajectories":[{"agent":{"name":"sub"},"steps":[]},{"agent":null}]}
< 201

--- become spans all the same
> GET traces/loose
< 200
{"id":"loose","name":"coder","root_span_id":"<set ROOT>","session_id":"loose","workspace":"w","status":"success","started_at":"<time>","input_tokens":12,"total_tokens":12,"span_count":10,"error_count":0}

--- what is unknown is kept among the attributes
> GET spans/{{ROOT}}
< 200
{"model":"big","agent_name":"coder","raw_attributes":"{\"schema_version\":\"1.4\",\"session_id\":\"loose\",\"agent\":{\"name\":\"coder\",\"model\":\"big\",\"provider\":\"x\"},\"final_metrics\":[],\"extra\":\"text\",\"project\":\"p\"}","...":true}

--- an assistant is an agent
> GET spans
? filter={"trace_id":"loose","kind":"LLM"}
< 200
{"data":[{"name":"coder","input_tokens":12,"total_tokens":12,"model":"big","raw_attributes":"<re .*\"custom\":\\{\"x\":\\[1,null\\]\\}\\}>","...":true}],"pagination":{"total_results":1,"...":true},"...":true}

--- others have the name of their source
> GET spans
? filter={"trace_id":"loose","parent_span_id":"{{ROOT}}","kind":"AGENT"}
? sort=started_at
< 200
{"data":[{"name":"user-7","...":true},{"parent_span_id":"{{ROOT}}","...":true},{"name":"sub","...":true},{"name":"tool-3","input":"{\"any\":\"thing\"}","...":true},{"name":"step-4","raw_attributes":"{\"step\":\"not a step\"}","...":true}],"...":true}

--- sent again it is the same tree
> POST ingest/atif
>> {"schema_version":"1.4","session_id":"loose","project":"p","agent":{"name":"coder","model":"big","provider":"x"},
>>  "steps":[{"step_id":7,"source":"user","message":"q","timestamp":"not a time"},
>>   {"step_id":7,"source":"assistant","message":"a","model_name":5,"custom":{"x":[1,null]},"metrics":{"prompt_tokens":"12","completion_tokens":"many","cost_usd":-1},
>>    "tool_calls":[{"function_name":"f"},{"tool_call_id":"c","function_name":"g","arguments":"text"},5],"observation":{"results":[{"source_call_id":"other","content":"x"}]}},
>>   {"source":"tool","message":{"any":"thing"}},
>>   "not a step"],
>>  "final_metrics":[],"extra":"text",
>>  "subagent_trajectories":[{"agent":{"name":"sub"},"steps":[]},{"agent":null}]}
< 201

--- the same tree
> GET traces/loose
< 200
{"span_count":10,"...":true}

--- what is no trajectory at all is refused
> POST ingest/atif
>> {"steps":5}
< 422
<< {"detail":"ATIF trajectory must be an object with a list of steps"}

--- and so is a list
> POST ingest/atif
>> [{"steps":[]}]
< 422
<< {"detail":"ATIF trajectory must be an object with a list of steps"}
