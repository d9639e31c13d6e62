# The examples of NeMo's own API reference: list span groups, list traces, get span.

=== lines team-alpha 2024-05-20
defaults {"source":"otel","session_id":"s","status":"success","kind":"LLM","started_at":"2024-05-10T08:00:00Z","ingested_at":"2024-05-20T00:00:00Z","project":"nemo-analytics"}
{"<times>":125,"span_id":"a<iii>","trace_id":"4f8b3a2c-9d7e-4f1a-bb3e-2a1c9d5e7f6a"}
{"<times>":87,"span_id":"b<iii>","trace_id":"7a9d2e1b-3c4f-4d2a-8e5b-1f7c3a9d8b2e"}
# Each of these misses the example's filter in one field.
{"span_id":"c0","trace_id":"t-project","project":"another"}
{"span_id":"c1","trace_id":"t-status","status":"error"}
{"span_id":"c2","trace_id":"t-kind","kind":"TOOL"}
{"span_id":"c3","trace_id":"t-early","started_at":"2024-04-30T23:59:59.999999Z"}
{"span_id":"c4","trace_id":"t-late","started_at":"2024-05-31T23:59:59.000001Z"}

=== lines nemo_workspace_01 2024-01-15
defaults {"source":"otel","session_id":"session_20240115_093000","trace_id":"trace_9f8b7c6d5e4a3b2c1d0e","status":"success","kind":"AGENT","started_at":"2024-01-15T09:30:00Z","ingested_at":"2024-01-15T09:30:10Z"}
{"span_id":"span_1234567890abcdef","started_at":"2024-01-15T09:30:00Z","ended_at":"2024-01-15T09:30:01.0505Z","name":"User Login Flow","evaluation_id":"exp_2024_q1_login_test","test_case_id":"tc_001","input_tokens":50,"cached_tokens":50,"cost_total_usd":0.0025}
{"<times>":4,"span_id":"child<i>","parent_span_id":"span_1234567890abcdef","kind":"LLM","input_tokens":25,"output_tokens":75,"total_tokens":100,"cost_total_usd":0.0025,"cost_input_usd":0.001125,"cost_output_usd":0.002}

=== lines marketing-team 2024-01-15
{"span_id":"a3f5c9d2-7b4e-4f1a-9c3e-2d8f7b6a1e4c","trace_id":"trace-1234567890abcdef","parent_span_id":"b2d3e4f5-6a7b-8c9d-0e1f-2a3b4c5d6e7f","session_id":"session-987654321","source":"nemo-platform","kind":"LLM","status":"success","started_at":"2024-01-15T09:30:00Z","ended_at":"2024-01-15T09:30:05Z","ingested_at":"2024-01-15T09:30:10Z","name":"Generate Ad Copy","project":"ad-campaign-2024","provider":"OpenAI","model":"gpt-4-turbo","tool_name":"TextGenerator","agent_id":"agent-42","agent_name":"MarketingBot","prompt_id":"prompt-abc123","prompt_name":"Ad Copy Generator","prompt_version":"v2.0","evaluation_id":"eval-20240115-001","evaluation_sha":"d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3","evaluation_run_id":"run-20240115-01","dataset_id":"dataset-2024-q1","dataset_name":"Q1 Marketing Dataset","dataset_version":"v1.2.3","test_case_id":"tc-1001","evaluation_metadata":{"environment":"production","region":"us-east-1"},"input_tokens":150,"output_tokens":200,"cached_tokens":0,"total_tokens":350,"usage_details":{"input_tokens":150,"output_tokens":200,"cached_tokens":0},"cost_total_usd":0.035,"cost_input_usd":0.015,"cost_output_usd":0.02,"cost_details":{"input_cost":0.015,"output_cost":0.02},"error_type":"","error_message":"","attributes":{"language":"en","tone":"energetic"},"input":"Create a catchy ad copy for our new product launch targeting young adults.","output":"Introducing the all-new XPhone! Sleek, powerful, and designed just for you. Get yours today and experience innovation like never before!"}

--- span groups, with the reference's own request
> GET /apis/intake/v2/workspaces/team-alpha/spans/groups?by=trace_id&page=1&page_size=10&sort=-span_count&filter=%7B%22project%22%3A%22nemo-analytics%22%2C%22status%22%3A%22success%22%2C%22kind%22%3A%22LLM%22%2C%22started_at%22%3A%7B%22%24gte%22%3A%222024-05-01T00%3A00%3A00Z%22%2C%22%24lte%22%3A%222024-05-31T23%3A59%3A59Z%22%7D%7D
> Content-Type: application/json
>> {}
< 200 ordered
< Content-Type: application/json
{
  "data": [
    {"group": {"trace_id": "4f8b3a2c-9d7e-4f1a-bb3e-2a1c9d5e7f6a"}, "span_count": 125},
    {"group": {"trace_id": "7a9d2e1b-3c4f-4d2a-8e5b-1f7c3a9d8b2e"}, "span_count": 87}
  ],
  "pagination": {"page": 1, "page_size": 10, "current_page_size": 2, "total_pages": 1, "total_results": 2},
  "sort": "-span_count",
  "filter": {
    "project": "nemo-analytics",
    "status": "success",
    "kind": "LLM",
    "started_at": {"$gte": "2024-05-01T00:00:00Z", "$lte": "2024-05-31T23:59:59Z"}
  },
  "grouped_by": ["trace_id"]
}

--- traces, with the reference's own request
> GET /apis/intake/v2/workspaces/nemo_workspace_01/traces
> Content-Type: application/json
>> {}
< 200
{
  "data": [
    {
      "id": "trace_9f8b7c6d5e4a3b2c1d0e",
      "session_id": "session_20240115_093000",
      "workspace": "nemo_workspace_01",
      "started_at": "2024-01-15T09:30:00Z",
      "status": "success",
      "root_span_id": "span_1234567890abcdef",
      "name": "User Login Flow",
      "experiment_context": {"experiment_id": "exp_2024_q1_login_test", "test_case_id": "tc_001"},
      "ended_at": "2024-01-15T09:30:01.050500Z",
      "duration_ms": 1050.5,
      "input_tokens": 150,
      "output_tokens": 300,
      "cached_tokens": 50,
      "total_tokens": 400,
      "cost_usd": 0.0125,
      "cost_input_usd": 0.0045,
      "cost_output_usd": 0.008,
      "span_count": 5,
      "error_count": 0
    }
  ],
  "pagination": {"page": 1, "page_size": 10, "current_page_size": 1, "total_pages": 1, "total_results": 1},
  "sort": "-started_at",
  "filter": {}
}

--- traces have their keys in the order of the schema
> GET /apis/intake/v2/workspaces/nemo_workspace_01/traces/trace_9f8b7c6d5e4a3b2c1d0e
< 200
<< {"id":"trace_9f8b7c6d5e4a3b2c1d0e","root_span_id":"span_1234567890abcdef","session_id":"session_20240115_093000","workspace":"nemo_workspace_01","name":"User Login Flow","experiment_context":{"experiment_id":"exp_2024_q1_login_test","test_case_id":"tc_001"},"started_at":"2024-01-15T09:30:00Z","ended_at":"2024-01-15T09:30:01.050500Z","duration_ms":1050.5,"status":"success","input_tokens":150,"output_tokens":300,"cached_tokens":50,"total_tokens":400,"cost_usd":0.0125,"cost_input_usd":0.0045,"cost_output_usd":0.008,"span_count":5,"error_count":0}

--- a span, with the reference's own request
> GET /apis/intake/v2/workspaces/marketing-team/spans/a3f5c9d2-7b4e-4f1a-9c3e-2d8f7b6a1e4c
> Content-Type: application/json
>> {}
< 200
{
  "span_id": "a3f5c9d2-7b4e-4f1a-9c3e-2d8f7b6a1e4c",
  "session_id": "session-987654321",
  "workspace": "marketing-team",
  "kind": "LLM",
  "source": "nemo-platform",
  "started_at": "2024-01-15T09:30:00Z",
  "status": "success",
  "ingested_at": "2024-01-15T09:30:10Z",
  "project": "ad-campaign-2024",
  "evaluation_context": {
    "evaluation_id": "eval-20240115-001",
    "evaluation_sha": "d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3",
    "evaluation_run_id": "run-20240115-01",
    "dataset_id": "dataset-2024-q1",
    "dataset_name": "Q1 Marketing Dataset",
    "dataset_version": "v1.2.3",
    "test_case_id": "tc-1001",
    "metadata": {"environment": "production", "region": "us-east-1"}
  },
  "parent_span_id": "b2d3e4f5-6a7b-8c9d-0e1f-2a3b4c5d6e7f",
  "name": "Generate Ad Copy",
  "trace_id": "trace-1234567890abcdef",
  "ended_at": "2024-01-15T09:30:05Z",
  "error_type": "",
  "error_message": "",
  "provider": "OpenAI",
  "model": "gpt-4-turbo",
  "prompt_id": "prompt-abc123",
  "prompt_name": "Ad Copy Generator",
  "prompt_version": "v2.0",
  "agent_id": "agent-42",
  "agent_name": "MarketingBot",
  "tool_name": "TextGenerator",
  "input_tokens": 150,
  "output_tokens": 200,
  "cached_tokens": 0,
  "total_tokens": 350,
  "usage_details": {"input_tokens": 150, "output_tokens": 200, "cached_tokens": 0},
  "cost_total_usd": 0.035,
  "cost_input_usd": 0.015,
  "cost_output_usd": 0.02,
  "cost_details": {"input_cost": 0.015, "output_cost": 0.02},
  "input": "Create a catchy ad copy for our new product launch targeting young adults.",
  "output": "Introducing the all-new XPhone! Sleek, powerful, and designed just for you. Get yours today and experience innovation like never before!",
  "raw_attributes": "{\"language\":\"en\",\"tone\":\"energetic\"}"
}

--- a span has its keys in the order of the schema
> GET /apis/intake/v2/workspaces/marketing-team/spans/a3f5c9d2-7b4e-4f1a-9c3e-2d8f7b6a1e4c
< 200 ordered
{
  "span_id": "*", "session_id": "*", "workspace": "*", "project": "*",
  "evaluation_context": {
    "evaluation_id": "*", "evaluation_sha": "*", "evaluation_run_id": "*", "dataset_id": "*",
    "dataset_name": "*", "dataset_version": "*", "test_case_id": "*", "metadata": "*"
  },
  "parent_span_id": "*", "kind": "*", "name": "*", "source": "*", "trace_id": "*", "started_at": "*",
  "ended_at": "*", "status": "*", "error_type": "*", "error_message": "*", "provider": "*", "model": "*",
  "prompt_id": "*", "prompt_name": "*", "prompt_version": "*", "agent_id": "*", "agent_name": "*",
  "tool_name": "*", "input_tokens": "*", "output_tokens": "*", "cached_tokens": "*", "total_tokens": "*",
  "usage_details": "*", "cost_total_usd": "*", "cost_input_usd": "*", "cost_output_usd": "*",
  "cost_details": "*", "input": "*", "output": "*", "raw_attributes": "*", "ingested_at": "*"
}
