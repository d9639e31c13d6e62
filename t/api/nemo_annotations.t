# Annotations: both forms of the body, lists, filters, deletion.

=== base /apis/intake/v2/workspaces/w
=== workspace empty

--- feedback in the flat form
> POST annotations
> Content-Type: application/json
>> {"span_id":"span-1","session_id":"session-A","kind":"feedback","value_text":"positive"}
< 201 ordered
{"annotation_id":"<set FEEDBACK>","workspace":"w","span_id":"span-1","session_id":"session-A","kind":"feedback","value_text":"positive","value":"positive","created_at":"<time>","ingested_at":"<time>"}

--- can be got
> GET annotations/{{FEEDBACK}}
< 200
{"annotation_id":"<re ann-[0-9a-f]{32}>","workspace":"w","span_id":"span-1","session_id":"session-A","kind":"feedback","value_text":"positive","value":"positive","created_at":"<time>","ingested_at":"<time>"}

--- feedback in the later form, of a session
> POST annotations
>> {"session_id":"session-A","kind":"feedback","value":"negative","span_id":null}
< 201
{"annotation_id":"*","workspace":"w","session_id":"session-A","kind":"feedback","value_text":"negative","value":"negative","created_at":"<time>","ingested_at":"<time>"}

--- a label with a text
> POST annotations
>> {"span_id":"span-1","session_id":"session-A","kind":"label","value_text":"regression"}
< 201
{"annotation_id":"*","workspace":"w","span_id":"span-1","session_id":"session-A","kind":"label","value_text":"regression","value":"regression","value_type":"text","created_at":"*","ingested_at":"*"}

--- a label with a number
> POST annotations
>> {"span_id":"span-1","session_id":"session-A","kind":"label","name":"helpfulness","value_numeric":4}
< 201
{"annotation_id":"*","workspace":"w","span_id":"span-1","session_id":"session-A","kind":"label","name":"helpfulness","value_numeric":4.0,"value":4.0,"value_type":"numeric","created_at":"*","ingested_at":"*"}

--- labels in the later form
> POST annotations
>> {"span_id":"span-2","session_id":"session-B","kind":"label","name":"tone","value_type":"text","value":"professional"}
< 201
{"kind":"label","name":"tone","value_text":"professional","value":"professional","value_type":"text","...":true}

--- with a number
> POST annotations
>> {"span_id":"span-2","session_id":"session-B","kind":"label","name":"score","value_type":"numeric","value":0.10}
< 201
{"kind":"label","name":"score","value_numeric":0.1,"value":0.1,"value_type":"numeric","...":true}

--- a note by its text
> POST annotations
>> {"span_id":"span-2","session_id":"session-B","kind":"note","text":"The model invented a \"tool\"."}
< 201
{"annotation_id":"*","workspace":"w","span_id":"span-2","session_id":"session-B","kind":"note","text":"The model invented a \"tool\".","value":"The model invented a \"tool\".","created_at":"*","ingested_at":"*"}

--- metadata, likewise
> POST annotations
>> {"session_id":"session-B","kind":"metadata","metadata":{"issue":"FP-204","n":1.50}}
< 201
{"annotation_id":"*","workspace":"w","session_id":"session-B","kind":"metadata","metadata":{"issue":"FP-204","n":1.5},"created_at":"*","ingested_at":"*"}

--- the newest first
> GET annotations?page_size=3
< 200 ordered
{"data":[{"kind":"metadata","...":true},{"kind":"note","...":true},{"name":"score","...":true}],"pagination":{"page":1,"page_size":3,"current_page_size":3,"total_pages":3,"total_results":8},"sort":"-created_at","filter":{}}

--- the oldest first, the last page
> GET annotations?page_size=3&page=3&sort=created_at
< 200
{"data":[{"kind":"note","...":true},{"kind":"metadata","...":true}],"pagination":{"page":3,"page_size":3,"current_page_size":2,"total_pages":3,"total_results":8},"sort":"created_at","...":true}

--- of a span
> GET annotations?filter[span_id]=span-2
< 200
{"data":["*","*","*"],"pagination":{"total_results":3,"...":true},"filter":{"span_id":"span-2"},"...":true}

--- of a session, as Studio asks
> GET annotations?filter[session_id]=session-A&sort=-created_at&page=1&page_size=1000
< 200
{"data":[{"value_numeric":4,"...":true},{"value":"regression","...":true},{"value":"negative","...":true},{"value":"positive","...":true}],"...":true}

--- of a kind and a session
> GET annotations
? filter={"kind":"label","session_id":"session-B"}
< 200
{"data":[{"name":"score","...":true},{"name":"tone","...":true}],"...":true}

--- by name
> GET annotations
? filter={"name":"tone"}
< 200
{"data":[{"name":"tone","...":true}],"...":true}

--- by value
> GET annotations
? filter={"value_text":"positive"}
< 200
{"data":[{"annotation_id":"{{FEEDBACK}}","...":true}],"...":true}

--- by a range of numbers
> GET annotations?filter[value_numeric][gte]=0.1&filter[value_numeric][lte]=3.9
< 200
{"data":[{"name":"score","...":true}],"...":true}

--- by creation, both ends
> GET annotations
? filter={"created_at":{"$gte":"2020-01-01","$lte":"2200-01-01T00:00:00Z"},"span_id":"span-1"}
< 200
{"data":["*","*","*"],"...":true}

--- none so old
> GET annotations
? filter={"created_at":{"$lte":"2020-01-01"}}
< 200
{"data":[],"pagination":{"total_results":0,"total_pages":0,"...":true},"...":true}

--- by who made it: nobody is known here
> GET annotations
? filter={"created_by":"ann"}
< 200
{"data":[],"...":true}

--- a kind that is none
> GET annotations
? filter={"kind":"thumb"}
< 400
<< {"detail":"Filter field 'kind' must be one of: feedback, label, note, metadata"}

--- another operator on a kind
> GET annotations
? filter={"kind":{"$like":"l"}}
< 400
<< {"detail":"Filter field 'kind' only supports equality."}

--- a number that is none
> GET annotations
? filter={"value_numeric":{"$gte":"x"}}
< 400
<< {"detail":"Filter field 'value_numeric' must be a number."}

--- a number by equality
> GET annotations
? filter={"value_numeric":4}
< 400
<< {"detail":"Unsupported annotation filter: value_numeric $eq"}

--- a time by equality
> GET annotations
? filter={"created_at":"2026-01-01"}
< 400
<< {"detail":"Unsupported annotation filter: created_at $eq"}

--- a time that is none
> GET annotations
? filter={"created_at":{"$gte":"soon"}}
< 400
<< {"detail":"Filter field 'created_at' must be a valid datetime."}

--- an unknown field
> GET annotations
? filter={"trace_id":"t"}
< 400
{"detail":"<re Unknown filter field 'trace_id'\\. Valid fields: \\[.*'value_text', 'workspace'\\]>"}

--- a field that only others have
> GET annotations
? filter={"project":"p"}
< 400
<< {"detail":"Unsupported annotation filter: project $eq"}

--- not by or
> GET annotations
? filter={"$or":[{"kind":"note"},{"kind":"label"}]}
< 400
<< {"detail":"Only AND-combined field filters are supported for Intake span storage."}

--- a sort that is none
> GET annotations?sort=value
< 422
{"detail":[{"type":"enum","loc":["query","sort"],"msg":"Input should be 'created_at' or '-created_at'","input":"value","ctx":{"expected":"'created_at' or '-created_at'"}}]}

--- a parameter that is none
> GET annotations?mode=summary
< 400
<< {"detail":"Unsupported query parameter(s): mode"}

--- feedback is one of two
> POST annotations
>> {"span_id":"s","session_id":"a","kind":"feedback","value_text":"meh"}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, kind=feedback requires value_text in ['negative', 'positive']","input":"*","ctx":{"error":{}}}]}

--- also in the later form
> POST annotations
>> {"span_id":"s","session_id":"a","kind":"feedback","value":"meh"}
< 422
{"detail":[{"type":"literal_error","loc":["body","feedback","value"],"msg":"Input should be 'positive' or 'negative'","input":"meh","ctx":{"expected":"'positive' or 'negative'"}}]}

--- feedback has nothing else
> POST annotations
>> {"span_id":"s","session_id":"a","kind":"feedback","value_text":"positive","text":"this should be a note"}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, kind=feedback does not accept `text`","input":"*","ctx":{"error":{}}}]}

--- a label has one value
> POST annotations
>> {"session_id":"a","kind":"label","value_text":"x","value_numeric":1,"name":"n"}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, kind=label requires exactly one of `value_text` or `value_numeric`","input":"*","ctx":{"error":{}}}]}

--- and with a number a name
> POST annotations
>> {"session_id":"a","kind":"label","value_numeric":4}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, kind=label with `value_numeric` requires `name`","input":"*","ctx":{"error":{}}}]}

--- also in the later form
> POST annotations
>> {"session_id":"a","kind":"label","value_type":"numeric","value":4}
< 422
{"detail":[{"type":"value_error","loc":["body","label"],"msg":"Value error, value_type=numeric requires `name`","input":"*","ctx":{"error":{}}}]}

--- where the value is of its type
> POST annotations
>> {"session_id":"a","kind":"label","value_type":"numeric","value":"4","name":"n"}
< 422
{"detail":[{"type":"value_error","loc":["body","label"],"msg":"Value error, value_type=numeric requires a numeric `value`","input":"*","ctx":{"error":{}}}]}

--- a text is no number
> POST annotations
>> {"session_id":"a","kind":"label","value_type":"text","value":4}
< 422
{"detail":[{"type":"value_error","loc":["body","label"],"msg":"Value error, value_type=text requires a string `value`","input":"*","ctx":{"error":{}}}]}

--- a note has a text
> POST annotations
>> {"session_id":"a","kind":"note"}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, kind=note requires `text`","input":"*","ctx":{"error":{}}}]}

--- metadata is not empty
> POST annotations
>> {"session_id":"a","kind":"metadata","metadata":{}}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, kind=metadata requires non-empty `metadata`","input":"*","ctx":{"error":{}}}]}

--- all that is wrong, at once
> POST annotations
>> {"kind":"thumb","name":"{{257*n*}}","value_text":"","text":"{{10001*t*}}","metadata":[],"span_id":1,"stars":5}
< 422 ordered
{"detail":[
 {"type":"enum","loc":["body","kind"],"msg":"Input should be 'feedback', 'label', 'note' or 'metadata'","input":"thumb","ctx":{"expected":"'feedback', 'label', 'note' or 'metadata'"}},
 {"type":"string_too_long","loc":["body","name"],"msg":"String should have at most 256 characters","input":"*","ctx":{"max_length":256}},
 {"type":"string_too_short","loc":["body","value_text"],"msg":"String should have at least 1 character","input":"","ctx":{"min_length":1}},
 {"type":"string_too_long","loc":["body","text"],"msg":"String should have at most 10000 characters","input":"*","ctx":{"max_length":10000}},
 {"type":"dict_type","loc":["body","metadata"],"msg":"Input should be a valid dictionary","input":[]},
 {"type":"string_type","loc":["body","span_id"],"msg":"Input should be a valid string","input":1},
 {"type":"missing","loc":["body","session_id"],"msg":"Field required","input":"*"},
 {"type":"extra_forbidden","loc":["body","stars"],"msg":"Extra inputs are not permitted","input":5}]}

--- the longest that may be
> POST annotations
>> {"session_id":"long","kind":"label","name":"{{256*n*}}","value_text":"{{512*v*}}"}
< 201

--- the longest note
> POST annotations
>> {"session_id":"long","kind":"note","text":"{{10000*t*}}"}
< 201

--- a kind that is none, in the later form
> POST annotations
>> {"session_id":"a","kind":"thumb","value":1}
< 422
{"detail":[{"type":"union_tag_invalid","loc":["body"],"msg":"Input tag 'thumb' found using 'kind' does not match any of the expected tags: 'feedback', 'note', 'metadata', 'label'","input":"*","ctx":"*"}]}

--- deletion
> DELETE annotations/{{FEEDBACK}}
< 204
<<

--- it is gone
> GET annotations/{{FEEDBACK}}
< 404
{"detail":"<re Annotation w/ann-[0-9a-f]{32} not found>"}

--- also for a second deletion
> DELETE annotations/{{FEEDBACK}}
< 404
{"detail":"<re Annotation w/ann-.* not found>"}

--- and from lists
> GET annotations
? filter={"kind":"feedback"}
< 200
{"data":[{"value":"negative","...":true}],"pagination":{"total_results":1,"...":true},"...":true}

--- one that never was
> GET annotations/ann-does-not-exist
< 404
<< {"detail":"Annotation w/ann-does-not-exist not found"}

--- an unknown workspace
> GET /apis/intake/v2/workspaces/nowhere/annotations
< 404
<< {"detail":"Workspace 'nowhere' not found"}

--- of which nothing can be deleted
> DELETE /apis/intake/v2/workspaces/nowhere/annotations/x
< 404
<< {"detail":"Workspace 'nowhere' not found"}

--- a workspace without notes
> GET /apis/intake/v2/workspaces/empty/annotations
< 200
<< {"data":[],"pagination":{"page":1,"page_size":10,"current_page_size":0,"total_pages":0,"total_results":0},"sort":"-created_at","filter":{}}

--- a note by its value
> POST annotations
>> {"session_id":"session-N","kind":"note","value":"seen"}
< 201
{"annotation_id":"*","workspace":"w","session_id":"session-N","kind":"note","text":"seen","value":"seen","created_at":"*","ingested_at":"*"}

--- a note has one of the two
> POST annotations
>> {"session_id":"session-N","kind":"note","value":"seen","text":"seen"}
< 422
{"detail":"*"}
