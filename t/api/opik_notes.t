# Scores, comments, projects and threads.

=== base /api/v1/private
=== conf
create_workspaces = no

--- a trace and a span
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","project_name":"p","thread_id":"t1","input":{"q":"one"}}
< 201
--- the span
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-000000000002","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","project_name":"p","type":"llm","usage":{"a":1},"total_estimated_cost":0.5}
< 201
--- a trace is no span, for a score
> PUT spans/01a1fb2b-93be-7149-bec9-000000000001/feedback-scores
>> {"name":"Quality","value":1,"source":"ui"}
< 404
{"code":404,"message":"Span id: 01a1fb2b-93be-7149-bec9-000000000001 not found"}
--- nor for a comment
> POST spans/01a1fb2b-93be-7149-bec9-000000000001/comments
>> {"text":"x"}
< 404
{"code":404,"message":"span id: 01a1fb2b-93be-7149-bec9-000000000001 not found"}
--- a score
> PUT spans/01a1fb2b-93be-7149-bec9-000000000002/feedback-scores
>> {"name":"Quality","value":0.1234567894,"source":"ui","category_name":"good","reason":"because"}
< 204
--- is shown
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 200
{"feedback_scores":[{"name":"Quality","category_name":"good","value":0.123456789,"reason":"because","source":"ui","created_at":"<set created>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","value_by_author":{"admin":{"author":"admin","value":0.123456789,"reason":"because","category_name":"good","source":"ui","last_updated_at":"<time>","span_type":"","span_id":""}}}],"...":true}
--- another of the same name replaces it
> PUT spans/feedback-scores
>> {"scores":[{"id":"01a1fb2b-93be-7149-bec9-000000000002","name":"Quality","value":1e0,"source":"sdk","project_name":"other"},{"id":"01a1fb2b-93be-7149-bec9-000000000002","name":"quality","value":0,"source":"sdk"}]}
< 204
--- and keeps its beginning; names of another case are others
> GET spans?project_name=p
? sorting=[{"field":"feedback_scores.Quality"}]
< 200
{"content":[{"feedback_scores":[{"name":"Quality","value":1,"source":"sdk","created_at":"{{created}}","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","value_by_author":{"admin":{"author":"admin","value":1,"source":"sdk","last_updated_at":"<time>","span_type":"","span_id":""}}},{"name":"quality","value":0,"...":true}],"...":true}],"...":true}
--- scores of its trace say what its spans have
> GET traces/01a1fb2b-93be-7149-bec9-000000000001
< 200
{"span_feedback_scores":"*","usage":{"a":1},"total_estimated_cost":0.5,"span_count":1,"...":true}
--- the project that a score named is there
> POST projects/retrieve
>> {"name":"other"}
< 200
{"id":"<set other>","name":"other","...":true}
--- the names of scores
> POST projects/retrieve
>> {"name":"p"}
< 200
{"id":"<set p>","...":true}
--- by type
> GET spans/feedback-scores/names?project_id={{p}}&type=llm
< 200
{"scores":[{"name":"Quality"},{"name":"quality"}]}
--- of another type
> GET spans/feedback-scores/names?project_id={{p}}&type=tool
< 200
{"scores":[]}
--- taking one back
> POST spans/01a1fb2b-93be-7149-bec9-000000000002/feedback-scores/delete
>> {"name":"quality","author":" "}
< 204
--- another author's stays
> POST spans/01a1fb2b-93be-7149-bec9-000000000002/feedback-scores/delete
>> {"name":"Quality","author":"somebody"}
< 204
--- one is left
> GET spans/feedback-scores/names?project_id={{p}}
< 200
{"scores":[{"name":"Quality"}]}
--- a score may come before its span
> PUT spans/feedback-scores
>> {"scores":[{"id":"01a1fb2b-93be-7149-bec9-000000000003","name":"early","value":-0.5,"source":"sdk","project_name":"p"}]}
< 204
--- the span
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-000000000003","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:01Z","project_name":"p"}]}
< 204
--- has it
> POST spans/search
>> {"project_name":"p","filters":[{"field":"feedback_scores","operator":"<","key":"EARLY","value":"0"}],"exclude":["start_time"]}
< 200
{"id":"01a1fb2b-93be-7149-bec9-000000000003","feedback_scores":[{"name":"early","value":-0.5,"...":true}],"...":true}

--- a comment
> POST spans/01a1fb2b-93be-7149-bec9-000000000002/comments
>> {"text":"first\n\"line\""}
< 201
< Location: <re http://localhost/api/v1/private/spans/01a1fb2b-93be-7149-bec9-000000000002/comments/[0-9a-f-]{36}>
{"id":"<set comment>"}
--- another
> POST spans/01a1fb2b-93be-7149-bec9-000000000002/comments
>> {"text":"second"}
< 201
{"id":"<set second>"}
--- both on the span, in their order
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 200
{"comments":[{"id":"{{comment}}","text":"first\n\"line\"","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin"},{"id":"{{second}}","text":"second","...":true}],"...":true}
--- by itself, whatever it is asked of
> GET traces/01a1fb2b-93be-7149-bec9-000000000001/comments/{{comment}}
< 200
{"id":"{{comment}}","text":"first\n\"line\"","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin"}
--- changed
> PATCH spans/comments/{{comment}}
>> {"text":"changed"}
< 204
--- it is
> GET spans/01a1fb2b-93be-7149-bec9-000000000002/comments/{{comment}}
< 200
{"text":"changed","...":true}
--- deleted, with one that is not there
> POST spans/comments/delete
>> {"ids":["{{comment}}","01a1fb2b-93be-7149-bec9-0000000000ff"]}
< 204
--- it is gone
> GET spans/01a1fb2b-93be-7149-bec9-000000000002/comments/{{comment}}
< 404
{"code":404,"message":"Comment id: {{comment}} not found"}

--- a second trace of the thread
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-000000000005","start_time":"2026-01-01T00:00:10Z","end_time":"2026-01-01T00:00:12.5Z","project_name":"p","thread_id":"t1","input":{"q":"two"},"output":{"a":"end"}}
< 201
--- the thread
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"t1"}
< 200
{"id":"t1","project_id":"{{p}}","thread_model_id":"<uuid>","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:12.500Z","duration":12500,"first_message":{"q":"one"},"last_message":{"a":"end"},"status":"active","number_of_messages":4,"total_estimated_cost":0.5,"usage":{"a":1},"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}
--- a score of the thread
> PUT traces/threads/feedback-scores
>> {"scores":[{"thread_id":"t1","name":"talk","value":0.7,"source":"sdk","project_name":"p"}]}
< 204
--- by which it is found
> GET traces/threads?project_name=p
? filters=[{"field":"feedback_scores","operator":">","key":"talk","value":"0.5"},{"field":"number_of_messages","operator":"=","value":"4"},{"field":"first_message","operator":"contains","value":"ONE"},{"field":"status","operator":"=","value":"active"}]
< 200
{"page":1,"size":1,"total":1,"content":[{"id":"t1","feedback_scores":[{"name":"talk","value":0.7,"...":true}],"...":true}],"...":true}
--- or not
> POST traces/threads/search
>> {"project_name":"p","filters":[{"field":"duration","operator":"<","value":"12500"}]}
< 200
<<
--- a thread that is not there
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"t2"}
< 404
{"code":404,"message":"Thread id: t2 not found"}

--- a project of its own
> POST projects
>> {"name":" My Project ","description":"what it is"}
< 201
< Location: <re http://localhost/api/v1/private/projects/[0-9a-f-]{36}>
--- listed by a part of its name
> GET projects?name=my%20p
< 200
{"page":1,"size":1,"total":1,"content":[{"id":"<set mine>","name":"My Project","description":"what it is","visibility":"private","created_at":"<time>","created_by":"admin","last_updated_at":"<time>","last_updated_by":"admin"}],"sortable_by":"*","sortableBy":"*"}
--- renamed
> PATCH projects/{{p}}
>> {"name":"renamed"}
< 204
--- its spans are there under both names
> GET spans?project_name=P&size=1
? filters=[{"field":"type","operator":"=","value":"llm"}]
< 200
{"total":1,"content":[{"project_id":"{{p}}","...":true}],"...":true}
--- the new one
> GET spans/exists?project_name=Renamed
< 200
{"exists":true}
--- by which they are called
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 200
{"project_name":"renamed","...":true}
--- what is written under the old name belongs to it
> PATCH spans/01a1fb2b-93be-7149-bec9-000000000002
>> {"trace_id":"01a1fb2b-93be-7149-bec9-000000000001","project_name":"p","name":"x"}
< 204
--- a taken name
> PATCH projects/{{mine}}
>> {"name":"P"}
< 409
{"errors":["Project already exists"]}
--- all of them
> GET projects?size=2
? sorting=[{"field":"name","direction":"ASC"}]
< 200
{"page":1,"size":2,"total":4,"content":[{"name":"Default Project","...":true},{"name":"My Project","...":true}],"...":true}

--- deleting a trace takes its spans and all that was said
> DELETE traces/01a1fb2b-93be-7149-bec9-000000000001
< 204
--- the span
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 404
{"...":true}
--- comes again without its past
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-000000000002","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","project_name":"p"}
< 201
--- nothing was said
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 200
{"id":"01a1fb2b-93be-7149-bec9-000000000002","project_name":"renamed","project_id":"{{p}}","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}
--- nor is the thread what it was
> POST traces/threads/retrieve
>> {"project_name":"renamed","thread_id":"t1"}
< 200
{"number_of_messages":2,"first_message":{"q":"two"},"...":true}
--- a thread with all its traces
> POST traces/threads/delete
>> {"project_name":"renamed","thread_ids":["t1"]}
< 204
--- is gone
> GET traces/01a1fb2b-93be-7149-bec9-000000000005
< 404
{"...":true}
--- deleting a project takes everything
> DELETE projects/{{p}}
< 204
--- its spans
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 404
{"...":true}
--- its name
> GET spans?project_name=renamed
< 404
{"code":404,"message":"Project name: renamed not found"}
--- but not the default project
> DELETE projects/0190babc-62a0-71d2-832a-0feffa4676eb
< 409
{"errors":["Cannot delete default project"]}

--- is it alive
> GET /is-alive/ping
< 200
{"message":"Healthy Server","healthy":true}
--- which version
> GET /api/is-alive/ver
< 200
{"version":"<any-string>"}
--- may I
> POST auth
>> {}
< 204
--- not there
> POST auth
> Comet-Workspace: elsewhere
>> {}
< 404
{"code":404,"message":"Workspace not found"}
--- where am I
> GET auth/workspace
< 200
{"workspace_name":"default"}
--- nothing is written to a workspace that may not come to be
> POST spans
> Comet-Workspace: elsewhere
>> {"id":"01a1fb2b-93be-7149-bec9-000000000002","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z"}
< 404
{"code":404,"message":"Workspace not found"}
--- a link for people
> GET /api/v1/session/redirect/projects/?trace_id=x
< 307
--- without the slash
> GET /api/v1/session/redirect/projects?trace_id=x
< 303
< Location: /
--- a span that comes before its trace
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000b2","trace_id":"01a1fb2b-93be-7149-bec9-0000000000b1","start_time":"2026-01-01T00:00:00Z","project_name":"early"}
< 201
--- makes no trace to score
> PUT traces/01a1fb2b-93be-7149-bec9-0000000000b1/feedback-scores
>> {"name":"Quality","value":1,"source":"ui"}
< 404
{"code":404,"message":"Trace id: 01a1fb2b-93be-7149-bec9-0000000000b1 not found"}
--- nor one to comment on
> POST traces/01a1fb2b-93be-7149-bec9-0000000000b1/comments
>> {"text":"x"}
< 404
{"code":404,"message":"trace id: 01a1fb2b-93be-7149-bec9-0000000000b1 not found"}
--- a trace that only a PATCH made
> PATCH traces/01a1fb2b-93be-7149-bec9-0000000000b3
>> {"project_name":"early","name":"n"}
< 204
--- is one to score
> PUT traces/01a1fb2b-93be-7149-bec9-0000000000b3/feedback-scores
>> {"name":"Quality","value":1,"source":"ui"}
< 204
--- and one to comment on
> POST traces/01a1fb2b-93be-7149-bec9-0000000000b3/comments
>> {"text":"x"}
< 201
{"id":"<uuid>"}
--- scores that came before their spans
> PUT spans/feedback-scores
>> {"scores":[{"id":"01a1fb2b-93be-7149-bec9-0000000000b4","name":"q","value":1,"source":"sdk","project_name":"early"},{"id":"01a1fb2b-93be-7149-bec9-0000000000b5","name":"q","value":1,"source":"sdk","project_name":"early"},{"id":"01a1fb2b-93be-7149-bec9-0000000000b6","name":"q","value":1,"source":"sdk","project_name":"early"}]}
< 204
--- are deleted with a span that is not there yet
> DELETE spans/01a1fb2b-93be-7149-bec9-0000000000b4
< 204
--- and with one of several
> POST spans/delete
>> {"ids":["01a1fb2b-93be-7149-bec9-0000000000b5"]}
< 204
--- so that the spans
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-0000000000b4","trace_id":"01a1fb2b-93be-7149-bec9-0000000000b7","start_time":"2026-01-01T00:00:00Z","project_name":"scored"},{"id":"01a1fb2b-93be-7149-bec9-0000000000b5","trace_id":"01a1fb2b-93be-7149-bec9-0000000000b7","start_time":"2026-01-01T00:00:00Z","project_name":"scored"},{"id":"01a1fb2b-93be-7149-bec9-0000000000b6","trace_id":"01a1fb2b-93be-7149-bec9-0000000000b7","start_time":"2026-01-01T00:00:00Z","project_name":"scored"}]}
< 204
--- come without them, all but the one that was left
> GET spans?project_name=scored
? filters=[{"field":"feedback_scores","operator":"is_not_empty","key":"q","value":""}]
< 200
{"total":1,"content":[{"id":"01a1fb2b-93be-7149-bec9-0000000000b6","...":true}],"...":true}
--- two spans, one with scores whose names differ by the case of a letter
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-0000000000d1","trace_id":"01a1fb2b-93be-7149-bec9-0000000000d0","start_time":"2026-01-01T00:00:00Z","project_name":"cases","name":"both"},{"id":"01a1fb2b-93be-7149-bec9-0000000000d2","trace_id":"01a1fb2b-93be-7149-bec9-0000000000d0","start_time":"2026-01-01T00:00:00Z","project_name":"cases","name":"small"}]}
< 204
--- which are scores of their own
> PUT spans/feedback-scores
>> {"scores":[{"id":"01a1fb2b-93be-7149-bec9-0000000000d1","name":"Q","value":1,"source":"sdk","project_name":"cases"},{"id":"01a1fb2b-93be-7149-bec9-0000000000d1","name":"q","value":-2,"source":"sdk","project_name":"cases"},{"id":"01a1fb2b-93be-7149-bec9-0000000000d2","name":"q","value":-1,"source":"sdk","project_name":"cases"}]}
< 204
--- a filter takes the name in either case, and either score may hold
> GET spans?project_name=cases
? filters=[{"field":"feedback_scores","operator":"=","key":"q","value":"1"},{"field":"feedback_scores","operator":"=","key":"Q","value":"-2"},{"field":"feedback_scores","operator":">","key":"q","value":"0.5"},{"field":"feedback_scores","operator":"<","key":"q","value":"-1.5"}]
< 200
{"total":1,"content":[{"name":"both","...":true}],"...":true}
--- no mean of the two is there
> GET spans?project_name=cases
? filters=[{"field":"feedback_scores","operator":"=","key":"q","value":"-0.5"}]
< 200
{"total":0,"...":true}
--- sorting takes the name as it is written
> GET spans?project_name=cases
? sorting=[{"field":"feedback_scores.q","direction":"ASC"}]
< 200
{"content":[{"name":"both","...":true},{"name":"small","...":true}],"...":true}
--- in capitals too
> GET spans?project_name=cases
? sorting=[{"field":"feedback_scores.Q","direction":"ASC"}]
< 200
{"content":[{"name":"small","...":true},{"name":"both","...":true}],"...":true}
--- statistics have a mean for each
> GET spans/stats?project_name=cases
< 200
{"stats":["*","*","*","*","*","*","*","*",{"name":"feedback_scores.Q","value":1,"type":"AVG"},{"name":"feedback_scores.q","value":-1.5,"type":"AVG"},"*"]}
--- a trace of them
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000d0","start_time":"2026-01-01T00:00:00Z","project_name":"cases"}
< 201
--- has what its spans have, by name
> GET traces/01a1fb2b-93be-7149-bec9-0000000000d0
< 200
{"span_feedback_scores":[{"name":"Q","value":1,"source":"sdk"},{"name":"q","value":-1.5,"source":"sdk"}],"...":true}
