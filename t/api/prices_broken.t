# A price file that cannot be read: spans are stored, and earlier computed costs stay.

=== base /v1/private
=== prices
{"gpt-4o": {"input_cost_per_token": 1e-6

=== lines w 2026-03-02
{"span_id":"019cac1d-4400-7000-8000-000000000001","trace_id":"019cac1d-4400-7000-8000-000000000000","source":"opik","kind":"LLM","name":"x","started_at":"2026-03-02T00:00:00Z","model":"gpt-4o","usage_details":{"prompt_tokens":5},"cost_total_usd":0.5,"cost_details":{"version":"1.1"}}

--- a change of something else
> PATCH spans/019cac1d-4400-7000-8000-000000000001
> Comet-Workspace: w
>> {"trace_id":"019cac1d-4400-7000-8000-000000000000","name":"y"}
< 204

--- leaves the cost
> GET spans/019cac1d-4400-7000-8000-000000000001
> Comet-Workspace: w
< 200
{"name":"y","total_estimated_cost":0.5,"...":true}

--- a span that comes
> POST spans/batch
> Comet-Workspace: w
>> {"spans":[{"id":"019cac1d-4400-7000-8000-000000000002","trace_id":"019cac1d-4400-7000-8000-000000000000","name":"z","type":"llm","start_time":"2026-03-02T00:00:01Z","model":"gpt-4o","usage":{"prompt_tokens":5}}]}
< 204

--- has none
> GET spans/019cac1d-4400-7000-8000-000000000002
> Comet-Workspace: w
< 200
{"id":"019cac1d-4400-7000-8000-000000000002","project_id":"*","project_name":"Default Project","trace_id":"*","name":"z","type":"llm","start_time":"*","model":"gpt-4o","usage":{"prompt_tokens":5},"created_at":"*","last_updated_at":"*","created_by":"*","last_updated_by":"*","environment":""}
