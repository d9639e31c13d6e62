# Opik: what is said about threads: comments, tags, closing; their statistics.

=== base /api/v1/private

--- two threads
> POST traces/batch
>> {"traces":[
>>  {"id":"019b76da-a800-7000-8000-000000000001","project_name":"p","thread_id":"a","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:01Z","input":"hi","output":"ho"},
>>  {"id":"019b76da-a800-7000-8000-000000000002","project_name":"p","thread_id":"b","start_time":"2026-01-01T00:00:05Z","end_time":"2026-01-01T00:00:08Z"}]}
< 204

--- a span of one
> POST spans
>> {"id":"019b76da-a800-7000-8000-000000000011","trace_id":"019b76da-a800-7000-8000-000000000001","project_name":"p","type":"llm","start_time":"2026-01-01T00:00:00Z","usage":{"total_tokens":4},"total_estimated_cost":0.5}
< 201
<< 

--- its UUID
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"a"}
< 200
{"id":"a","thread_model_id":"<set a>","project_id":"<set p>","status":"active","...":true}

--- closing an unknown thread beside a known one
> PUT traces/threads/close
>> {"project_name":"p","thread_ids":["a","nope"]}
< 404
{"code":404,"message":"Thread '[nope]' not found:"}

--- closes neither
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"a"}
< 200
{"status":"active","...":true}

--- closing
> PUT traces/threads/close
>> {"project_name":"p","thread_ids":["a","b"]}
< 204

--- closing twice
> PUT traces/threads/close
>> {"project_id":"{{p}}","thread_id":"a"}
< 204

--- is shown, with the same UUID
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"a"}
< 200
{"id":"a","thread_model_id":"{{a}}","status":"inactive","...":true}

--- and found
> GET traces/threads?project_name=p
? filters=[{"field":"status","operator":"=","value":"inactive"}]
< 200
{"total":2,"...":true}

--- opening
> PUT traces/threads/open
>> {"project_name":"p","thread_id":"b"}
< 204

--- is shown too
> GET traces/threads?project_name=p
? filters=[{"field":"status","operator":"=","value":"active"}]
< 200
{"total":1,"content":[{"id":"b","...":true}],"...":true}

--- a new trace opens a closed thread, also one that began earlier
> POST traces
>> {"id":"019b76da-a800-7000-8000-000000000003","project_name":"p","thread_id":"a","start_time":"2025-12-31T23:59:59Z"}
< 201
<< 

--- which is active then, and keeps its UUID
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"a"}
< 200
{"thread_model_id":"{{a}}","status":"active","number_of_messages":4,"...":true}

--- neither project
> PUT traces/threads/close
>> {"thread_id":"a"}
< 422
{"errors":["Either 'projectName' or 'projectId' must be provided."]}

--- neither thread
> PUT traces/threads/close
>> {"project_name":"p"}
< 422
{"errors":["Either 'threadId' or 'threadIds' must be provided."]}

--- one and several
> PUT traces/threads/close
>> {"project_name":"p","thread_id":"a","thread_ids":["b"]}
< 422
{"errors":["Cannot provide both 'threadId' and 'threadIds'. Use 'threadId' for single operations or 'threadIds' for batch operations."]}

--- tags
> PATCH traces/threads/{{a}}
>> {"tags":["x","y"]}
< 204

--- of several
> PATCH traces/threads/batch
>> {"ids":["{{a}}"],"update":{"tags":["z"]},"merge_tags":true}
< 204

--- added and removed
> PATCH traces/threads/{{a}}
>> {"tags_to_add":["w"],"tags_to_remove":["x"]}
< 204

--- are shown and found
> GET traces/threads?project_name=p
? filters=[{"field":"tags","operator":"contains","value":"W"}]
< 200
{"total":1,"content":[{"id":"a","tags":["y","z","w"],"...":true}],"...":true}

--- tags of a thread that is not there
> PATCH traces/threads/019b76da-a800-7000-8000-00000000ffff
>> {"tags":["x"]}
< 404
{"code":404,"message":"Thread id: 019b76da-a800-7000-8000-00000000ffff not found"}

--- a comment
> POST traces/threads/{{a}}/comments
>> {"text":"first"}
< 201
{"id":"<set c>"}

--- a comment without a text
> POST traces/threads/{{a}}/comments
>> {"text":" "}
< 422
{"errors":["text must not be blank"]}

--- on a thread that is not there
> POST traces/threads/019b76da-a800-7000-8000-00000000ffff/comments
>> {"text":"x"}
< 404
{"code":404,"message":"Thread id: 019b76da-a800-7000-8000-00000000ffff not found"}

--- changed
> PATCH traces/threads/comments/{{c}}
>> {"text":"second"}
< 204

--- by itself
> GET traces/threads/{{a}}/comments/{{c}}
< 200
{"id":"{{c}}","text":"second","...":true}

--- with its thread
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"a"}
< 200
{"comments":[{"id":"{{c}}","text":"second","...":true}],"...":true}

--- deleted
> POST traces/threads/comments/delete
>> {"ids":["{{c}}"]}
< 204

--- it is gone
> GET traces/threads/{{a}}/comments/{{c}}
< 404
{"code":404,"message":"Comment id: {{c}} not found"}

--- a score
> PUT traces/threads/feedback-scores
>> {"scores":[{"thread_id":"b","project_name":"p","name":"kind","value":0.5,"source":"sdk"}]}
< 204

--- names of scores
> GET traces/threads/feedback-scores/names?project_id={{p}}
< 200
{"scores":[{"name":"kind"}]}

--- names without a project
> GET traces/threads/feedback-scores/names
< 400
{"code":400,"message":"project_id must be provided"}

--- statistics
> GET traces/threads/stats?project_name=p
< 200
{"stats":[{"name":"thread_count","value":2,"type":"COUNT"},{"name":"duration","value":{"p50":2500,"p90":2900,"p99":2990},"type":"PERCENTAGE"},{"name":"input","value":0,"type":"COUNT"},{"name":"output","value":0,"type":"COUNT"},{"name":"metadata","value":0,"type":"COUNT"},{"name":"tags","value":0,"type":"AVG"},{"name":"total_estimated_cost","value":0.5,"type":"AVG"},{"name":"total_estimated_cost_sum","value":0.5,"type":"AVG"},{"name":"usage.total_tokens","value":4,"type":"AVG"},{"name":"usage_sum.total_tokens","value":4,"type":"AVG"},{"name":"feedback_scores.kind","value":0.5,"type":"AVG"},{"name":"error_count","value":0,"type":"COUNT"}]}

--- statistics of the threads that a filter selects
> GET traces/threads/stats?project_name=p
? filters=[{"field":"id","operator":"=","value":"nope"}]
< 200
{"stats":[]}
