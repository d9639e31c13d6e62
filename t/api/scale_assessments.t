# Span assessments, and searching spans by them.

=== base /v5

=== lines default 2026-03-02
defaults {"source":"scale","trace_id":"t1","session_id":"s","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"root"}
{"span_id":"child","parent_span_id":"root","started_at":"2026-03-01T00:00:01Z"}
{"span_id":"leaf","parent_span_id":"child","started_at":"2026-03-01T00:00:02Z"}
{"span_id":"child","trace_id":"t2","parent_span_id":"late-root"}
{"span_id":"later","trace_id":"t3","parent_span_id":"x"}

--- without any, no span has one
> POST spans/search
>> {"assessment_types":["rating","comment"]}
< 200
{"object":"list","items":[],"limit":100,"total":0,"has_more":false}

--- an assessment says all at once
> POST span-assessments
>> {"assessment_type":"rating","trace_id":"t1","span_id":"child","comment":"fine \"so far\"","rating":4,"approval":"approved",
>>  "rubric":{"tone":"good"},"metadata":{"k":[1.50]},"overwrite":{"output":{}},"unknown":1}
< 200
{"assessment_id":"<set id>","object":"span.assessment","assessment_type":"rating","trace_id":"t1","span_id":"child",
 "created_by":"anonymous","account_id":"default","created_at":"<time>","updated_at":"<time>",
 "comment":"fine \"so far\"","rating":4,"approval":"approved","rubric":{"tone":"good"},"metadata":{"k":[1.50]},"overwrite":{"output":{}}}

--- it is found by its id
> GET span-assessments/{{id}}
< 200
{"assessment_id":"{{id}}","rating":4,"comment":"fine \"so far\"","...":true}

--- without a span it is about the root of the trace
> POST span-assessments
>> {"assessment_type":"comment","trace_id":"t1","comment":"whole trace"}
< 200
{"assessment_id":"<uuid>","trace_id":"t1","span_id":"root","comment":"whole trace","...":true}

--- a trace whose root is not there yet
> POST span-assessments
>> {"assessment_type":"approval","trace_id":"t3","approval":"rejected"}
< 200
{"assessment_id":"<uuid>","object":"span.assessment","assessment_type":"approval","trace_id":"t3","created_by":"anonymous","account_id":"default",
 "created_at":"<time>","updated_at":"<time>","approval":"rejected"}

--- what a type is called after may come later
> POST span-assessments
>> {"assessment_type":"overwrite","trace_id":"t1","span_id":"child"}
< 200
{"assessment_id":"<set other>","assessment_type":"overwrite","span_id":"child","...":true}

--- those of a span, in the order they were made
> GET span-assessments?span_id=child
< 200
{"object":"list","items":[{"assessment_id":"{{id}}","...":true},{"assessment_type":"overwrite","...":true}]}

--- those of a trace
> GET span-assessments?trace_id=t1
< 200
{"object":"list","items":[{"assessment_id":"{{id}}","...":true},{"assessment_type":"comment","...":true},{"assessment_type":"overwrite","...":true}]}

--- of a trace and a type
> GET span-assessments?trace_id=t1&assessment_type=comment
< 200
{"object":"list","items":[{"comment":"whole trace","...":true}]}

--- of a span and another trace
> GET span-assessments?span_id=child&trace_id=t2
< 200
{"object":"list","items":[]}

--- of nothing
> GET span-assessments?assessment_type=comment
< 400
{"detail":"span_id or trace_id is required"}

--- of a type that is not there
> GET span-assessments?trace_id=t1&assessment_type=Comment
< 422
{"detail":[{"type":"enum","loc":["query","assessment_type"],"input":"Comment",
 "msg":"Input should be 'comment', 'rating', 'approval', 'rubric', 'metadata' or 'overwrite'","ctx":"*"}]}

--- spans that have one of a type themselves, of that trace only
> POST spans/search
>> {"assessment_types":["rating"]}
< 200
{"items":[{"id":"child","trace_id":"t1","...":true}],"total":1,"...":true}

--- any of the types; a trace's counts for its root
> POST spans/search
>> {"assessment_types":["rating","comment","nothing"]}
< 200
{"items":[{"id":"root","...":true},{"id":"child","trace_id":"t1","...":true}],"total":2,"...":true}

--- a trace's is of no other span
> POST spans/search
>> {"assessment_types":["approval"]}
< 200
{"items":[],"total":0,"...":true}

--- an unknown type matches nothing
> POST spans/search
>> {"assessment_types":["Rating"]}
< 200
{"items":[],"total":0,"...":true}

--- the root comes late
> PUT spans/batch
>> {"items":[{"id":"r3","trace_id":"t3","name":"n","start_timestamp":"2026-03-01T00:00:00Z"}]}
< 200
{"object":"list","items":["*"]}

--- (and has it)
> POST spans/search
>> {"assessment_types":["approval","rating"]}
< 200
{"items":[{"id":"r3","...":true},{"id":"child","trace_id":"t1","...":true}],"total":2,"...":true}

--- a change leaves what it does not name
> PATCH span-assessments/{{id}}
>> {"comment":"better","rating":5,"approval":"rejected","metadata":{"k":2}}
< 200
{"assessment_id":"{{id}}","object":"span.assessment","assessment_type":"rating","trace_id":"t1","span_id":"child",
 "created_by":"anonymous","account_id":"default","created_at":"<time>","updated_at":"<time>",
 "comment":"better","rating":5,"approval":"rejected","rubric":{"tone":"good"},"metadata":{"k":2},"overwrite":{"output":{}}}

--- (it stays)
> GET span-assessments/{{id}}
< 200
{"comment":"better","rating":5,"approval":"rejected","rubric":{"tone":"good"},"...":true}

--- what is refused
> POST span-assessments
>> {"assessment_type":"","rating":0,"approval":"maybe","rubric":{"a":1},"metadata":[],"comment":7}
< 422
{"detail":[
 {"type":"string_type","loc":["body","comment"],"msg":"*","input":7},
 {"type":"greater_than_equal","loc":["body","rating"],"msg":"Input should be greater than or equal to 1","input":0,"ctx":{"ge":1}},
 {"type":"enum","loc":["body","approval"],"msg":"Input should be 'approved' or 'rejected'","input":"maybe","ctx":"*"},
 {"type":"string_type","loc":["body","rubric","a"],"msg":"*","input":1},
 {"type":"dict_type","loc":["body","metadata"],"msg":"*","input":[]},
 {"type":"enum","loc":["body","assessment_type"],"msg":"Input should be 'comment', 'rating', 'approval', 'rubric', 'metadata' or 'overwrite'","input":"","ctx":"*"},
 {"type":"missing","loc":["body","trace_id"],"msg":"Field required","input":"*"}]}

--- a change of the type
> PATCH span-assessments/{{other}}
>> {"assessment_type":"rubric","rubric":{"a":"b"}}
< 200
{"assessment_id":"{{other}}","assessment_type":"rubric","rubric":{"a":"b"},"...":true}

--- (it stays, and is found by it)
> GET span-assessments?span_id=child&assessment_type=rubric
< 200
{"object":"list","items":[{"assessment_id":"{{other}}","assessment_type":"rubric","...":true}]}

--- (so is its span)
> POST spans/search
>> {"assessment_types":["rubric"]}
< 200
{"items":[{"id":"child","trace_id":"t1","...":true}],"total":1,"...":true}

--- (to one that is not there)
> PATCH span-assessments/{{other}}
>> {"assessment_type":"my own"}
< 422
{"detail":[{"type":"enum","loc":["body","assessment_type"],"msg":"*","input":"my own","ctx":"*"}]}

--- five is the best rating
> PATCH span-assessments/{{id}}
>> {"rating":6}
< 422
{"detail":[{"type":"less_than_equal","loc":["body","rating"],"msg":"Input should be less than or equal to 5","input":6,"ctx":{"le":5}}]}

--- what is not there
> GET span-assessments/nope
< 404
{"detail":"No assessment with id 'nope'"}

--- (to change)
> PATCH span-assessments/nope
>> {"rating":1}
< 404
{"detail":"No assessment with id 'nope'"}

--- (to delete)
> DELETE span-assessments/nope
< 404
{"detail":"No assessment with id 'nope'"}

--- it is deleted
> DELETE span-assessments/{{id}}
< 200
{"id":"{{id}}","object":"span.assessment","deleted":true}

--- (it is gone)
> GET span-assessments/{{id}}
< 404
{"detail":"*"}

--- (its span has none of that type)
> POST spans/search
>> {"assessment_types":["rating"]}
< 200
{"items":[],"total":0,"...":true}

--- another account
> GET span-assessments?trace_id=t1
> x-selected-account-id: nobody
< 403
{"detail":"No access to account 'nobody'"}
