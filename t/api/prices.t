# What spans cost that tell no cost, whatever API they come by: the price file says it.

=== base /apis/intake/v2/workspaces/w
=== prices
{
"gpt-4o-mini": {"litellm_provider":"openai","input_cost_per_token":1.5e-07,"output_cost_per_token":6e-07,"cache_read_input_token_cost":7.5e-08},
"claude-3-5-sonnet": {"litellm_provider":"anthropic","input_cost_per_token":3e-06,"output_cost_per_token":1.5e-05,"cache_read_input_token_cost":3e-07,"cache_creation_input_token_cost":3.75e-06},
"anthropic.claude-v2": {"litellm_provider":"bedrock","input_cost_per_token":8e-06,"output_cost_per_token":2.4e-05}
}

=== lines w 2026-03-02
{"span_id":"old","trace_id":"t","source":"otel","started_at":"2026-03-02T00:00:00Z","model":"gpt-4o-mini","input_tokens":10}

--- OTLP: counts, a cache that is part of the input, one that is beside it, a cost that is told, and none that is known
> POST /v1/traces
> X-Workspace: w
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203301","name":"a","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.system","value":{"stringValue":"OpenAI"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini-2024-07-18"}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":5}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":2}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203302","name":"b","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.system","value":{"stringValue":"anthropic"}},{"key":"gen_ai.request.model","value":{"stringValue":"claude-3.5-sonnet"}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":118}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":4}},
>>   {"key":"gen_ai.usage.cache_read.input_tokens","value":{"intValue":100}},{"key":"gen_ai.usage.cache_creation.input_tokens","value":{"intValue":8}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203303","name":"c","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.system","value":{"stringValue":"anthropic"}},{"key":"gen_ai.request.model","value":{"stringValue":"claude-3.5-sonnet"}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":10}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":4}},
>>   {"key":"gen_ai.usage.cache_read.input_tokens","value":{"intValue":100}},{"key":"gen_ai.usage.cache_creation.input_tokens","value":{"intValue":8}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203304","name":"d","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},{"key":"gen_ai.usage.cost","value":{"doubleValue":0}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":5}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203305","name":"e","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},{"key":"llm.cost.prompt","value":{"doubleValue":0.5}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":5}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203306","name":"f","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.system","value":{"stringValue":"azure.ai.openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":5}}]},
>>  {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203307","name":"g","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.system","value":{"stringValue":"aws.bedrock"}},{"key":"gen_ai.request.model","value":{"stringValue":"anthropic.claude-v2:1"}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":10}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":1}}]}]}]}]}
< 200
{}

--- a span by its model, its date left out; that it was reckoned is no amount
> GET spans/b7ad6b7169203301
< 200
{"cost_total_usd":0.00000195,"cost_details":{},"...":true}

--- Opik says that it was reckoned
> GET /v1/private/spans?project_name=Default%20Project&filters=%5B%7B%22field%22%3A%22name%22%2C%22operator%22%3A%22%3D%22%2C%22value%22%3A%22a%22%7D%5D
> Comet-Workspace: w
< 200
{"content":[{"total_estimated_cost":0.00000195,"total_estimated_cost_version":"1.1","...":true}],"...":true}

--- of tokens from the cache and into it each its price
> GET spans/b7ad6b7169203302
< 200
{"input_tokens":118,"cost_total_usd":0.00015,"...":true}

--- also where they are beside the input
> GET spans/b7ad6b7169203303
< 200
{"input_tokens":10,"cost_total_usd":0.00015,"...":true}

--- a cost that is told stays, 0 too
> GET spans/b7ad6b7169203304
< 200
{"cost_total_usd":0.0,"cost_details":{},"...":true}

--- and so does a part of one, without a total
> GET spans/b7ad6b7169203305
< 200
{"span_id":"*","session_id":"*","workspace":"w","trace_id":"*","name":"e","source":"*","kind":"*","status":"*","started_at":"*","model":"gpt-4o-mini","input_tokens":5,"usage_details":{},"cost_input_usd":0.5,"cost_details":{},"ingested_at":"*"}

--- what another provider asks is not its price
> GET spans/b7ad6b7169203306
< 200
{"span_id":"*","session_id":"*","workspace":"w","trace_id":"*","name":"f","source":"*","kind":"*","status":"*","started_at":"*","provider":"azure.ai.openai","model":"gpt-4o-mini","input_tokens":5,"usage_details":{},"cost_details":{},"ingested_at":"*"}

--- providers are known by OpenTelemetry's names
> GET spans/b7ad6b7169203307
< 200
{"cost_total_usd":0.000104,"...":true}

--- what is stored gets none afterwards
> GET spans/old
< 200
{"span_id":"old","session_id":"*","workspace":"w","kind":"*","source":"*","trace_id":"t","started_at":"*","status":"*","model":"gpt-4o-mini","input_tokens":10,"usage_details":{},"cost_details":{}}

--- NeMo's OTLP
> POST ingest/otlp/v1/traces
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319d","spanId":"b7ad6b7169203311","name":"n","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.system","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":10}},{"key":"gen_ai.usage.cached_tokens","value":{"intValue":4}}]}]}]}]}
< 200
{"errors":[]}

--- pays less for what was cached
> GET spans/b7ad6b7169203311
< 200
{"cost_total_usd":0.0000012,"...":true}

--- Opik's OTLP, which counts in Opik's words
> POST /v1/private/otel/v1/traces
> Comet-Workspace: w
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319e","spanId":"b7ad6b7169203312","name":"o","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.system","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},
>>   {"key":"gen_ai.usage.input_tokens","value":{"intValue":5}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":2}}]}]}]}]}
< 200

--- is reckoned too
> GET spans/b7ad6b7169203312
< 200
{"cost_total_usd":0.00000195,"...":true}

--- a chat call
> POST ingest/chat-completions
>> {"request":{"model":"gpt-4o-mini","messages":[{"role":"user","content":"q"}]},"response":{"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":4}}}}
< 201

--- costs what its tokens do
> GET spans/chatcmpl-1
< 200
{"cost_total_usd":0.0000012,"...":true}

--- and in a trace the sum of its spans
> GET traces/chatcmpl-1
< 200
{"cost_usd":0.0000012,"...":true}

--- unless the call tells its cost
> POST ingest/chat-completions
>> {"request":{"model":"gpt-4o-mini","messages":[{"role":"user","content":"q"}]},"response":{"id":"chatcmpl-2","choices":[],"usage":{"prompt_tokens":10}},"cost_usd":7}
< 201

--- so
> GET spans/chatcmpl-2
< 200
{"cost_total_usd":7.0,"...":true}

--- a span that is ingested as it is
> POST ingest/spans
>> {"source":"mine","spans":[{"span_id":"d1","trace_id":"d","name":"d","kind":"LLM","started_at":"2026-01-01T00:00:00Z","status":"success","attributes":{"gen_ai.request.model":"gpt-4o-mini","gen_ai.usage.input_tokens":10}}]}
< 201

--- has one price if its model has
> GET spans/d1
< 200
{"cost_total_usd":0.0000015,"...":true}

--- a trajectory whose steps tell tokens
> POST ingest/atif
>> {"schema_version":"ATIF-v1.6","session_id":"at-1","agent":{"name":"solver","version":"1","model_name":"gpt-4o-mini"},"steps":[
>>  {"step_id":1,"source":"user","message":"q"},
>>  {"step_id":2,"source":"agent","message":"a","metrics":{"prompt_tokens":10,"completion_tokens":1}},
>>  {"step_id":3,"source":"agent","message":"b","metrics":{"prompt_tokens":20,"completion_tokens":1}}]}
< 201

--- is the sum of them
> GET traces/at-1
< 200
{"cost_usd":0.0000057,"...":true}

--- a trajectory whose root tells what all of it cost
> POST ingest/atif
>> {"schema_version":"ATIF-v1.6","session_id":"at-2","agent":{"name":"solver","version":"1","model_name":"gpt-4o-mini"},"steps":[
>>  {"step_id":1,"source":"user","message":"q"},
>>  {"step_id":2,"source":"agent","message":"a","metrics":{"prompt_tokens":10,"completion_tokens":1}}],
>>  "final_metrics":{"total_cost_usd":0.25}}
< 201

--- is not counted twice
> GET traces/at-2
< 200
{"cost_usd":0.25,"...":true}

--- Zipkin
> POST /api/v2/spans
> X-Workspace: w
> Content-Type: application/json
>> [{"id":"b7ad6b7169203321","traceId":"0af7651916cd43dd8448eb211c80319f","name":"z","timestamp":1780000000000000,"duration":1,"tags":{"gen_ai.request.model":"gpt-4o-mini","gen_ai.usage.input_tokens":"10"}}]
< 202

--- too
> GET spans/b7ad6b7169203321
< 200
{"cost_total_usd":0.0000015,"...":true}

--- Langfuse's events: a generation that has no usage yet
> POST /api/public/ingestion
> X-Workspace: w
>> {"batch":[{"id":"e1","timestamp":"2026-01-15T09:30:00Z","type":"generation-create","body":{"id":"lf1","traceId":"lf","name":"g","model":"claude-3-5-sonnet","startTime":"2026-01-15T09:30:00Z","usageDetails":{"input":1}}}]}
< 207

--- has one
> GET spans/lf1
< 200
{"cost_total_usd":0.000003,"...":true}

--- which grows with what the next event says, the cache beside the input
> POST /api/public/ingestion
> X-Workspace: w
>> {"batch":[{"id":"e2","timestamp":"2026-01-15T09:30:01Z","type":"generation-update","body":{"id":"lf1","traceId":"lf","usageDetails":{"input":1000,"output":4,"input_cached_tokens":100}}}]}
< 207

--- as all of them do
> GET spans/lf1
< 200
{"cost_total_usd":0.00309,"...":true}

--- and gives way to one that is told
> POST /api/public/ingestion
> X-Workspace: w
>> {"batch":[{"id":"e3","timestamp":"2026-01-15T09:30:02Z","type":"generation-update","body":{"id":"lf1","traceId":"lf","costDetails":{"total":2}}}]}
< 207

--- at last
> GET spans/lf1
< 200
{"cost_total_usd":2.0,"cost_details":{"total":2},"...":true}

--- Scale's clients read back what they wrote
> POST /v5/spans/batch
> x-selected-account-id: w
>> {"items":[{"id":"sc1","trace_id":"sc","name":"s","type":"COMPLETION","start_timestamp":"2026-01-01T00:00:00Z","end_timestamp":"2026-01-01T00:00:01Z","metadata":{"model":"gpt-4o-mini","usage":{"prompt_tokens":10}}}]}
< 200
{"items":[{"metadata":{"model":"gpt-4o-mini","usage":{"prompt_tokens":10}},"...":true}],"...":true}

--- and nothing else
> GET spans/sc1
< 200
{"span_id":"*","session_id":"*","workspace":"w","trace_id":"*","name":"s","source":"scale","kind":"*","status":"*","started_at":"*","ended_at":"*","model":"gpt-4o-mini","input_tokens":10,"usage_details":{},"cost_details":{},"raw_attributes":"*","ingested_at":"*"}

--- a cost that is told with details
> POST /v1/traces
> X-Workspace: w
> Content-Type: application/json
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c8031a0","spanId":"b7ad6b7169203331","name":"x","startTimeUnixNano":"1780000000000000000","attributes":[
>>   {"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o-mini"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":5}},
>>   {"key":"llm.cost.total","value":{"doubleValue":0.5}},{"key":"llm.cost.audio","value":{"doubleValue":0.1}}]}]}]}]}
< 200

--- whose usage Opik changes
> PATCH /v1/private/spans/b7ad6b7169203331
> Comet-Workspace: w
>> {"trace_id":"0af7651916cd43dd8448eb211c8031a0","usage":{"prompt_tokens":10}}
< 204

--- is still what was told
> GET spans/b7ad6b7169203331
< 200
{"input_tokens":10,"cost_total_usd":0.5,"cost_details":{"audio":0.1},"...":true}

--- a cost that was reckoned
> GET /v1/private/spans?project_name=Default%20Project&filters=%5B%7B%22field%22%3A%22name%22%2C%22operator%22%3A%22%3D%22%2C%22value%22%3A%22a%22%7D%5D
> Comet-Workspace: w
< 200
{"content":[{"id":"<set a>","trace_id":"<set a_trace>","total_estimated_cost":0.00000195,"...":true}],"...":true}

--- follows the model and the provider that Opik changes
> PATCH /v1/private/spans/{{a}}
> Comet-Workspace: w
>> {"trace_id":"{{a_trace}}","model":"claude-3-5-sonnet","provider":"anthropic"}
< 204

--- as it follows the tokens
> GET spans/b7ad6b7169203301
< 200
{"model":"claude-3-5-sonnet","cost_total_usd":0.000045,"cost_details":{},"...":true}

--- and goes where nobody knows the price
> PATCH /v1/private/spans/{{a}}
> Comet-Workspace: w
>> {"trace_id":"{{a_trace}}","provider":"bedrock"}
< 204

--- so that none is shown
> GET spans/b7ad6b7169203301
< 200
{"span_id":"*","session_id":"*","workspace":"w","kind":"LLM","name":"a","source":"otel","trace_id":"*","started_at":"*","status":"*","provider":"bedrock","model":"claude-3-5-sonnet","input_tokens":5,"output_tokens":2,"usage_details":{},"cost_details":{},"ingested_at":"*"}
