# Evaluator results: types, lists, sorting, replacement, deletion; and those that verifiers of trajectories give.

=== base /apis/intake/v2/workspaces/w

--- a number
> POST evaluator-results
> Content-Type: application/json
>> {"span_id":"span-1","session_id":"s","name":"faithfulness/v1","value":0.50,"data_type":"NUMERIC","comment":"why"}
< 201 ordered
{"evaluator_result_id":"<set NUMBER>","span_id":"span-1","session_id":"s","workspace":"w","name":"faithfulness/v1","value":0.5,"data_type":"NUMERIC","comment":"why","created_at":"<set CREATED>","ingested_at":"{{CREATED}}"}

--- has an id that is made from workspace, session, span and name
> GET evaluator-results/{{NUMBER}}
< 200
{"evaluator_result_id":"<re eval-[0-9a-f]{32}>","value":0.5,"...":true}

--- so that a second one replaces it; it is as old as the first
> POST evaluator-results
>> {"span_id":"span-1","session_id":"s","name":"faithfulness/v1","value":1,"data_type":"NUMERIC"}
< 201
{"evaluator_result_id":"{{NUMBER}}","value":1.0,"...":true}

--- replaced
> GET evaluator-results/{{NUMBER}}
< 200
{"evaluator_result_id":"{{NUMBER}}","span_id":"span-1","session_id":"s","workspace":"w","name":"faithfulness/v1","value":1.0,"data_type":"NUMERIC","created_at":"{{CREATED}}","ingested_at":"<time>"}

--- yes or no
> POST evaluator-results
>> {"span_id":"span-1","session_id":"s","name":"passed","value":0,"data_type":"BOOLEAN"}
< 201
{"value":0.0,"data_type":"BOOLEAN","...":true}

--- a category
> POST evaluator-results
>> {"span_id":"span-2","session_id":"s","name":"category","string_value":"good","value":7,"data_type":"CATEGORICAL"}
< 201
{"value":7.0,"string_value":"good","data_type":"CATEGORICAL","...":true}

--- a text
> POST evaluator-results
>> {"span_id":"span-2","session_id":"t","name":"text","string_value":"prose","data_type":"TEXT"}
< 201
{"evaluator_result_id":"*","span_id":"span-2","session_id":"t","workspace":"w","name":"text","string_value":"prose","data_type":"TEXT","created_at":"*","ingested_at":"*"}

--- the newest first
> GET evaluator-results
< 200
{"data":[{"name":"text","...":true},{"name":"category","...":true},{"name":"passed","...":true},{"name":"faithfulness/v1","...":true}],"pagination":{"page":1,"page_size":10,"current_page_size":4,"total_pages":1,"total_results":4},"sort":"-created_at","filter":{}}

--- by value, upwards
> GET evaluator-results?sort=value&page_size=2
< 200
{"data":[{"name":"passed","...":true},{"name":"faithfulness/v1","...":true}],"pagination":{"total_results":4,"...":true},"sort":"value","...":true}

--- by value, downwards; those without a number last
> GET evaluator-results?sort=-value
< 200
{"data":[{"name":"category","value":7.0,"...":true},{"name":"faithfulness/v1","...":true},{"name":"passed","...":true},{"name":"text","...":true}],"...":true}

--- by the number that goes with a category
> GET evaluator-results?filter[value][$gte]=2
< 200
{"data":[{"name":"category","...":true}],"...":true}

--- by session, as a loader asks
> GET evaluator-results?filter[session_id]=s&sort=created_at
< 200
{"data":[{"name":"faithfulness/v1","...":true},{"name":"passed","...":true},{"name":"category","...":true}],"...":true}

--- by span, name and type
> GET evaluator-results
? filter={"span_id":"span-2","name":"text","data_type":"TEXT"}
< 200
{"data":[{"name":"text","...":true}],"...":true}

--- by value
> GET evaluator-results?filter[value][gte]=0.5&filter[value][lte]=1
< 200
{"data":[{"name":"faithfulness/v1","...":true}],"filter":{"value":{"$gte":"0.5","$lte":"1"}},"...":true}

--- a type that is none
> GET evaluator-results
? filter={"data_type":"numeric"}
< 400
<< {"detail":"Filter field 'data_type' must be one of: NUMERIC, BOOLEAN, CATEGORICAL, TEXT"}

--- a value by equality
> GET evaluator-results
? filter={"value":1}
< 400
<< {"detail":"Unsupported evaluator_result filter: value $eq"}

--- a sort that is none
> GET evaluator-results?sort=name
< 422
{"detail":[{"type":"enum","loc":["query","sort"],"msg":"Input should be 'created_at', '-created_at', 'value' or '-value'","input":"name","ctx":{"expected":"'created_at', '-created_at', 'value' or '-value'"}}]}

--- those of a span are a bare list, the oldest first
> GET spans/span-1/evaluator-results
< 200
[{"name":"faithfulness/v1","...":true},{"name":"passed","...":true}]

--- of an unknown span it is empty
> GET spans/none%2Fsuch/evaluator-results
< 200
<< []

--- a number needs a value
> POST evaluator-results
>> {"span_id":"a","session_id":"s","name":"n","data_type":"NUMERIC","string_value":"x"}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, `value` is required when data_type is NUMERIC.","input":"*","ctx":{"error":{}}}]}

--- a text a string
> POST evaluator-results
>> {"span_id":"a","session_id":"s","name":"n","data_type":"TEXT","value":1}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, `string_value` is required when data_type is TEXT.","input":"*","ctx":{"error":{}}}]}

--- a boolean is 0 or 1
> POST evaluator-results
>> {"span_id":"a","session_id":"s","name":"n","data_type":"BOOLEAN","value":0.5}
< 422
{"detail":[{"type":"value_error","loc":["body"],"msg":"Value error, `value` must be 0 or 1 when data_type is BOOLEAN.","input":"*","ctx":{"error":{}}}]}

--- all that is wrong, at once
> POST evaluator-results
>> {"session_id":null,"value":"x","data_type":"FLOAT","score":1}
< 422
{"detail":[
 {"type":"missing","loc":["body","span_id"],"msg":"Field required","input":"*"},
 {"type":"string_type","loc":["body","session_id"],"msg":"Input should be a valid string","input":null},
 {"type":"missing","loc":["body","name"],"msg":"Field required","input":"*"},
 {"type":"float_parsing","loc":["body","value"],"msg":"*","input":"x"},
 {"type":"enum","loc":["body","data_type"],"msg":"Input should be 'NUMERIC', 'BOOLEAN', 'CATEGORICAL' or 'TEXT'","input":"FLOAT","ctx":"*"},
 {"type":"extra_forbidden","loc":["body","score"],"msg":"Extra inputs are not permitted","input":1}]}

--- deletion
> DELETE evaluator-results/{{NUMBER}}
< 204
<<

--- it is gone
> GET evaluator-results/{{NUMBER}}
< 404
{"detail":"<re Evaluator result w/eval-.* not found>"}

--- and may come again
> POST evaluator-results
>> {"span_id":"span-1","session_id":"s","name":"faithfulness/v1","value":2,"data_type":"NUMERIC"}
< 201
{"evaluator_result_id":"{{NUMBER}}","...":true}

--- as it does
> GET evaluator-results/{{NUMBER}}
< 200
{"value":2.0,"...":true}

--- a trajectory whose verifier gave rewards
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"verified","agent":{"name":"a","version":"1","model_name":"m"},"steps":[],
>>  "extra":{"task_id":1,"task_name":null,"trial_uri":"file:///t","verifier":{"started_at":"2026-03-01T10:00:50Z","finished_at":"2026-03-01T10:01:00Z"},
>>   "verifier_result":{"rewards":{"v1/correctness":0.750,"passed":true,"remark":"fine","none":null,"list":[]}}}}
< 201

--- has a span of an evaluator below it
> GET spans
? filter={"trace_id":"verified","kind":"EVALUATOR"}
< 200
{"data":[{"span_id":"<set VERIFIER>","parent_span_id":"<re span-.*>","session_id":"verified","trace_id":"verified","workspace":"w","kind":"EVALUATOR","name":"harbor.verifier","source":"atif","started_at":"2026-03-01T10:00:50Z","ended_at":"2026-03-01T10:01:00Z","status":"success","agent_name":"a","model":"m","usage_details":{},"cost_details":{},"input":"<re \\{\"session_id\":\"verified\",\"evaluated_span_id\":\"span-[0-9a-f]{32}\",\"task_id\":1,\"trial_uri\":\"file:///t\"\\}>","output":"{\"score\":null,\"verifier_result\":{\"rewards\":{\"v1/correctness\":0.75,\"passed\":true,\"remark\":\"fine\",\"none\":null,\"list\":[]}}}","raw_attributes":"<re .*\"name\":\"harbor.verifier\".*>","ingested_at":"<time>"}],"...":true}

--- and a result for each reward
> GET spans/{{VERIFIER}}/evaluator-results
< 200
["*","*","*"]

--- of its type
> GET evaluator-results?filter[session_id]=verified&filter[name]=v1/correctness
< 200
{"data":[{"evaluator_result_id":"<re eval-.*>","span_id":"{{VERIFIER}}","session_id":"verified","workspace":"w","name":"v1/correctness","value":0.75,"data_type":"NUMERIC","created_by":"intake:atif_importer","created_at":"<time>","ingested_at":"<time>"}],"...":true}

--- a yes
> GET evaluator-results?filter[session_id]=verified&filter[name]=passed
< 200
{"data":[{"value":1.0,"data_type":"BOOLEAN","...":true}],"...":true}

--- a text
> GET evaluator-results?filter[session_id]=verified&filter[name]=remark
< 200
{"data":[{"string_value":"fine","data_type":"TEXT","...":true}],"...":true}

--- a score without rewards is one reward
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"scored","agent":{"name":"a","version":"1"},"steps":[],"extra":{"verifier_result":{"score":1}}}
< 201

--- called so
> GET evaluator-results?filter[session_id]=scored
< 200
{"data":[{"name":"reward","value":1.0,"data_type":"NUMERIC","...":true}],"...":true}

--- sent again
> POST ingest/atif
>> {"schema_version":"ATIF-v1.7","session_id":"scored","agent":{"name":"a","version":"1"},"steps":[],"extra":{"verifier_result":{"score":1}}}
< 201

--- it is still one
> GET evaluator-results?filter[session_id]=scored
< 200
{"data":[{"name":"reward","...":true}],"pagination":{"total_results":1,"...":true},"...":true}
