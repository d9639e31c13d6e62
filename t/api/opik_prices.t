# Costs that are computed from a price file.

=== base /api/v1/private
=== prices
{
"sample_spec": "LiteLLM's file begins with a member that is no model",
"gpt-4o-mini": {"litellm_provider":"openai","input_cost_per_token":1.5e-07,"output_cost_per_token":6e-07,"cache_read_input_token_cost":7.5e-08},
"azure/gpt-4o-mini": {"litellm_provider":"azure","input_cost_per_token":0.000001,"output_cost_per_token":0.000002},
"claude-3-5-sonnet": {"litellm_provider":"anthropic","input_cost_per_token":3e-06,"output_cost_per_token":1.5e-05,"cache_read_input_token_cost":3e-07,"cache_creation_input_token_cost":3.75e-06},
"gemini/gemini-2.0-flash": {"litellm_provider":"gemini","input_cost_per_token":1e-07,"output_cost_per_token":4e-07,"cache_read_input_token_cost":2.5e-08},
"anthropic.claude-v2": {"litellm_provider":"bedrock","input_cost_per_token":8e-06,"output_cost_per_token":2.4e-05},
"groq/llama": {"litellm_provider":"groq","input_cost_per_token":1e-6,"output_cost_per_token":2e-6,"cache_read_input_token_cost":5e-7},
"dall-e": {"litellm_provider":"openai","input_cost_per_pixel":1e-8}
}

--- spans of several providers
> POST spans/batch
>> {"spans":[
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000001","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"gpt-4o-mini-2024-07-18","provider":"openai","usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000002","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"gpt-4o-mini","provider":"azure","usage":{"prompt_tokens":5,"completion_tokens":2}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000003","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"Claude-3.5-Sonnet","provider":"anthropic","usage":{"prompt_tokens":10,"completion_tokens":4,"original_usage.cache_read_input_tokens":100,"original_usage.cache_creation_input_tokens":8}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000004","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"gemini-2.0-flash","provider":"gemini","usage":{"prompt_tokens":100,"completion_tokens":10,"original_usage.prompt_token_count":100,"original_usage.cached_content_token_count":40}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000005","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"anthropic.claude-v2:1","provider":"bedrock","usage":{"original_usage.inputTokens":10,"original_usage.outputTokens":1}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000006","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","metadata":{"model":"llama"},"usage":{"prompt_tokens":3,"completion_tokens":1,"cache_read_input_tokens":2}},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000007","trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z","model":"gpt-4o-mini","provider":"openai","usage":{"prompt_tokens":10,"completion_tokens":0,"original_usage.prompt_tokens_details.cached_tokens":4}}]}
< 204

--- a model's date does not matter
> GET spans/01a1fb2b-93be-7149-bec9-000000000001
< 200
{"total_estimated_cost":0.00000195,"total_estimated_cost_version":"1.1","...":true}

--- nor what stands before its slash, but the provider does
> GET spans/01a1fb2b-93be-7149-bec9-000000000002
< 200
{"total_estimated_cost":0.000009,"...":true}

--- a name in another spelling; cached tokens are separate from the input
> GET spans/01a1fb2b-93be-7149-bec9-000000000003
< 200
{"total_estimated_cost":0.00015,"...":true}

--- or part of it
> GET spans/01a1fb2b-93be-7149-bec9-000000000004
< 200
{"total_estimated_cost":0.000011,"...":true}

--- a version of a model
> GET spans/01a1fb2b-93be-7149-bec9-000000000005
< 200
{"total_estimated_cost":0.000104,"...":true}

--- a model of the metadata, of any provider, whose cache costs as much
> GET spans/01a1fb2b-93be-7149-bec9-000000000006
< 200
{"total_estimated_cost":0.000005,"...":true}

--- cached tokens cost less
> GET spans/01a1fb2b-93be-7149-bec9-000000000007
< 200
{"total_estimated_cost":0.0000012,"...":true}

--- a PATCH of the usage
> PATCH spans/01a1fb2b-93be-7149-bec9-000000000001
>> {"trace_id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","usage":{"prompt_tokens":10,"completion_tokens":0}}
< 204

--- is computed again
> GET spans/01a1fb2b-93be-7149-bec9-000000000001
< 200
{"total_estimated_cost":0.0000015,"total_estimated_cost_version":"1.1","...":true}

--- a cost that is given is the cost, 0 too
> POST spans/batch
>> {"spans":[{"id":"01a1fb2b-93be-7149-bec9-000000000008","trace_id":"01a1fb2b-93be-7149-bec9-0000000000fe","project_name":"q","start_time":"2026-01-01T00:00:00Z","model":"gpt-4o-mini","provider":"openai","usage":{"prompt_tokens":5},"total_estimated_cost":0},
>>  {"id":"01a1fb2b-93be-7149-bec9-000000000009","trace_id":"01a1fb2b-93be-7149-bec9-0000000000fe","project_name":"q","start_time":"2026-01-01T00:00:00Z","model":"dall-e","provider":"openai","usage":{"prompt_tokens":5},"metadata":{"cost":{"currency":"USD","total_cost":0.5}}},
>>  {"id":"01a1fb2b-93be-7149-bec9-00000000000a","trace_id":"01a1fb2b-93be-7149-bec9-0000000000fe","project_name":"q","start_time":"2026-01-01T00:00:00Z","model":"unknown","usage":{"prompt_tokens":5}}]}
< 204

--- and what has no price may say it in its metadata
> GET spans?project_name=q
? sorting=[{"field":"id","direction":"ASC"}]
? exclude=["metadata","usage","created_at","created_by","last_updated_by"]
< 200
{"content":[
 {"id":"*","project_id":"*","trace_id":"*","model":"gpt-4o-mini","provider":"openai","metadata":"*","start_time":"*","last_updated_at":"*","environment":""},
 {"id":"*","project_id":"*","trace_id":"*","model":"dall-e","provider":"openai","metadata":"*","start_time":"*","last_updated_at":"*","total_estimated_cost":0.5,"total_estimated_cost_version":"1.1","environment":""},
 {"id":"*","project_id":"*","trace_id":"*","model":"unknown","start_time":"*","last_updated_at":"*","environment":""}],"...":true}

--- the trace
> POST traces
>> {"id":"01a1fb2b-93be-7149-bec9-0000000000ff","project_name":"p","start_time":"2026-01-01T00:00:00Z"}
< 201

--- sums up what its spans cost
> GET traces/01a1fb2b-93be-7149-bec9-0000000000ff
< 200
{"total_estimated_cost":0.0002817,"...":true}
