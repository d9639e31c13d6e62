# Opik: prompts and their versions, environments, feedback definitions.

=== base /api/v1/private

--- a prompt that is not there
> POST prompts/versions/retrieve
>> {"name":"greet"}
< 404
{"code":404,"message":"Prompt not found"}

--- a version makes its prompt
> POST prompts/versions
>> {"name":"greet","version":{"template":"Hello \u007b\u007bname}}, \u007b\u007b name }} of \u007b\u007btown}}","metadata":{"a":1},"type":"mustache"},"template_structure":"text"}
< 200
{"id":"<set v1>","prompt_id":"<set p>","commit":"<set c1>","template":"<re Hello ..name.., .. name .. of ..town..>","metadata":{"a":1},"type":"mustache","template_structure":"text","variables":["name","town"],"created_at":"<time>","created_by":"admin"}

--- another version
> POST prompts/versions
>> {"name":"greet","version":{"template":"Hi \u007b\u007bname}}","change_description":"shorter"}}
< 200
{"id":"<set v2>","prompt_id":"{{p}}","commit":"<set c2>","template":"<re Hi ..name..>","change_description":"shorter","...":true}

--- without a commit the newest version is retrieved
> POST prompts/versions/retrieve
>> {"name":"GREET"}
< 200
{"id":"{{v2}}","commit":"{{c2}}","...":true}

--- with a commit that version
> POST prompts/versions/retrieve
>> {"name":"greet","commit":"{{c1}}"}
< 200
{"id":"{{v1}}","template":"<re Hello ..name.., .. name .. of ..town..>","...":true}

--- a commit that is not there
> POST prompts/versions/retrieve
>> {"name":"greet","commit":"00000000"}
< 404
{"code":404,"message":"Prompt version not found"}

--- a commit is used once
> POST prompts/versions
>> {"name":"greet","version":{"template":"x","commit":"{{c1}}"}}
< 409
{"code":409,"message":"Prompt version already exists"}

--- the structure of a prompt stays
> POST prompts/versions
>> {"name":"greet","template_structure":"chat","version":{"template":"x"}}
< 400
{"code":400,"message":"Template structure mismatch: prompt 'greet' has template_structure 'text' but new version has 'chat'. Template structure is immutable and cannot be changed after prompt creation."}

--- a version without a template
> POST prompts/versions
>> {"name":"greet","version":{}}
< 422
{"errors":["template must not be blank"]}

--- a version of a type that is none
> POST prompts/versions
>> {"name":"greet","version":{"template":"x","type":"latex"}}
< 400
{"code":400,"message":"<re Unable to process JSON. Cannot deserialize value of type.*>"}

--- restoring makes a third version
> POST prompts/{{p}}/versions/{{v1}}/restore
< 200
{"id":"<set v3>","template":"<re Hello ..name.., .. name .. of ..town..>","metadata":{"a":1},"change_description":"Restored from version {{c1}}","...":true}

--- a version of another prompt is not restored
> POST prompts/{{p}}/versions/{{p}}/restore
< 404
{"code":404,"message":"Prompt version not found for the specified prompt"}

--- versions, newest first
> GET prompts/{{p}}/versions?size=2
< 200
{"page":1,"size":2,"total":3,"content":[{"id":"{{v3}}","...":true},{"id":"{{v2}}","...":true}],"...":true}

--- versions that contain a text
> GET prompts/{{p}}/versions?search=HI+
< 200
{"total":1,"content":[{"id":"{{v2}}","...":true}],"...":true}

--- a version by its id
> GET prompts/versions/{{v1}}
< 200
{"id":"{{v1}}","prompt_id":"{{p}}","...":true}

--- a version by its commit
> GET prompts/by-commit/{{c2}}
< 200
{"id":"{{v2}}","prompt_id":"{{p}}","...":true}

--- several by their commits
> POST prompts/retrieve-by-commits
>> {"commits":["{{c2}}","ffffffff"]}
< 200
[{"id":"{{v2}}","prompt_version_id":"{{v2}}","commit":"{{c2}}","prompt_id":"{{p}}","prompt_name":"greet"}]

--- tags of versions
> PATCH prompts/versions
>> {"ids":["{{v1}}","{{v2}}"],"update":{"tags":["x"]}}
< 204

--- are merged when asked for
> PATCH prompts/versions
>> {"ids":["{{v1}}"],"update":{"tags":["y"]},"merge_tags":true}
< 204

--- and shown
> GET prompts/versions/{{v1}}
< 200
{"tags":["x","y"],"template":"<re Hello ..name.., .. name .. of ..town..>","...":true}

--- a prompt with its latest version
> GET prompts/{{p}}
< 200
{"id":"{{p}}","name":"greet","template_structure":"text","version_count":3,"latest_version":{"id":"{{v3}}","...":true},"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin"}

--- a description and tags
> PUT prompts/{{p}}
>> {"name":"greet","description":"says hello","tags":["a","b"]}
< 204

--- a prompt by a filter on its name
> GET prompts?size=1
? filters=[{"field":"name","operator":"=","value":"greet"}]
< 200
{"page":1,"size":1,"total":1,"content":[{"id":"{{p}}","name":"greet","description":"says hello","tags":["a","b"],"template_structure":"text","version_count":3,"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin"}],"...":true}

--- by a tag that it does not have
> GET prompts
? filters=[{"field":"tags","operator":"contains","value":"zz"}]
< 200
{"total":0,"content":[],"...":true}

--- filters that are no JSON
> GET prompts?filters=[
< 400
{"code":400,"message":"Invalid filters query parameter '['"}

--- a prompt with its first version, in a project
> POST prompts
>> {"id":"019b76da-a800-7000-8000-000000000001","name":"second","template":"t","template_structure":"chat","project_name":"demo"}
< 201
<< 

--- its name is taken then
> POST prompts
>> {"name":"second"}
< 409
{"code":409,"message":"Prompt id or name already exists"}

--- an id of another version
> POST prompts
>> {"id":"4f1c2cfd-1f4e-4b6e-9d1c-000000000001","name":"third"}
< 400
{"code":400,"message":"Invalid UUID for id","details":"id must be a version 7 UUID"}

--- sorted by name
> GET prompts
? sorting=[{"field":"name","direction":"DESC"}]
< 200
{"content":[{"name":"second","project_id":"<set project>","version_count":1,"...":true},{"name":"greet","...":true}],"...":true}

--- those of a project
> GET projects/{{project}}/prompts
< 200
{"total":1,"content":[{"name":"second","...":true}],"...":true}

--- deleted, also what is not there
> POST prompts/delete
>> {"ids":["{{p}}","019b76da-a800-7000-8000-00000000ffff"]}
< 204

--- a prompt that was deleted
> GET prompts/{{p}}
< 404
{"code":404,"message":"Prompt not found"}

--- its versions go with it
> GET prompts/versions/{{v1}}
< 404
{"code":404,"message":"Prompt version not found"}

--- a prompt's id that is none
> GET prompts/nope
< 404
{"code":404,"message":"HTTP 404 Not Found"}

--- deleting no ids
> POST prompts/delete
>> {"ids":[]}
< 422
{"errors":["ids size must be between 1 and 1000"]}

--- an environment
> POST environments
>> {"id":"019b76da-a800-7000-8000-0000000000e1","name":"prod","color":"#ff0000","position":2}
< 201
<< 

--- the same request again
> POST environments
>> {"id":"019b76da-a800-7000-8000-0000000000e1","name":"prod","color":"#ff0000","position":2}
< 201
<< 

--- the name again
> POST environments
>> {"name":"prod"}
< 409
{"errors":["Environment with name 'prod' already exists in the workspace"]}

--- spans name another
> POST spans
>> {"id":"019b76da-a800-7000-8000-0000000000a1","trace_id":"019b76da-a800-7000-8000-0000000000a0","start_time":"2026-01-01T00:00:00Z","environment":"dev"}
< 201
<< 

--- both are listed
> GET environments
< 200
{"page":1,"size":2,"total":2,"content":[{"id":"019b76da-a800-7000-8000-0000000000e1","name":"prod","color":"#ff0000","position":2,"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin"},{"id":"<set dev>","name":"dev","...":true}],"sortable_by":["created_at"],"sortableBy":["created_at"]}

--- one that only spans name is found by its id
> GET environments/{{dev}}
< 200
{"id":"{{dev}}","name":"dev","...":true}

--- and changed, which registers it
> PATCH environments/{{dev}}
>> {"description":"for tests"}
< 204

--- so it is described
> GET environments/{{dev}}
< 200
{"id":"{{dev}}","name":"dev","description":"for tests","...":true}

--- a deleted name does not come back by old spans
> POST environments/delete
>> {"ids":["{{dev}}"]}
< 204

--- it is not listed
> GET environments
< 200
{"total":1,"content":[{"name":"prod","...":true}],"...":true}

--- nor found
> GET environments/{{dev}}
< 404
{"errors":["Environment not found"]}

--- a later span uses it
> POST spans
>> {"id":"0fffffff-a800-7000-8000-0000000000a2","trace_id":"0fffffff-a800-7000-8000-0000000000a0","start_time":"2100-01-01T00:00:00Z","environment":"dev"}
< 201
<< 

--- so it is there again
> GET environments
< 200
{"total":2,"content":[{"name":"prod","...":true},{"id":"{{dev}}","name":"dev","...":true}],"...":true}

--- a feedback definition
> POST feedback-definitions
>> {"name":"quality","type":"numerical","details":{"min":0,"max":1}}
< 201
<< 

--- its name again
> POST feedback-definitions
>> {"name":"Quality","type":"boolean","details":{"true_label":"y","false_label":"n"}}
< 409
{"errors":["Feedback already exists"]}

--- one without what it must have
> POST feedback-definitions
>> {"description":"d"}
< 422
{"errors":["name must not be blank","type must not be null","details must not be null"]}

--- definitions of a type
> GET feedback-definitions?type=numerical&name=QUAL
< 200
{"total":1,"content":[{"id":"<set f>","name":"quality","type":"numerical","details":{"min":0,"max":1},"...":true}],"...":true}

--- replaced
> PUT feedback-definitions/{{f}}
>> {"name":"quality","type":"categorical","details":{"categories":{"good":1,"bad":0}}}
< 204

--- by its id
> GET feedback-definitions/{{f}}
< 200
{"id":"{{f}}","name":"quality","type":"categorical","details":{"categories":{"good":1,"bad":0}},"...":true}

--- gone
> DELETE feedback-definitions/{{f}}
< 204

--- a definition that is not there
> GET feedback-definitions/{{f}}
< 404
{"errors":["Feedback definition not found"]}
