# When the storage takes nothing, or a request is too large: Scale's SDK sends again what is answered with 503.

=== conf
free_bytes = 1000000G
body_bytes = 200

--- a batch
> PUT /v5/spans/batch
>> {"items":[{"id":"a","trace_id":"t","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}]}
< 503
< Retry-After: <re [0-9]+>
{"detail":"The storage is full. Try again later."}

--- one span
> POST /v5/spans
>> {"id":"a","trace_id":"t","name":"n","start_timestamp":"2026-03-01T10:00:00Z"}
< 503
< Retry-After: <re [0-9]+>
{"detail":"<any-string>"}

--- an assessment
> POST /v5/span-assessments
>> {"assessment_type":"comment","trace_id":"t","comment":"hm"}
< 503
< Retry-After: <re [0-9]+>
{"detail":"<any-string>"}

--- reading goes on
> POST /v5/spans/search
>> {}
< 200
{"object":"list","items":[],"limit":100,"total":0,"has_more":false}

--- a body that is too large
> PUT /v5/spans/batch
>> {"items":[{"id":"a","trace_id":"t","name":"{{200*n*}}","start_timestamp":"2026-03-01T10:00:00Z"}]}
< 413
{"detail":"<any-string>"}

--- also of a search
> POST /v5/spans/search
>> {"names":["{{200*n*}}"]}
< 413
{"detail":"<any-string>"}
