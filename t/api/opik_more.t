# Opik: batches of PATCHes, costs, parameters in every form, trees of traces.

=== base /api/v1/private

--- two spans
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-00000000000a","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","project_name":"p","name":"a","tags":["x","y"],"usage":{"a":1,"b":null},"metadata":{"cost":{"currency":"USD","total_cost":0.5}},"start_time":"2026-01-01T00:00:00.123456789Z"},
>>  {"id":"01a1fb2b-93be-7149-bec9-00000000000b","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","project_name":"p","name":"b","tags":[],"start_time":1767225600.5}]}
< 204

--- nanoseconds stay, counts that are null do not, and the metadata may tell the cost
> GET spans/01a1fb2b-93be-7149-bec9-00000000000a
< 200
{"id":"01a1fb2b-93be-7149-bec9-00000000000a","project_name":"p","project_id":"<set p>","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","name":"a","start_time":"2026-01-01T00:00:00.123456789Z","metadata":{"cost":{"currency":"USD","total_cost":0.5}},"tags":["x","y"],"usage":{"a":1},"total_estimated_cost":0.5,"total_estimated_cost_version":"1.1","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}

--- seconds since 1970 are a time
> GET spans/01a1fb2b-93be-7149-bec9-00000000000b
< 200
{"start_time":"2026-01-01T00:00:00.500Z","...":true}

--- tags to add and to remove go before tags; ids that are not there do not matter
> PATCH spans/batch
>> {"ids":["01a1fb2b-93be-7149-bec9-00000000000a","01a1fb2b-93be-7149-bec9-00000000000b","01a1fb2b-93be-7149-bec9-0000000000ff"],"update":{"trace_id":"01a1fb2b-93be-7149-bec9-000000000001","tags_to_add":["z"],"tags_to_remove":["x"],"tags":["ignored"]},"merge_tags":true}
< 204

--- each span has its own
> GET spans?project_name=p
? sorting=[{"field":"name"}]
< 200
{"content":[{"name":"a","tags":["y","z"],"...":true},{"name":"b","tags":["z"],"...":true}],"...":true}

--- merging unites
> PATCH spans/batch
>> {"ids":["01a1fb2b-93be-7149-bec9-00000000000b"],"update":{"trace_id":"01a1fb2b-93be-7149-bec9-000000000001","tags":["z","more"]},"merge_tags":true}
< 204

--- both
> GET spans/01a1fb2b-93be-7149-bec9-00000000000b
< 200
{"tags":["z","more"],"...":true}

--- else tags replace, and the source stays
> PATCH spans/batch
>> {"ids":["01a1fb2b-93be-7149-bec9-00000000000a"],"update":{"trace_id":"01a1fb2b-93be-7149-bec9-000000000001","tags":["only"],"source":"evaluator","metadata":{"cost":{"currency":"USD","total_cost":0.7}}}}
< 204

--- a cost that was computed follows the metadata
> GET spans/01a1fb2b-93be-7149-bec9-00000000000a
< 200
{"id":"01a1fb2b-93be-7149-bec9-00000000000a","project_name":"p","project_id":"{{p}}","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","name":"a","start_time":"2026-01-01T00:00:00.123456789Z","metadata":{"cost":{"currency":"USD","total_cost":0.7}},"tags":["only"],"usage":{"a":1},"total_estimated_cost":0.7,"total_estimated_cost_version":"1.1","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}

--- a cost that is given
> PATCH spans/01a1fb2b-93be-7149-bec9-00000000000a
>> {"trace_id":"01a1fb2b-93be-7149-bec9-000000000001","project_name":"P","total_estimated_cost":0.2}
< 204

--- stays
> PATCH spans/01a1fb2b-93be-7149-bec9-00000000000a
>> {"trace_id":"01a1fb2b-93be-7149-bec9-000000000001","project_name":"p","metadata":{"cost":{"currency":"USD","total_cost":0.9}}}
< 204

--- whatever the metadata says, without a version
> GET spans/01a1fb2b-93be-7149-bec9-00000000000a
< 200
{"id":"*","project_name":"p","project_id":"*","trace_id":"*","name":"a","start_time":"*","metadata":{"cost":{"currency":"USD","total_cost":0.9}},"tags":["only"],"usage":{"a":1},"total_estimated_cost":0.2,"created_at":"*","last_updated_at":"*","created_by":"*","last_updated_by":"*","environment":""}

--- what a PATCH of many lacks is told with its place
> PATCH spans/batch
>> {"ids":["01a1fb2b-93be-7149-bec9-00000000000a"],"update":{}}
< 422
{"errors":["update.traceId must not be null"]}

--- each of the tags to add is looked at, under its own name
> PATCH spans/batch
>> {"ids":["01a1fb2b-93be-7149-bec9-00000000000a"],"update":{"trace_id":"01a1fb2b-93be-7149-bec9-000000000001","tags_to_add":["{{101*x*}}"," "]}}
< 422
{"errors":["update.tagsToAdd[].<iterable element> Tag cannot exceed 100 characters","update.tagsToAdd[].<iterable element> Tag must not be blank"]}

--- no direction is upwards
> GET spans?project_name=p&size=1
? sorting=[{"field":"name","direction":null}]
< 200
{"content":[{"name":"a","...":true}],"...":true}

--- a direction is written in capitals
> GET spans?project_name=p
? sorting=[{"field":"name","direction":"asc"}]
< 400
{"code":400,"message":"Invalid sorting query parameter '[{\"field\":\"name\",\"direction\":\"asc\"}]'"}

--- a field that nothing is sorted by is ignored
> GET spans?project_name=p&size=1
? sorting=[{"field":"nope","direction":"ASC"}]
< 200
{"content":[{"name":"b","...":true}],"...":true}

--- empty parameters are none
> GET spans?project_name=p&size=1&sorting=&filters=&exclude=&search=%20
< 200
{"total":2,"...":true}

--- no filter is no filter
> GET spans?project_name=p&size=1&filters=[]
< 200
{"total":2,"...":true}

--- a filter's value may be a number
> GET spans?project_name=p
? filters=[{"field":"total_estimated_cost","operator":"=","value":0.2}]
< 200
{"total":1,"...":true}

--- a filter without a value
> GET spans?project_name=p
? filters=[{"field":"name","operator":"="}]
< 400
{"code":400,"message":"Invalid filters query parameter '[{\"field\":\"name\",\"operator\":\"=\"}]'"}

--- of name and id of a project the id counts
> GET spans?project_name=p&project_id=0190babc-62a0-71d2-832a-0feffa4676eb
< 200
{"total":0,"...":true}

--- what says nothing is the SDK's
> GET spans/exists?project_name=p&source=sdk
< 200
{"exists":true}

--- a project that is not there
> GET spans/exists?project_name=nope
< 404
{"code":404,"message":"Project name: nope not found"}

--- unknown members do not matter
> POST spans/search
>> {"project_name":"p","limit":1,"unknown":{"a":[1]}}
< 200
{"name":"b","...":true}

--- a count that is no number
> POST spans
>> {"trace_id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","usage":{"a":"x"}}
< 400
{"code":400,"message":"Unable to process JSON. Cannot deserialize value of type `java.lang.Integer` from String \"x\": not a valid integer value"}

--- the name of a project has 150 characters
> POST projects
>> {"name":"{{150*é*}}"}
< 201

--- not one more
> POST projects
>> {"name":"{{151*é*}}"}
< 422
{"errors":["name cannot exceed 150 characters"]}

--- attachments are never taken out, so nothing is to be left out
> GET spans/01a1fb2b-93be-7149-bec9-00000000000a?strip_attachments=true
< 200
{"name":"a","...":true}

--- a trace of these spans, later than they
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","project_name":"p"}
< 201
< Location: http://localhost/api/v1/private/traces/01a1fb2b-93be-7149-bec9-000000000001

--- sums up usage and cost
> GET traces?project_name=p
< 200
{"total":1,"content":[{"usage":{"a":1},"total_estimated_cost":0.2,"span_count":2,"llm_span_count":0,"has_tool_spans":false,"...":true}],"...":true}

--- traces are patched in batches too
> PATCH traces/batch
>> {"ids":["01a1fb2b-93be-7149-bec9-000000000001"],"update":{"tags":["t"]}}
< 204

--- and exist
> GET traces/exists?project_name=p
< 200
{"exists":true}

--- and are counted
> GET traces/stats?project_name=p
< 200
{"stats":"*"}

--- DELETE takes a trace with its spans
> DELETE traces/01a1fb2b-93be-7149-bec9-000000000001
< 204

--- all of them
> GET spans?project_name=p
< 200
{"total":0,"...":true}

--- DELETE of what is not there
> DELETE traces/01a1fb2b-93be-7149-bec9-000000000001
< 204

--- compressed, as the Python SDK sends it
> POST spans/batch
> Content-Type: application/json
> Content-Encoding: gzip
>x 1f 8b 08 00 00 00 00 00 02 03 8d 8b 4d 0a c2 30 10 85 ef 32 6b 03 93 2a 4a 72 0e 57 15 09 93 64 84 88 6d 43 32 6e 2c bd bb 21 88 2b 17 3e de e6 fd 7c 2b d4 4c 73 05 7b 59 21 45 b0 80 9a f4 cd 0f 5e 99 bd 67 75 d2 07 a3 3c 07 a3 f0 2b 22 d8 81 14 0a ec fe 24 50 37 22 97 e5 ce 41 dc 4c 13 37 ea 95 72 e6 d8 fa 4f 0e cb 94 0b d7 da bb 2a 54 c4 49 ea cb 80 c3 51 a1 6e 3e 23 da ee b1 7d 1e 54 c5 3d 73 24 e1 e8 48 7e 1e f5 08 db 75 7b 03 bc cb f9 e5 e4 00 00 00
< 204

--- is there
> GET /v1/private/spans?project_name=zipped
< 200
{"total":1,"content":[{"name":"compressed","last_updated_at":"2026-01-01T00:00:01Z","...":true}],"...":true}

--- empty texts are no id, number or time where one may be
> POST spans
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000e1","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","parent_span_id":"","project_name":"empty","start_time":"2026-01-01T00:00:00Z","end_time":"","ttft":"","total_estimated_cost":"","usage":{"a":""},"last_updated_at":""}
< 201

--- none of them is there
> GET spans/01a1fb2b-93be-7149-bec9-0000000000e1
< 200
{"id":"01a1fb2b-93be-7149-bec9-0000000000e1","project_name":"empty","project_id":"<uuid>","trace_id":"01a1fb2b-93be-7149-bec9-000000000001","start_time":"2026-01-01T00:00:00Z","created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}

--- nor where one must be
> POST spans/batch
>> {"spans":[{"trace_id":"","start_time":""}]}
< 422
{"errors":["spans[0].traceId must not be null","spans[0].startTime must not be null"]}

--- a score's value neither
> PUT spans/01a1fb2b-93be-7149-bec9-0000000000e1/feedback-scores
>> {"name":"n","value":"","source":"sdk"}
< 422
{"errors":["value must not be null"]}

--- seconds since 1970 may be a text, and a zero offset may be short; of a count or a name that comes twice the last one counts
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-0000000000c1","trace_id":"01a1fb2b-93be-7149-bec9-0000000000c0","project_name":"times","start_time":"1767225600.5","end_time":"1767225601","name":"a","name":"b","usage":{"k":1,"n":4,"k":7,"n":null,"m":1}},
>>  {"id":"01a1fb2b-93be-7149-bec9-0000000000c2","trace_id":"01a1fb2b-93be-7149-bec9-0000000000c0","project_name":"times","start_time":"2026-01-01T00:00:00+0000","end_time":"2026-01-01T00:00:01+00","usage":{"k":4}}]}
< 204

--- they are times, and counted once
> GET spans?project_name=times
? sorting=[{"field":"id"}]
< 200
{"content":[{"name":"b","start_time":"2026-01-01T00:00:00.500Z","end_time":"2026-01-01T00:00:01Z","usage":{"k":7,"m":1},"...":true},{"start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:01Z","usage":{"k":4},"...":true}],"...":true}

--- by the statistics too
> GET spans/stats?project_name=times
< 200
{"stats":["*","*","*","*","*","*","*","*",{"name":"usage.k","value":5.5,"type":"AVG"},{"name":"usage.m","value":1,"type":"AVG"},{"name":"usage_sum.k","value":11,"type":"AVG"},{"name":"usage_sum.m","value":1,"type":"AVG"},"*"]}

--- a day that is none is no time, however far
> POST spans
>> {"trace_id":"01a1fb2b-93be-7149-bec9-0000000000c0","start_time":"2023-02-29T00:00:00Z"}
< 400
{"code":400,"message":"<re Unable to process JSON. Cannot deserialize value of type `java.time.Instant` from String .*>"}

--- one that is too far away breaks a rule
> POST spans
>> {"trace_id":"01a1fb2b-93be-7149-bec9-0000000000c0","start_time":"9996-02-29T00:00:00Z"}
< 422
{"errors":["startTime must be after or equal 1970-01-01T00:00:00.000000Z and before 2262-04-11T23:47:16.000000000Z"]}

--- to a filter it is a time that nothing reaches
> GET spans?project_name=times
? filters=[{"field":"start_time","operator":"<","value":"9999-12-31T23:59:59Z"},{"field":"start_time","operator":"<=","value":"9999-12-31T23:59:59Z"},{"field":"start_time","operator":"!=","value":"9999-12-31T23:59:59Z"},{"field":"end_time","operator":">","value":"0001-01-01T00:00:00Z"},{"field":"end_time","operator":">=","value":"1600-02-29T00:00:00Z"},{"field":"created_at","operator":"!=","value":"1600-02-29T00:00:00Z"}]
< 200
{"total":2,"...":true}

--- from neither side
> GET spans?project_name=times
? filters=[{"or":[{"field":"start_time","operator":">","value":"9999-12-31T23:59:59Z"},{"field":"start_time","operator":">=","value":"9999-12-31T23:59:59Z"},{"field":"start_time","operator":"=","value":"9999-12-31T23:59:59Z"},{"field":"end_time","operator":"<","value":"0001-01-01T00:00:00Z"},{"field":"end_time","operator":"<=","value":"1600-02-29T00:00:00Z"},{"field":"last_updated_at","operator":"=","value":"1600-02-29T00:00:00Z"}]}]
< 200
{"total":0,"...":true}

--- but a day that is none is none
> GET spans?project_name=times
? filters=[{"field":"start_time","operator":"<","value":"9999-02-29T00:00:00Z"}]
< 400
{"code":400,"message":"Invalid value '9999-02-29T00:00:00Z' or key 'null' for field 'start_time' of type 'DATE_TIME'"}

--- 1 is true
> PATCH spans/batch
>> {"ids":["01a1fb2b-93be-7149-bec9-0000000000c1"],"update":{"trace_id":"01a1fb2b-93be-7149-bec9-0000000000c0"},"merge_tags":1}
< 204
