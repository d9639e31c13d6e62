# What Opik refuses, and in which words.

=== base /api/v1/private

--- neither project
> GET spans
< 400
{"code":400,"message":"Either 'project_name' or 'project_id' query params must be provided"}
--- a project nobody has written to
> GET spans?project_name=nope
< 404
{"code":404,"message":"Project name: nope not found"}
--- the same of traces
> GET traces?project_name=nope
< 404
{"code":404,"message":"Project name: nope not found"}
--- a project's id that is not there
> GET spans?project_id=0190babc-62a0-71d2-832a-0feffa4676ff
< 404
{"code":404,"message":"Project id: 0190babc-62a0-71d2-832a-0feffa4676ff not found"}
--- an id that is none
> GET spans?project_id=nope
< 404
{"code":404,"message":"HTTP 404 Not Found"}
--- a span's id that is none
> GET spans/nope
< 404
{"code":404,"message":"HTTP 404 Not Found"}
--- a span that is not there
> GET spans/0190babc-62a0-71d2-832a-0feffa4676ff
< 404
{"code":404,"message":"Span id: 0190babc-62a0-71d2-832a-0feffa4676ff not found"}
--- a trace that is not there
> GET /v1/private/traces/0190babc-62a0-71d2-832a-0feffa4676ff
< 404
{"code":404,"message":"Trace id: 0190babc-62a0-71d2-832a-0feffa4676ff not found"}
--- a workspace that is not there
> GET spans?project_name=x
> Comet-Workspace: other
< 404
{"code":404,"message":"Workspace not found"}
--- a workspace that a parameter names
> GET spans?project_name=x&workspace_name=other
< 404
{"code":404,"message":"Workspace not found"}
--- the header goes before it
> GET spans?project_name=x&workspace_name=other
> Comet-Workspace: default
< 404
{"code":404,"message":"Project name: x not found"}
--- an empty header says nothing
> GET spans?project_name=Default%20Project&workspace_name=default
> Comet-Workspace:
< 200
{"total":0,"...":true}
--- a path that is not there
> GET spanz?a=1
< 404
{"code":404,"message":"flatspan does not serve spanz of Opik's API: GET /api/v1/private/spanz. /openapi.json lists what it serves."}
--- a method that is not there
> PUT spans
< 405
{"code":405,"message":"flatspan does not serve spans of Opik's API: PUT /api/v1/private/spans. /openapi.json lists what it serves."}
--- a family that is not served is named in words, with method and path
> POST /v1/private/guardrails
>> {}
< 404
{"code":404,"message":"flatspan does not serve guardrails of Opik's API: POST /v1/private/guardrails. /openapi.json lists what it serves."}
--- no empty page stands for what is not served
> GET optimizations
< 404
{"code":404,"message":"flatspan does not serve optimizations of Opik's API: GET /api/v1/private/optimizations. /openapi.json lists what it serves."}
--- a family whose path is no plain word
> POST automations/evaluators
>> {}
< 404
{"code":404,"message":"flatspan does not serve automations (online evaluators) of Opik's API: POST /api/v1/private/automations/evaluators. /openapi.json lists what it serves."}
--- a part of a family
> POST datasets/0190babc-62a0-71d2-832a-0feffa4676eb/expansions
>> {}
< 404
{"code":404,"message":"flatspan does not serve dataset expansions of Opik's API: POST /api/v1/private/datasets/0190babc-62a0-71d2-832a-0feffa4676eb/expansions. /openapi.json lists what it serves."}

--- page 0
> GET spans?project_name=x&page=0
< 400
{"errors":["query param page must be greater than or equal to 1"]}
--- size 0
> GET spans?project_name=x&size=0
< 400
{"errors":["query param size must be greater than or equal to 1"]}
--- a type that is none
> GET spans?project_name=x&type=chain
< 400
{"code":400,"message":"query param type must be one of [general, tool, llm, guardrail]"}
--- a type in capitals is one
> GET spans?project_name=Default%20Project&type=LLM
< 200
{"page":1,"size":0,"total":0,"content":[],"...":true}
--- a project's name comes in any case
> GET spans?project_name=%20default%20PROJECT
< 200
{"page":1,"size":0,"total":0,"content":[],
"sortable_by":["id","name","type","trace_id","parent_span_id","input","output","metadata","start_time","end_time","duration","ttft","usage.*","metadata","tags","created_at","last_updated_at","model","provider","total_estimated_cost","error_info","created_by","feedback_scores.*","environment"],
"sortableBy":["id","name","type","trace_id","parent_span_id","input","output","metadata","start_time","end_time","duration","ttft","usage.*","metadata","tags","created_at","last_updated_at","model","provider","total_estimated_cost","error_info","created_by","feedback_scores.*","environment"]}
--- times that do not follow one another
> GET spans?project_name=x&from_time=2&to_time=2
< 400
{"code":400,"message":"Parameter 'from_time' must be before 'to_time'"}
--- a time that is none
> GET spans?project_name=x&from_time=yesterday
< 400
{"code":400,"message":"Invalid instant format: 'yesterday'. Expected ISO-8601 (e.g., 2024-01-01T00:00:00Z) or milliseconds since epoch"}
--- a time without a zone
> GET spans?project_name=x&to_time=2024-01-01T00:00:00
< 400
{"code":400,"message":"Invalid instant format: '2024-01-01T00:00:00'. Expected ISO-8601 (e.g., 2024-01-01T00:00:00Z) or milliseconds since epoch"}
--- filters that are no JSON
> GET spans?project_name=x&filters=[
< 400
{"code":400,"message":"Invalid filters query parameter '['"}
--- filters with a field that is none
> GET spans?project_name=x
? filters=[{"field":"guardrails","operator":"=","value":"x"}]
< 400
{"code":400,"message":"Invalid filters query parameter '[{\"field\":\"guardrails\",\"operator\":\"=\",\"value\":\"x\"}]'"}
--- an operator that the type does not have
> GET spans?project_name=x
? filters=[{"field":"name","operator":">=","value":"x"}]
< 400
{"code":400,"message":"Invalid operator '>=' for field 'name' of type 'STRING'"}
--- a value that the type does not have
> GET spans/stats?project_name=x
? filters=[{"field":"duration","operator":">=","value":"long"}]
< 400
{"code":400,"message":"Invalid value 'long' or key 'null' for field 'duration' of type 'NUMBER'"}
--- sorting that is no JSON
> GET spans?project_name=x&sorting=name
< 400
{"code":400,"message":"Invalid sorting query parameter 'name'"}
--- leaving out what is not there
> GET spans?project_name=Default%20Project
? exclude=["id"]
< 400
{"code":400,"message":"Invalid query param exclude '[\"id\"]'"}
--- filters come before the project
> GET spans?project_name=nope&filters=1
< 400
{"code":400,"message":"Invalid filters query parameter '1'"}
--- the project comes before what is left out
> GET spans?project_name=nope&exclude=1
< 404
{"code":404,"message":"Project name: nope not found"}
--- names of scores without a project
> GET spans/feedback-scores/names
< 400
{"code":400,"message":"project_id must be provided"}
--- a source that is none
> GET spans/exists?project_name=Default%20Project&source=ui
< 400
{"code":400,"message":"Invalid source 'ui'"}
--- nothing exists yet
> GET spans/exists?project_name=Default%20Project&source=sdk
< 200
{"exists":false}
--- nothing to count
> GET spans/stats?project_name=Default%20Project
< 200
{"stats":[]}

--- a search for too many
> POST spans/search
>> {"project_name":"x","limit":2001}
< 422
{"errors":["limit must be less than or equal to 2000"]}
--- a search for none
> POST spans/search
>> {"project_name":"x","limit":0}
< 422
{"errors":["limit must be greater than or equal to 1"]}
--- a search with a filter that is none
> POST spans/search
>> {"project_name":"x","filters":[{"field":"name","operator":"is","value":"x"}]}
< 400
{"code":400,"message":"<re Unable to process JSON. .*>"}
--- a search without a project
> POST spans/search
>> {}
< 400
{"code":400,"message":"Either 'project_name' or 'project_id' query params must be provided"}

--- a span without what it must have
> POST spans
>> {"name":"x"}
< 422
{"errors":["traceId must not be null","startTime must not be null"]}
--- a trace without what it must have
> POST traces
>> {"name":"x"}
< 422
{"errors":["startTime must not be null"]}
--- an empty body
> POST spans
< 422
{"errors":["The request body must not be null"]}
--- a body that is no JSON
> POST spans
>> {"a":
< 400
{"code":400,"message":"<re Unable to process JSON. .*>"}
--- a body of another type
> POST spans
> Content-Type: text/plain
>> {}
< 415
{"code":415,"message":"HTTP 415 Unsupported Media Type"}
--- a time without a zone in a body
> POST spans
>> {"trace_id":"0190babc-62a0-71d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00"}
< 400
{"code":400,"message":"<re Unable to process JSON. Cannot deserialize value of type .*>"}
--- an id that is no UUID
> POST spans
>> {"id":"1","trace_id":"0190babc-62a0-71d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z"}
< 400
{"code":400,"message":"<re Unable to process JSON. Cannot deserialize value of type `java.util.UUID` .*>"}
--- an id of another version
> POST spans
>> {"id":"0190babc-62a0-41d2-832a-0feffa4676ff","trace_id":"0190babc-62a0-71d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z"}
< 400
{"code":400,"message":"Invalid UUID for id","details":"Span id must be a version 7 UUID"}
--- of a trace
> POST traces
>> {"id":"0190babc-62a0-41d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z"}
< 400
{"code":400,"message":"Invalid UUID for id","details":"Trace id must be a version 7 UUID"}
--- a trace's id may be of any version
> POST spans
>> {"id":"0190babc-62a0-71d2-832a-0feffa467600","trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z"}
< 201
--- a type that is none in a body
> POST spans
>> {"trace_id":"0190babc-62a0-71d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z","type":"chain"}
< 400
{"code":400,"message":"<re Unable to process JSON. Cannot deserialize value of type .*\\[general, tool, llm, guardrail\\]>"}
--- all that is wrong at once
> POST spans
>> {"trace_id":null,"project_name":" ","total_estimated_cost":-0.1,"ttft":-1,"environment":"{{151*e*}}","end_time":"1969-12-31T23:59:59Z","start_time":"2262-04-11T23:47:16Z"}
< 422
{"errors":["projectName must not be blank","traceId must not be null","startTime must be after or equal 1970-01-01T00:00:00.000000Z and before 2262-04-11T23:47:16.000000000Z","endTime must be after or equal 1970-01-01T00:00:00.000000Z and before 2262-04-11T23:47:16.000000000Z","ttft must be greater than or equal to 0.0","environment cannot exceed 150 characters","totalEstimatedCost must be greater than or equal to 0.0"]}
--- as much as is allowed
> POST spans
>> {"id":"0190babc-62a0-71d2-832a-0feffa467601","trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","environment":"{{150*é*}}","start_time":"2262-04-11T23:47:15.999999999Z","end_time":"1970-01-01T00:00:00Z"}
< 201
--- one bad span and nothing is stored
> POST spans/batch
>> {"spans":[{"id":"0190babc-62a0-71d2-832a-0feffa467602","trace_id":"0190babc-62a0-71d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z"},{"start_time":"2026-01-01T00:00:00Z"}]}
< 422
{"errors":["spans[1].traceId must not be null"]}
--- nothing was
> GET spans/0190babc-62a0-71d2-832a-0feffa467602
< 404
{"...":true}
--- nor with an id of another version
> POST spans/batch
>> {"spans":[{"id":"0190babc-62a0-71d2-832a-0feffa467602","trace_id":"0190babc-62a0-71d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z"},{"id":"0190babc-62a0-41d2-832a-0feffa467602","trace_id":"0190babc-62a0-71d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z"}]}
< 400
{"code":400,"message":"Invalid UUID for id","details":"Span id must be a version 7 UUID"}
--- still nothing
> GET spans/0190babc-62a0-71d2-832a-0feffa467602
< 404
{"...":true}
--- no spans
> POST spans/batch
>> {"spans":[]}
< 422
{"errors":["spans size must be between 1 and 1000"]}
--- no list
> POST traces/batch
>> {}
< 422
{"errors":["traces must not be null"]}
--- no ids
> POST traces/delete
>> {"ids":[]}
< 422
{"errors":["ids size must be between 1 and 1000"]}
--- too many ids
> POST traces/delete
>> {"ids":[{{1000*"0190babc-62a0-71d2-832a-0feffa4676ff",*}}"0190babc-62a0-71d2-832a-0feffa4676ff"]}
< 422
{"errors":["ids size must be between 1 and 1000"]}
--- as many as are allowed
> POST traces/delete
>> {"ids":[{{999*"0190babc-62a0-71d2-832a-0feffa4676ff",*}}"0190babc-62a0-71d2-832a-0feffa4676ff"]}
< 204

--- a PATCH without a trace
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467601
>> {"name":"x"}
< 422
{"errors":["traceId must not be null"]}
--- a PATCH into a project that is not there
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467601
>> {"trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","project_id":"0190babc-62a0-71d2-832a-0feffa4676ff"}
< 404
{"code":404,"message":"Project id: 0190babc-62a0-71d2-832a-0feffa4676ff not found"}
--- a PATCH that names another project
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467601
>> {"trace_id":"0190babc-62a0-41d2-832a-0feffa4676fe","project_name":"p2"}
< 409
{"errors":["Project name and workspace name do not match the existing span"]}
--- a PATCH that names another parent
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467601
>> {"trace_id":"0190babc-62a0-41d2-832a-0feffa4676fe","parent_span_id":"0190babc-62a0-71d2-832a-0feffa467600"}
< 409
{"errors":["parent_span_id does not match the existing span"]}
--- a PATCH that names another trace
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467601
>> {"trace_id":"0190babc-62a0-41d2-832a-0feffa4676fe"}
< 409
{"errors":["trace_id does not match the existing span"]}
--- a PATCH of an id of another version
> PATCH spans/0190babc-62a0-41d2-832a-0feffa467601
>> {"trace_id":"0190babc-62a0-41d2-832a-0feffa4676fe"}
< 400
{"code":400,"message":"Invalid UUID for id","details":"Span id must be a version 7 UUID"}
--- too many tags
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467601
>> {"trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","tags":["01","02","03","04","05","06","07","08","09","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24","25","26","27","28","29","30","31","32","33","34","35","36","37","38","39","40","41","42","43","44","45","46","47","48","49","50","51"]}
< 422
{"errors":["tags Cannot have more than 50 tags"]}
--- tags that are too long or blank
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467601
>> {"trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","tags":["{{101*t*}}"," "]}
< 422
{"errors":["tags[].<iterable element> Tag cannot exceed 100 characters","tags[].<iterable element> Tag must not be blank"]}
--- as many and as long as is allowed
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467601
>> {"trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","tags":["{{100*é*}}","02","03","04","05","06","07","08","09","10","11","12","13","14","15","16","17","18","19","20","21","22","23","24","25","26","27","28","29","30","31","32","33","34","35","36","37","38","39","40","41","42","43","44","45","46","47","48","49","50"]}
< 204
--- one more, later, is too much
> PATCH spans/batch
>> {"ids":["0190babc-62a0-71d2-832a-0feffa467600","0190babc-62a0-71d2-832a-0feffa467601"],"update":{"trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","tags":["new"]},"merge_tags":true}
< 422
{"errors":["Tag limit exceeded: maximum 50 tags per item"]}
--- and nothing of it was done
> GET spans/0190babc-62a0-71d2-832a-0feffa467600
< 200
{"id":"0190babc-62a0-71d2-832a-0feffa467600","project_name":"Default Project","project_id":"0190babc-62a0-71d2-832a-0feffa4676eb","trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","start_time":"2026-01-01T00:00:00Z","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}
--- a batch of PATCHes without a PATCH
> PATCH spans/batch
>> {"ids":["0190babc-62a0-71d2-832a-0feffa467600"]}
< 422
{"errors":["update must not be null"]}

--- a second POST of a span changes nothing
> POST spans
>> {"id":"0190babc-62a0-71d2-832a-0feffa467600","trace_id":"0190babc-62a0-41d2-832a-0feffa467700","name":"second","project_name":"p9","start_time":"2026-01-01T00:00:00Z"}
< 201
< Location: http://localhost/api/v1/private/spans/0190babc-62a0-71d2-832a-0feffa467600
--- it did not
> GET spans/0190babc-62a0-71d2-832a-0feffa467600
< 200
{"project_name":"Default Project","trace_id":"0190babc-62a0-41d2-832a-0feffa4676ff","...":true}
--- a second POST of a trace is a conflict
> POST traces
>> {"id":"0190babc-62a0-71d2-832a-0feffa467800","start_time":"2026-01-01T00:00:00Z"}
< 201
--- as said
> POST traces
>> {"id":"0190babc-62a0-71d2-832a-0feffa467800","start_time":"2026-01-01T00:00:00Z"}
< 409
{"errors":["Trace already exists"]}
--- in another project
> POST traces
>> {"id":"0190babc-62a0-71d2-832a-0feffa467800","start_time":"2026-01-01T00:00:00Z","project_name":"p2"}
< 409
{"errors":["Project name and workspace name do not match the existing trace"]}
--- a POST after a PATCH that disagree about the parent
> PATCH spans/0190babc-62a0-71d2-832a-0feffa467900
>> {"trace_id":"0190babc-62a0-71d2-832a-0feffa467800","parent_span_id":"0190babc-62a0-71d2-832a-0feffa467801","name":"early"}
< 204
--- they do
> POST spans
>> {"id":"0190babc-62a0-71d2-832a-0feffa467900","trace_id":"0190babc-62a0-71d2-832a-0feffa467800","start_time":"2026-01-01T00:00:00Z"}
< 409
{"errors":["parent_span_id does not match the existing span"]}
--- what a PATCH made begins at the epoch and has no duration
> GET spans/0190babc-62a0-71d2-832a-0feffa467900
< 200
{"start_time":"1970-01-01T00:00:00Z","name":"early","...":true}

--- a score without anything
> PUT spans/0190babc-62a0-71d2-832a-0feffa467900/feedback-scores
>> {}
< 422
{"errors":["name must not be blank","value must not be null","source must not be null"]}
--- a score of a span that is not there
> PUT spans/0190babc-62a0-71d2-832a-0feffa4679ff/feedback-scores
>> {"name":"q","value":1,"source":"ui"}
< 404
{"code":404,"message":"Span id: 0190babc-62a0-71d2-832a-0feffa4679ff not found"}
--- scores out of range
> PUT spans/feedback-scores
>> {"scores":[{"id":"0190babc-62a0-71d2-832a-0feffa467900","name":"q","value":1000000000,"source":"ui"},{"id":"0190babc-62a0-71d2-832a-0feffa467900","name":" ","value":-1e9,"source":"ui"}]}
< 422
{"errors":["scores[0].value must be less than or equal to 999999999.999999999","scores[1].name must not be blank","scores[1].value must be greater than or equal to -999999999.999999999"]}
--- at its ends
> PUT spans/feedback-scores
>> {"scores":[{"id":"0190babc-62a0-71d2-832a-0feffa467900","name":"most","value":999999999.999999999,"source":"ui"},{"id":"0190babc-62a0-71d2-832a-0feffa467900","name":"least","value":-999999999.999999999,"source":"online_scoring"}]}
< 204
--- scores for an id of another version
> PUT spans/feedback-scores
>> {"scores":[{"id":"0190babc-62a0-41d2-832a-0feffa467900","name":"q","value":1,"source":"ui"}]}
< 400
{"code":400,"message":"Invalid UUID for id","details":"span id must be a version 7 UUID"}
--- taking back a score without a name
> POST spans/0190babc-62a0-71d2-832a-0feffa467900/feedback-scores/delete
>> {"name":""}
< 422
{"errors":["name must not be blank"]}
--- taking back what was never given
> POST spans/0190babc-62a0-71d2-832a-0feffa467900/feedback-scores/delete
>> {"name":"nothing"}
< 204
--- a comment without a text
> POST spans/0190babc-62a0-71d2-832a-0feffa467900/comments
>> {"text":" "}
< 422
{"errors":["text must not be blank"]}
--- a comment on nothing
> POST spans/0190babc-62a0-71d2-832a-0feffa4679ff/comments
>> {"text":"x"}
< 404
{"code":404,"message":"span id: 0190babc-62a0-71d2-832a-0feffa4679ff not found"}
--- a comment that is not there
> PATCH spans/comments/0190babc-62a0-71d2-832a-0feffa4679ff
>> {"text":"x"}
< 404
{"code":404,"message":"Comment id: 0190babc-62a0-71d2-832a-0feffa4679ff not found"}
--- deleting comments that are not there
> POST spans/comments/delete
>> {"ids":["0190babc-62a0-71d2-832a-0feffa4679ff"]}
< 204

--- a project that is not there
> GET projects/0190babc-62a0-71d2-832a-0feffa4679ff
< 404
{"errors":["Project not found"]}
--- by name
> POST projects/retrieve
>> {"name":"nope"}
< 404
{"code":404,"message":"Project name: nope not found"}
--- without a name
> POST projects
>> {"description":"x"}
< 422
{"errors":["name must not be blank"]}
--- with a name that is taken
> POST projects
>> {"name":"DEFAULT project"}
< 409
{"errors":["Project already exists"]}

--- null is no body either
> POST spans/batch
>> null
< 422
{"errors":["The request body must not be null"]}

--- nor is a point without what follows it a path
> GET spans?project_name=p
? filters=[{"field":"custom","operator":"=","key":"input.","value":"x"}]
< 400
{"code":400,"message":"Invalid value 'x' or key '' for field 'input_json' of type 'DICTIONARY'"}
