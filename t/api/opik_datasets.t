# Opik: datasets, their items and versions, experiments.

=== base /api/v1/private

--- a dataset that is not there
> POST datasets/retrieve
>> {"dataset_name":"d"}
< 404
{"errors":["Dataset not found"]}

--- a dataset
> POST datasets
>> {"id":"019b76da-a800-7000-8000-000000000001","name":"d","description":"first","project_name":"demo"}
< 201
<< 

--- the same request again
> POST datasets
>> {"id":"019b76da-a800-7000-8000-000000000001","name":"d","description":"first","project_name":"demo"}
< 201
<< 

--- its name is taken
> POST datasets
>> {"name":"D"}
< 409
{"errors":["Dataset already exists"]}

--- a dataset without a name
> POST datasets
>> {"description":"x"}
< 422
{"errors":["name must not be blank"]}

--- by its name
> POST datasets/retrieve
>> {"dataset_name":"d"}
< 200
{"id":"019b76da-a800-7000-8000-000000000001","name":"d","description":"first","visibility":"private","type":"dataset","project_id":"<set project>","dataset_items_count":0,"experiment_count":0,"created_at":"<time>","created_by":"admin","last_updated_at":"<time>","last_updated_by":"admin"}

--- without items it has no version
> GET datasets/019b76da-a800-7000-8000-000000000001/versions?page=1&size=1
< 200
{"page":1,"size":0,"total":0,"content":[],"...":true}

--- items
> PUT datasets/items
>> {"dataset_name":"d","batch_group_id":"g1","items":[
>>  {"id":"019b76da-a800-7000-8000-0000000000a1","source":"sdk","data":{"q":"one","n":1}},
>>  {"id":"019b76da-a800-7000-8000-0000000000a2","source":"sdk","data":{"q":"two","n":2},"tags":["t"]}]}
< 204

--- sent again they change nothing
> PUT datasets/items
>> {"dataset_name":"d","batch_group_id":"g1","items":[
>>  {"id":"019b76da-a800-7000-8000-0000000000a1","source":"sdk","data":{"q":"one","n":1}}]}
< 204

--- one version of two items
> GET datasets/019b76da-a800-7000-8000-000000000001/versions
< 200
{"total":1,"content":[{"id":"<uuid>","dataset_id":"019b76da-a800-7000-8000-000000000001","version_hash":"<set h1>","version_name":"v1","tags":["latest"],"is_latest":true,"items_total":2,"items_added":2,"items_modified":0,"items_deleted":0,"batch_group_id":"g1","...":true}],"...":true}

--- an item replaced and one more, in another batch
> PUT datasets/items
>> {"dataset_id":"019b76da-a800-7000-8000-000000000001","batch_group_id":"g2","items":[
>>  {"id":"019b76da-a800-7000-8000-0000000000a1","source":"sdk","data":{"q":"ONE","n":1}},
>>  {"id":"019b76da-a800-7000-8000-0000000000a3","source":"manual","data":{"q":"three"}}]}
< 204

--- the stream, ids downwards
> POST datasets/items/stream
>> {"dataset_name":"d","steam_limit":1}
< 200
{"id":"019b76da-a800-7000-8000-0000000000a3","data":{"q":"three"},"...":true}

--- after the last one that was retrieved
> POST datasets/items/stream
>> {"dataset_name":"d","last_retrieved_id":"019b76da-a800-7000-8000-0000000000a2"}
< 200
{"id":"019b76da-a800-7000-8000-0000000000a1","dataset_item_id":"019b76da-a800-7000-8000-0000000000a1","source":"sdk","data":{"q":"ONE","n":1},"dataset_id":"019b76da-a800-7000-8000-000000000001","created_at":"<time>","created_by":"admin","last_updated_at":"<time>","last_updated_by":"admin"}

--- an older version has the items of its time
> POST datasets/items/stream
>> {"dataset_name":"d","dataset_version":"{{h1}}","last_retrieved_id":"019b76da-a800-7000-8000-0000000000a2"}
< 200
{"id":"019b76da-a800-7000-8000-0000000000a1","data":{"q":"one","n":1},"...":true}

--- a version that is not there
> POST datasets/items/stream
>> {"dataset_name":"d","dataset_version":"ffffffff"}
< 404
{"errors":["Dataset version not found"]}

--- a stream of an unknown dataset
> POST datasets/items/stream
>> {"dataset_name":"nope"}
< 404
{"errors":["Dataset not found"]}

--- a stream of too many
> POST datasets/items/stream
>> {"dataset_name":"d","steam_limit":2001}
< 422
{"errors":["steamLimit must be less than or equal to 2000"]}

--- a page of items, with the columns of their data
> GET datasets/019b76da-a800-7000-8000-000000000001/items?size=1&page=2
< 200
{"page":2,"size":1,"total":3,"content":[{"id":"019b76da-a800-7000-8000-0000000000a2","...":true}],"columns":[{"name":"q","types":["string"]},{"name":"n","types":["number"]}],"...":true}

--- items by their data
> GET datasets/019b76da-a800-7000-8000-000000000001/items
? filters=[{"field":"data","key":"q","operator":"contains","value":"TWO"}]
< 200
{"total":1,"content":[{"id":"019b76da-a800-7000-8000-0000000000a2","...":true}],"...":true}

--- an item
> GET datasets/items/019b76da-a800-7000-8000-0000000000a2
< 200
{"id":"019b76da-a800-7000-8000-0000000000a2","tags":["t"],"...":true}

--- changed
> PATCH datasets/items/019b76da-a800-7000-8000-0000000000a2
>> {"data":{"q":"TWO"}}
< 204

--- tags of several
> PATCH datasets/items/batch
>> {"ids":["019b76da-a800-7000-8000-0000000000a2","019b76da-a800-7000-8000-0000000000a3"],"update":{"tags":["u"]},"merge_tags":true}
< 204

--- of which the old ones stay
> GET datasets/items/019b76da-a800-7000-8000-0000000000a2
< 200
{"data":{"q":"TWO"},"tags":["t","u"],"...":true}

--- an item that is not there
> GET datasets/items/019b76da-a800-7000-8000-00000000ffff
< 404
{"errors":["Dataset item not found"]}

--- items without what they must have
> PUT datasets/items
>> {"dataset_name":"d","items":[{"source":"sdk"},{"data":{}}]}
< 422
{"errors":["items[0].data must not be null","items[1].source must not be null"]}

--- items of a source that is none
> PUT datasets/items
>> {"dataset_name":"d","items":[{"source":"x","data":{}}]}
< 400
{"code":400,"message":"<re Unable to process JSON. Cannot deserialize value of type.*>"}

--- items of neither id nor name
> PUT datasets/items
>> {"items":[{"source":"sdk","data":{}}]}
< 422
{"errors":["dataset_id or dataset_name must be provided"]}

--- items of an unknown dataset
> PUT datasets/items
>> {"dataset_id":"019b76da-a800-7000-8000-00000000ffff","items":[{"source":"sdk","data":{}}]}
< 404
{"errors":["Dataset not found"]}

--- an item deleted
> POST datasets/items/delete
>> {"item_ids":["019b76da-a800-7000-8000-0000000000a3"]}
< 204

--- two are left
> GET datasets/019b76da-a800-7000-8000-000000000001
< 200
{"dataset_items_count":2,"latest_version":{"version_name":"v2","tags":["latest"],"...":true},"...":true}

--- a version by its name
> POST datasets/019b76da-a800-7000-8000-000000000001/versions/retrieve
>> {"version_name":"v1"}
< 200
{"version_hash":"{{h1}}","is_latest":false,"tags":[],"...":true}

--- a trace with a span
> POST traces
>> {"id":"019b76da-a800-7000-8000-0000000000f1","project_name":"demo","name":"t","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:02Z","input":{"q":"one"},"output":{"a":1},"tags":["x"]}
< 201
<< 

--- the span
> POST spans
>> {"id":"019b76da-a800-7000-8000-0000000000f2","trace_id":"019b76da-a800-7000-8000-0000000000f1","project_name":"demo","name":"s","type":"llm","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:01Z","input":{"p":1},"output":{"c":2},"usage":{"total_tokens":7},"tags":["y"],"metadata":{"m":1},"total_estimated_cost":0.5}
< 201
<< 

--- its score
> PUT spans/019b76da-a800-7000-8000-0000000000f2/feedback-scores
>> {"name":"good","value":0.5,"source":"sdk","reason":"r"}
< 204

--- an item of a span
> POST datasets/019b76da-a800-7000-8000-000000000001/items/from-spans
>> {"span_ids":["019b76da-a800-7000-8000-0000000000f2","019b76da-a800-7000-8000-00000000ffff"],"enrichment_options":{"include_tags":true,"include_feedback_scores":true,"include_usage":true,"include_metadata":true,"include_comments":true}}
< 204

--- once, however often it is sent
> POST datasets/019b76da-a800-7000-8000-000000000001/items/from-spans
>> {"span_ids":["019b76da-a800-7000-8000-0000000000f2"],"enrichment_options":{"include_tags":true,"include_feedback_scores":true,"include_usage":true,"include_metadata":true}}
< 204

--- with what was asked for
> GET datasets/019b76da-a800-7000-8000-000000000001/items
? filters=[{"field":"source","operator":"=","value":"span"}]
< 200
{"total":1,"content":[{"id":"<uuid>","source":"span","span_id":"019b76da-a800-7000-8000-0000000000f2","trace_id":"019b76da-a800-7000-8000-0000000000f1","data":{"input":{"p":1},"expected_output":{"c":2},"tags":["y"],"feedback_scores":[{"name":"good","value":0.5,"reason":"r","source":"sdk"}],"usage":{"total_tokens":7},"metadata":{"m":1}},"...":true}],"...":true}

--- an item of a trace with its spans
> POST datasets/019b76da-a800-7000-8000-000000000001/items/from-traces
>> {"trace_ids":["019b76da-a800-7000-8000-0000000000f1"],"enrichment_options":{"include_spans":true}}
< 204

--- has those
> GET datasets/019b76da-a800-7000-8000-000000000001/items
? filters=[{"field":"source","operator":"=","value":"trace"}]
< 200
{"total":1,"content":[{"id":"<set item>","source":"trace","trace_id":"019b76da-a800-7000-8000-0000000000f1","data":{"input":{"q":"one"},"expected_output":{"a":1},"spans":[{"id":"019b76da-a800-7000-8000-0000000000f2","name":"s","type":"llm","input":{"p":1},"output":{"c":2},"start_time":"<time>","end_time":"<time>","metadata":{"m":1},"feedback_scores":[{"name":"good","...":true}]}]},"...":true}],"...":true}

--- no spans to make items of
> POST datasets/019b76da-a800-7000-8000-000000000001/items/from-spans
>> {"span_ids":[]}
< 422
{"errors":["span_ids must not be empty"]}

--- of a dataset that is not there
> POST datasets/019b76da-a800-7000-8000-00000000ffff/items/from-spans
>> {"span_ids":["019b76da-a800-7000-8000-0000000000f2"]}
< 404
{"code":404,"message":"Dataset not found: '019b76da-a800-7000-8000-00000000ffff'"}

--- an experiment
> POST experiments
>> {"id":"019b76da-a800-7000-8000-0000000000e1","dataset_name":"d","name":"run","metadata":{"model":"m"},"project_name":"demo"}
< 201
<< 

--- an existing id changes nothing
> POST experiments
>> {"id":"019b76da-a800-7000-8000-0000000000e1","dataset_name":"d","name":"other"}
< 201
<< 

--- one without a dataset
> POST experiments
>> {"name":"x"}
< 422
{"errors":["datasetName must not be blank"]}

--- an unknown prompt version
> POST experiments
>> {"dataset_name":"d","prompt_versions":[{"id":"019b76da-a800-7000-8000-00000000ffff"}]}
< 409
{"code":409,"message":"Prompt version not found"}

--- an item of it
> POST experiments/items
>> {"experiment_items":[{"id":"019b76da-a800-7000-8000-0000000000b1","experiment_id":"019b76da-a800-7000-8000-0000000000e1","dataset_item_id":"{{item}}","trace_id":"019b76da-a800-7000-8000-0000000000f1"}]}
< 204

--- sent again, and one without an id twice
> POST experiments/items
>> {"experiment_items":[{"id":"019b76da-a800-7000-8000-0000000000b1","experiment_id":"019b76da-a800-7000-8000-0000000000e1","dataset_item_id":"{{item}}","trace_id":"019b76da-a800-7000-8000-0000000000f1"}]}
< 204

--- an item without its trace
> POST experiments/items
>> {"experiment_items":[{"experiment_id":"019b76da-a800-7000-8000-0000000000e1","dataset_item_id":"{{item}}"}]}
< 422
{"errors":["experimentItems[0].trace_id must not be null"]}

--- scores of its trace
> PUT traces/feedback-scores
>> {"scores":[{"id":"019b76da-a800-7000-8000-0000000000f1","project_name":"demo","name":"acc","value":1,"source":"sdk"},{"id":"019b76da-a800-7000-8000-0000000000f1","project_name":"demo","name":"len","value":0.25,"source":"sdk"}]}
< 204

--- the stream of its items shows what the traces do
> POST experiments/items/stream
>> {"experiment_name":"run"}
< 200
{"id":"019b76da-a800-7000-8000-0000000000b1","experiment_id":"019b76da-a800-7000-8000-0000000000e1","dataset_item_id":"{{item}}","trace_id":"019b76da-a800-7000-8000-0000000000f1","input":{"q":"one"},"output":{"a":1},"feedback_scores":[{"name":"acc","value":1,"...":true},{"name":"len","value":0.25,"...":true}],"duration":2000,"usage":{"total_tokens":7},"total_estimated_cost":0.5,"project_id":"{{project}}","...":true}

--- the experiment sums up its traces
> GET experiments/019b76da-a800-7000-8000-0000000000e1
< 200
{"id":"019b76da-a800-7000-8000-0000000000e1","name":"run","dataset_id":"019b76da-a800-7000-8000-000000000001","dataset_name":"d","metadata":{"model":"m"},"type":"regular","project_id":"{{project}}","trace_count":1,"dataset_item_count":1,"feedback_scores":[{"name":"acc","value":1},{"name":"len","value":0.25}],"duration":{"p50":2000,"p90":2000,"p99":2000},"usage":{"total_tokens":7},"total_estimated_cost":0.5,"total_estimated_cost_avg":0.5,"...":true}

--- by a part of its name
> POST experiments/stream
>> {"name":"RU"}
< 200
{"id":"019b76da-a800-7000-8000-0000000000e1","dataset_name":"d","...":true}

--- of a dataset
> GET experiments?datasetId=019b76da-a800-7000-8000-000000000001
< 200
{"total":1,"content":[{"name":"run","...":true}],"...":true}

--- dataset items beside those of experiments
> GET datasets/019b76da-a800-7000-8000-000000000001/items/experiments/items
? experiment_ids=["019b76da-a800-7000-8000-0000000000e1"]
< 200
{"total":1,"content":[{"id":"{{item}}","experiment_items":[{"id":"019b76da-a800-7000-8000-0000000000b1","output":{"a":1},"...":true}],"...":true}],"columns":["*","*","*"],"...":true}

--- an experiment changed
> PATCH experiments/019b76da-a800-7000-8000-0000000000e1
>> {"status":"completed","tags":["z"]}
< 204

--- is shown
> GET experiments/019b76da-a800-7000-8000-0000000000e1
< 200
{"name":"run","status":"completed","tags":["z"],"...":true}

--- an experiment to change that is not there
> PATCH experiments/019b76da-a800-7000-8000-00000000ffff
>> {"name":"x"}
< 404
{"code":404,"message":"Experiment not found: '019b76da-a800-7000-8000-00000000ffff'"}

--- an experiment that is not there
> GET experiments/019b76da-a800-7000-8000-00000000ffff
< 404
{"code":404,"message":"Not found experiment with id '019b76da-a800-7000-8000-00000000ffff'"}

--- an experiment item by its id
> GET experiments/items/019b76da-a800-7000-8000-0000000000b1
< 200
{"id":"019b76da-a800-7000-8000-0000000000b1","experiment_id":"019b76da-a800-7000-8000-0000000000e1","...":true}

--- finishing it
> POST experiments/finish
>> {"ids":["019b76da-a800-7000-8000-0000000000e1"]}
< 204

--- items deleted
> POST experiments/items/delete
>> {"ids":["019b76da-a800-7000-8000-0000000000b1"]}
< 204

--- an experiment item that is not there
> GET experiments/items/019b76da-a800-7000-8000-0000000000b1
< 404
{"code":404,"message":"Not found experiment item with id '019b76da-a800-7000-8000-0000000000b1'"}

--- experiments deleted
> POST experiments/delete
>> {"ids":["019b76da-a800-7000-8000-0000000000e1"]}
< 204

--- a dataset deleted by its name
> POST datasets/delete
>> {"dataset_name":"d"}
< 204

--- takes its items with it
> GET datasets/items/019b76da-a800-7000-8000-0000000000a1
< 404
{"errors":["Dataset item not found"]}

--- deleting what is not there
> DELETE datasets/019b76da-a800-7000-8000-000000000001
< 204
