# Opik: attachments as files.

=== base /api/v1/private

--- a span
> POST spans
>> {"id":"019b76da-a800-7000-8000-000000000011","trace_id":"019b76da-a800-7000-8000-000000000001","project_name":"p","start_time":"2026-01-01T00:00:00Z"}
< 201
<< 

--- an upload begins
> POST attachment/upload-start
>> {"file_name":"../../etc/passwd","num_of_file_parts":1,"mime_type":"image/svg+xml","entity_type":"span","entity_id":"019b76da-a800-7000-8000-000000000011","path":"aHR0cDovL2xvY2FsaG9zdDo1MTczL2FwaS8"}
< 200
{"upload_id":"BEMinIO","pre_sign_urls":["http://localhost:5173/api/v1/private/attachment/upload?workspace_name=default&file_name=..%2F..%2Fetc%2Fpasswd&mime_type=image%2Fsvg%2Bxml&entity_type=span&entity_id=019b76da-a800-7000-8000-000000000011"]}

--- an upload without what it must have
> POST attachment/upload-start
>> {"entity_type":"x"}
< 422
{"errors":["fileName must not be blank","entityType must be one of [trace, span]","entityId must not be null"]}

--- the bytes
> PUT attachment/upload?workspace_name=default&file_name=..%2F..%2Fetc%2Fpasswd&mime_type=image%2Fsvg%2Bxml&entity_type=span&entity_id=019b76da-a800-7000-8000-000000000011
> Content-Type: image/svg+xml
>> <svg>old</svg>
< 204

--- replace those sent before
> PUT attachment/upload?file_name=..%2F..%2Fetc%2Fpasswd&mime_type=image%2Fsvg%2Bxml&entity_type=span&entity_id=019b76da-a800-7000-8000-000000000011
>> <svg>new</svg>
< 204

--- the upload is complete
> POST attachment/upload-complete
>> {"file_name":"../../etc/passwd","entity_type":"span","entity_id":"019b76da-a800-7000-8000-000000000011","upload_id":"BEMinIO","file_size":14,"uploaded_file_parts":[{"e_tag":"x","part_number":1}]}
< 204

--- listed
> GET attachment/list?project_id=0190babc-62a0-71d2-832a-0feffa4676eb&entity_type=span&entity_id=019b76da-a800-7000-8000-000000000011&path=aHR0cDovL2xvY2FsaG9zdDo1MTczL2FwaS8
< 200
{"page":1,"size":1,"total":1,"content":[{"link":"http://localhost:5173/api/v1/private/attachment/download?container_id=0190babc-62a0-71d2-832a-0feffa4676eb&workspace_name=default&file_name=..%2F..%2Fetc%2Fpasswd&mime_type=image%2Fsvg%2Bxml&entity_type=span&entity_id=019b76da-a800-7000-8000-000000000011","file_name":"../../etc/passwd","file_size":14,"mime_type":"image/svg+xml"}],"...":true}

--- downloaded, as a file and in a sandbox
> GET attachment/download?workspace_name=default&container_id=x&file_name=..%2F..%2Fetc%2Fpasswd&mime_type=text%2Fhtml&entity_type=span&entity_id=019b76da-a800-7000-8000-000000000011
< 200
< Content-Type: image/svg+xml
< Content-Disposition: attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd
< X-Content-Type-Options: nosniff
< Content-Security-Policy: sandbox; default-src 'none'; frame-ancestors 'none'
<< <svg>new</svg>

--- one that is not there
> GET attachment/download?file_name=x&entity_type=span&entity_id=019b76da-a800-7000-8000-000000000011
< 404
{"code":404,"message":"Attachment not found"}

--- another of the trace
> PUT attachment/upload?file_name=a.txt&mime_type=text%2Fplain&entity_type=trace&entity_id=019b76da-a800-7000-8000-000000000001
>> text
< 204

--- deleted by its name, with one that is not there
> POST attachment/delete
>> {"file_names":["a.txt","b.txt"],"entity_type":"trace","entity_id":"019b76da-a800-7000-8000-000000000001"}
< 204

--- it is gone
> GET attachment/list?entity_type=trace&entity_id=019b76da-a800-7000-8000-000000000001
< 200
{"total":0,"content":[],"...":true}

--- deleting the span
> DELETE spans/019b76da-a800-7000-8000-000000000011
< 204

--- deletes its attachments
> GET attachment/list?entity_type=span&entity_id=019b76da-a800-7000-8000-000000000011
< 200
{"total":0,"content":[],"...":true}
