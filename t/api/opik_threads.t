# Opik: threads that are made of several traces, and what statistics of traces tell of spans.

=== base /api/v1/private

--- the trace with the smallest id begins last, and the last to end comes in the middle
> POST traces/batch
>> {"traces":[
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000001","project_name":"p","thread_id":"long","name":"a","start_time":"2026-01-01T00:00:20Z","input":"third","output":"never ended","environment":"prod","source":"playground"},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000002","project_name":"p","thread_id":"long","name":"b","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:01:00Z","input":"first","output":"last to end","environment":"dev","source":"sdk"},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000003","project_name":"p","thread_id":"long","name":"c","start_time":"2026-01-01T00:00:10Z","end_time":"2026-01-01T00:00:11Z","input":"second","output":"ended before"},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000004","project_name":"p","thread_id":"open","start_time":"2026-01-01T00:00:06Z","input":"hello","output":"not yet"},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000005","project_name":"p","thread_id":"tie","start_time":"2026-01-01T00:00:05Z","end_time":"2026-01-01T00:00:06Z","input":1,"output":2},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000006","project_name":"p","thread_id":"tie","start_time":"2026-01-01T00:00:05Z","end_time":"2026-01-01T00:00:06Z","input":3,"output":4}]}
< 204

--- the first message is of the first to begin, the last one of the last to end, the environment of the smallest id
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"long"}
< 200
{"id":"long","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:01:00Z","duration":60000,"first_message":"first","last_message":"last to end","number_of_messages":6,"environment":"prod","source":"playground","project_id":"<set p>","thread_model_id":"<re 019b76da-a800-7.*>","...":true}

--- while nothing has ended there is no last message
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"open"}
< 200
{"id":"open","project_id":"{{p}}","thread_model_id":"<uuid>","start_time":"2026-01-01T00:00:06Z","first_message":"hello","status":"active","number_of_messages":2,"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}

--- of two at the same time the greater id counts
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"tie"}
< 200
{"first_message":3,"last_message":4,"...":true}

--- the environment of any of its traces
> GET traces/threads?project_name=p
? filters=[{"field":"environment","operator":"=","value":"dev"}]
< 200
{"content":[{"id":"long","number_of_messages":2,"first_message":"first","...":true}],"total":1,"...":true}

--- none of them in that environment
> POST traces/threads/search
>> {"project_name":"p","filters":[{"field":"environment","operator":"in","value":"stage, test"}]}
< 200
<x

--- the source of any of its traces, and something of the whole thread
> GET traces/threads?project_name=p
? filters=[{"field":"source","operator":"=","value":"playground"},{"field":"first_message","operator":"contains","value":"THIRD"}]
< 200
{"content":[{"id":"long","environment":"prod","...":true}],"total":1,"...":true}

--- without sorting the first to begin comes first of those that were written at once
> GET traces/threads?project_name=p
< 200
{"content":[{"id":"long","...":true},{"id":"tie","...":true},{"id":"open","...":true}],"...":true}

--- what is equal goes by the newest, then by the time of the first trace, downwards
> GET traces/threads?project_name=p
? sorting=[{"field":"status","direction":"ASC"}]
< 200
{"content":[{"id":"open","...":true},{"id":"tie","...":true},{"id":"long","...":true}],"...":true}

--- a stream goes by the time of the first trace, downwards
> POST traces/threads/search
>> {"project_name":"p","limit":1}
< 200
{"id":"open","thread_model_id":"<set open>","...":true}

--- behind the thread that came before
> POST traces/threads/search
>> {"project_name":"p","limit":1,"last_retrieved_thread_model_id":"{{open}}"}
< 200
{"id":"tie","thread_model_id":"<set tie>","...":true}

--- filters hold behind a cursor too
> POST traces/threads/search
>> {"project_name":"p","limit":1,"last_retrieved_thread_model_id":"{{tie}}","filters":[{"field":"status","operator":"=","value":"active"}]}
< 200
{"id":"long","thread_model_id":"<set long>","...":true}

--- nothing is behind the last one
> POST traces/threads/search
>> {"project_name":"p","last_retrieved_thread_model_id":"{{long}}"}
< 200
<x

--- a PATCH of a trace that is not there yet
> PATCH traces/01a1fb2b-93be-7149-bec9-000000000007
>> {"project_name":"p","thread_id":"long","input":"patched","output":"patched","end_time":"2026-01-02T00:00:00Z"}
< 204

--- counts, but says neither when the thread began nor what was said
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"long"}
< 200
{"id":"long","start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:01:00Z","first_message":"first","last_message":"last to end","number_of_messages":8,"thread_model_id":"{{long}}","...":true}

--- another
> PATCH traces/01a1fb2b-93be-7149-bec9-000000000008
>> {"project_name":"p","thread_id":"patches","input":"patched"}
< 204

--- but where nothing else is it does
> POST traces/threads/retrieve
>> {"project_name":"p","thread_id":"patches"}
< 200
{"id":"patches","project_id":"{{p}}","thread_model_id":"<uuid>","start_time":"1970-01-01T00:00:00Z","first_message":"patched","status":"active","number_of_messages":2,"created_at":"<time>","last_updated_at":"<time>","created_by":"admin","last_updated_by":"admin","environment":""}

--- spans of two traces, and scores of theirs
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-0000000000a1","trace_id":"01a1fb2b-93be-7149-bec9-000000000005","project_name":"p","start_time":"2026-01-01T00:00:05Z"},
>>  {"id":"01a1fb2b-93be-7149-bec9-0000000000a2","trace_id":"01a1fb2b-93be-7149-bec9-000000000005","project_name":"p","start_time":"2026-01-01T00:00:05Z"},
>>  {"id":"01a1fb2b-93be-7149-bec9-0000000000a3","trace_id":"01a1fb2b-93be-7149-bec9-000000000006","project_name":"p","start_time":"2026-01-01T00:00:05Z"}]}
< 204

--- two of one trace, one of the other
> PUT spans/feedback-scores
>> {"scores":[{"id":"01a1fb2b-93be-7149-bec9-0000000000a1","project_name":"p","name":"good","value":0.2,"source":"sdk"},
>>  {"id":"01a1fb2b-93be-7149-bec9-0000000000a2","project_name":"p","name":"good","value":0.4,"source":"sdk"},
>>  {"id":"01a1fb2b-93be-7149-bec9-0000000000a3","project_name":"p","name":"good","value":0.9,"source":"sdk"},
>>  {"id":"01a1fb2b-93be-7149-bec9-0000000000a3","project_name":"p","name":"bad","value":-1,"source":"sdk"}]}
< 204

--- a score of a trace
> PUT traces/01a1fb2b-93be-7149-bec9-000000000006/feedback-scores
>> {"name":"good","value":0.5,"source":"ui"}
< 204

--- statistics of traces, in Opik's order: scores of spans are a mean for each trace, guardrails are none
> GET traces/stats?project_name=p
? filters=[{"field":"thread_id","operator":"=","value":"tie"}]
< 200
{"stats":[{"name":"trace_count","value":2,"type":"COUNT"},{"name":"duration","value":{"p50":1000,"p90":1000,"p99":1000},"type":"PERCENTAGE"},{"name":"input","value":2,"type":"COUNT"},{"name":"output","value":2,"type":"COUNT"},{"name":"metadata","value":0,"type":"COUNT"},{"name":"tags","value":0,"type":"AVG"},{"name":"llm_span_count","value":0,"type":"AVG"},{"name":"span_count","value":1.5,"type":"AVG"},{"name":"total_estimated_cost","value":0,"type":"AVG"},{"name":"total_estimated_cost_sum","value":0,"type":"AVG"},{"name":"feedback_scores.good","value":0.5,"type":"AVG"},{"name":"span_feedback_scores.bad","value":-1,"type":"AVG"},{"name":"span_feedback_scores.good","value":0.6,"type":"AVG"},{"name":"guardrails_failed_count","value":0,"type":"COUNT"},{"name":"error_count","value":0,"type":"COUNT"}]}
