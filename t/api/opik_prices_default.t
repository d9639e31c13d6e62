# Costs by the prices that are built in, without a setting.

=== base /api/v1/private
=== conf
prices =

--- spans of current models
> POST spans/batch
>> {"spans":[
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000001","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"claude-sonnet-4-5","provider":"anthropic","usage":{"prompt_tokens":1000,"completion_tokens":200,"cache_read_input_tokens":5000,"cache_creation_input_tokens":1000}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000002","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"gpt-4o","provider":"openai","usage":{"prompt_tokens":1200,"completion_tokens":100,"cache_read_input_tokens":1000}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000003","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"gpt-5.4","provider":"openai","usage":{"prompt_tokens":300000,"completion_tokens":1000}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000004","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"gpt-5.4","provider":"openai","usage":{"prompt_tokens":272000,"completion_tokens":0}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000005","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"claude-sonnet-4-5-20250929","provider":"anthropic","usage":{"prompt_tokens":1000,"completion_tokens":0}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000006","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"perplexity/sonar","provider":"openrouter","usage":{"prompt_tokens":1000,"completion_tokens":0}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000007","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"openai/gpt-oss-120b","provider":"groq","usage":{"prompt_tokens":1000,"completion_tokens":0}}]}
< 204

--- Claude: tokens read from and written to the cache are beside the prompt
> GET spans/01a1fb2b-93be-7149-bec9-000000000001
< 200
{"total_estimated_cost":0.01125,"total_estimated_cost_version":"1.1","...":true}

--- GPT: tokens read from the cache are part of the prompt
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 200
{"total_estimated_cost":0.00275,"...":true}

--- a long prompt costs more
> GET spans/01a1fb2b-93be-7149-bec9-000000000003
< 200
{"total_estimated_cost":1.5225,"...":true}

--- one at the bound does not
> GET spans/01a1fb2b-93be-7149-bec9-000000000004
< 200
{"total_estimated_cost":0.68,"...":true}

--- a dated name is the model's
> GET spans/01a1fb2b-93be-7149-bec9-000000000005
< 200
{"total_estimated_cost":0.003,"...":true}

--- a router's name says whose model it is
> GET spans/01a1fb2b-93be-7149-bec9-000000000006
< 200
{"total_estimated_cost":0.001,"...":true}

--- a slash may be part of the name
> GET spans/01a1fb2b-93be-7149-bec9-000000000007
< 200
{"total_estimated_cost":0.00015,"...":true}

--- calls by OTLP
> POST otel/v1/traces
> Content-Type: application/json
> projectName: p
>> {"resourceSpans":[{"scopeSpans":[{"spans":[
>>  {"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01","spanId":"00000000000000c1","name":"a","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"anthropic"}},{"key":"gen_ai.request.model","value":{"stringValue":"claude-sonnet-4-5"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"1000"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"200"}},{"key":"gen_ai.usage.cache_read_tokens","value":{"intValue":"5000"}},{"key":"gen_ai.usage.cache_creation_tokens","value":{"intValue":"1000"}}]},
>>  {"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01","spanId":"00000000000000c2","name":"b","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"open_ai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"1200"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"100"}},{"key":"gen_ai.usage.cache_read_tokens","value":{"intValue":"1000"}}]},
>>  {"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01","spanId":"00000000000000c3","name":"c","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-5.4"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"300000"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"1000"}}]},
>>  {"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa01","spanId":"00000000000000c4","name":"d","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-5.4"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"300000"}},{"key":"gen_ai.usage.cost","value":{"stringValue":"0.25"}}]}]}]}]}
< 200
<< {}

--- cost the same: Claude
> GET spans/00000000000000c1
< 200
{"total_estimated_cost":0.01125,"...":true}

--- GPT
> GET spans/00000000000000c2
< 200
{"total_estimated_cost":0.00275,"provider":"openai","...":true}

--- a long prompt
> GET spans/00000000000000c3
< 200
{"total_estimated_cost":1.5225,"...":true}

--- a cost that is told stays
> GET spans/00000000000000c4
< 200
{"id":"*","project_name":"p","project_id":"*","trace_id":"*","name":"d","type":"llm","start_time":"*","metadata":"*","model":"gpt-5.4","provider":"openai","usage":{"prompt_tokens":300000},"total_estimated_cost":0.25,"created_at":"*","last_updated_at":"*","created_by":"admin","last_updated_by":"admin","source":"sdk","environment":""}
