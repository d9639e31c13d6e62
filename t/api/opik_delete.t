# What a deletion takes along, and what it does not.

=== base /api/v1/private
# Spans that begin days after they arrived, as clocks and plans may have it.
=== lines default 2026-03-02
defaults {"source":"opik","kind":"LLM","native_type":"llm","status":"success","started_at":"2026-09-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z","project":"ahead"}
{"span_id":"019f0000-0000-7000-8000-000000000001","trace_id":"019f0000-0000-7000-8000-0000000000a1","name":"gone"}
{"span_id":"019f0000-0000-7000-8000-000000000002","trace_id":"019f0000-0000-7000-8000-0000000000a1","name":"moved"}
{"span_id":"019f0000-0000-7000-8000-000000000003","trace_id":"019f0000-0000-7000-8000-0000000000a1","name":"stays"}

--- a span that begins after it arrived
> DELETE spans/019f0000-0000-7000-8000-000000000001
< 204
--- one that goes to another trace
> POST spans/batch
>> {"spans":[{"id":"019f0000-0000-7000-8000-000000000002","trace_id":"019f0000-0000-7000-8000-0000000000a2","start_time":"2026-09-01T00:00:00Z","name":"moved","type":"llm","project_name":"ahead"}]}
< 204
--- are not listed
> GET spans?project_name=ahead
? sorting=[{"field":"id","direction":"ASC"}]
< 200
{"total":2,"content":[{"name":"moved","trace_id":"019f0000-0000-7000-8000-0000000000a2","...":true},{"name":"stays","...":true}],"...":true}
--- nor counted
> GET spans/stats?project_name=ahead
< 200
{"stats":[{"name":"span_count","value":2,"type":"COUNT"},"*","*","*","*","*","*","*","*"]}

--- a trace with a span and a score
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000f1","start_time":"2026-11-20T10:00:00Z","name":"t","project_name":"mine"}
< 201
--- (its span)
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000f2","trace_id":"01a1fb2b-93be-7149-bec9-0000000000f1","start_time":"2026-11-20T10:00:00Z","name":"s","type":"general","project_name":"mine"}
< 201
--- (its score)
> PUT traces/01a1fb2b-93be-7149-bec9-0000000000f1/feedback-scores
>> {"name":"q","value":1,"source":"ui"}
< 204
--- another project
> POST projects
>> {"name":"theirs"}
< 201
--- (its id)
> GET projects?name=theirs
< 200
{"content":[{"id":"<set THEIRS>","name":"theirs","...":true}],"...":true}
--- (that of the trace's)
> GET projects?name=mine
< 200
{"content":[{"id":"<set MINE>","name":"mine","...":true}],"...":true}
--- a trace of another project is not deleted
> POST traces/delete
>> {"ids":["01a1fb2b-93be-7149-bec9-0000000000f1"],"project_id":"{{THEIRS}}"}
< 204
--- nor one of a project that is not there
> POST traces/delete
>> {"ids":["01a1fb2b-93be-7149-bec9-0000000000f1"],"project_id":"01a1fb2b-93be-7149-bec9-00000000dead"}
< 204
--- nor a span
> POST spans/delete
>> {"ids":["01a1fb2b-93be-7149-bec9-0000000000f2"],"project_id":"{{THEIRS}}"}
< 204
--- it is as it was
> GET traces/01a1fb2b-93be-7149-bec9-0000000000f1
< 200
{"name":"t","span_count":1,"feedback_scores":[{"name":"q","value":1,"...":true}],"...":true}
--- with its own project it goes
> POST traces/delete
>> {"ids":["01a1fb2b-93be-7149-bec9-0000000000f1"],"project_id":"{{MINE}}"}
< 204
--- gone
> GET traces/01a1fb2b-93be-7149-bec9-0000000000f1
< 404
--- and its span
> GET spans/01a1fb2b-93be-7149-bec9-0000000000f2
< 404
--- and its score
> GET traces/feedback-scores/names?project_id={{MINE}}
< 200
{"scores":[]}

--- a trace with a score
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000e1","start_time":"2026-11-20T10:00:00Z","name":"t","project_name":"mine"}
< 201
--- (its score)
> PUT traces/01a1fb2b-93be-7149-bec9-0000000000e1/feedback-scores
>> {"name":"kept","value":1,"source":"ui"}
< 204
--- (a span of it in another project)
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000e2","trace_id":"01a1fb2b-93be-7149-bec9-0000000000e1","start_time":"2026-11-20T10:00:00Z","name":"s","type":"general","project_name":"theirs"}
< 201
--- what is of the other project goes
> POST traces/delete
>> {"ids":["01a1fb2b-93be-7149-bec9-0000000000e1"],"project_id":"{{THEIRS}}"}
< 204
--- (it is gone)
> GET spans/01a1fb2b-93be-7149-bec9-0000000000e2
< 404
--- and the trace keeps its score
> GET traces/01a1fb2b-93be-7149-bec9-0000000000e1
< 200
{"name":"t","feedback_scores":[{"name":"kept","value":1,"...":true}],"...":true}

--- a span that two queues score
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000f4","trace_id":"01a1fb2b-93be-7149-bec9-0000000000f3","start_time":"2026-11-20T10:00:00Z","name":"s","type":"general","project_name":"mine"}
< 201
--- (one)
> PUT spans/01a1fb2b-93be-7149-bec9-0000000000f4/feedback-scores
>> {"name":"m","value":1,"source":"ui","source_queue_id":"01a1fb2b-93be-7149-bec9-0000000000b1"}
< 204
--- (and the other)
> PUT spans/01a1fb2b-93be-7149-bec9-0000000000f4/feedback-scores
>> {"name":"m","value":0,"source":"ui","source_queue_id":"01a1fb2b-93be-7149-bec9-0000000000b2"}
< 204
--- of both
> GET spans/01a1fb2b-93be-7149-bec9-0000000000f4
< 200
{"feedback_scores":[{"name":"m","value":0.5,"...":true}],"...":true}
--- one takes its score back
> POST spans/01a1fb2b-93be-7149-bec9-0000000000f4/feedback-scores/delete
>> {"name":"m","source_queue_id":"01a1fb2b-93be-7149-bec9-0000000000b1"}
< 204
--- the other's stays
> GET spans/01a1fb2b-93be-7149-bec9-0000000000f4
< 200
{"feedback_scores":[{"name":"m","value":0,"...":true}],"...":true}

--- a tag that is null
> PATCH spans/01a1fb2b-93be-7149-bec9-0000000000f4
>> {"trace_id":"01a1fb2b-93be-7149-bec9-0000000000f3","project_name":"mine","tags":["a",null]}
< 422
{"errors":["tags[].<iterable element> Tag must not be blank"]}
--- the name of a project that is as long as may be
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000f5","trace_id":"01a1fb2b-93be-7149-bec9-0000000000f3","start_time":"2026-11-20T10:00:00Z","name":"s","type":"general","project_name":"{{150*p*}}"}
< 201
--- and one letter longer
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000f6","trace_id":"01a1fb2b-93be-7149-bec9-0000000000f3","start_time":"2026-11-20T10:00:00Z","name":"s","type":"general","project_name":"{{151*p*}}"}
< 422
{"errors":["projectName cannot exceed 150 characters"]}
--- a cost beyond millions has twelve places as well
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000f7","trace_id":"01a1fb2b-93be-7149-bec9-0000000000f3","start_time":"2026-11-20T10:00:00Z","name":"s","type":"llm","project_name":"mine","total_estimated_cost":123456789.1234567890123}
< 201
--- (as it is shown)
> GET spans/01a1fb2b-93be-7149-bec9-0000000000f7
< 200
{"total_estimated_cost":123456789.123456789012,"...":true}
--- page 0 of the projects
> GET projects?page=0
< 400
{"errors":["query param page must be greater than or equal to 1"]}
--- a page of none
> GET projects?size=-5
< 400
{"errors":["query param size must be greater than or equal to 1"]}
--- a page that is no number
> GET projects?page=x
< 404
--- a workspace that is not there
> GET auth/workspace
> Comet-Workspace: zz
< 404
--- one that is
> GET auth/workspace
< 200
{"workspace_name":"default"}
