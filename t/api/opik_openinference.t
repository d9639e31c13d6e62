# OTLP on Opik's path by the newest rules: OpenInference, models, providers, threads, usage, Claude Code.

=== base /api/v1/private

--- OpenInference: messages of the model are the output: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000001","spanId":"0000000000000101","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"input.value","value":{"stringValue":"hi"}},{"key":"llm.input_messages.0.message.role","value":{"stringValue":"user"}},{"key":"llm.input_messages.0.message.content","value":{"stringValue":"hi"}},{"key":"llm.output_messages.0.message.content","value":{"stringValue":"yo"}},{"key":"llm.token_count.prompt","value":{"stringValue":"3"}},{"key":"llm.token_count.completion","value":{"intValue":"-1"}},{"key":"metadata","value":{"stringValue":"{\"k\":1,\"thread_id\":\"x\"}"}},{"key":"session.id","value":{"stringValue":"S"}}]}]}]}]}
< 200
<< {}

--- OpenInference: messages of the model are the output
> GET spans/0000000000000101
< 200
{"input":{"value":"hi","messages":[{"role":"user","content":"hi"}]},"output":{"messages":[{"content":"yo"}]},"usage":{"prompt_tokens":3},"metadata":{"k":1,"thread_id":"S","openinference.span.kind":"LLM","llm.token_count.completion":-1},"type":"llm","...":true}

--- OpenInference: messages are ordered by their numbers, without gaps: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000002","spanId":"0000000000000102","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"llm.input_messages.2.message.content","value":{"stringValue":"two"}},{"key":"llm.input_messages.0.message.content","value":{"stringValue":"zero"}},{"key":"llm.input_messages.x.message.content","value":{"stringValue":"bad"}}]}]}]}]}
< 200
<< {}

--- OpenInference: messages are ordered by their numbers, without gaps
> GET spans/0000000000000102
< 200
{"input":{"messages":[{"content":"zero"},{"content":"two"}]},"metadata":{"openinference.span.kind":"LLM","llm.input_messages.x.message.content":"bad"},"...":true}

--- OpenInference: a list beside messages is a value: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000003","spanId":"0000000000000103","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"input.value","value":{"stringValue":"[1]"}},{"key":"input.mime_type","value":{"stringValue":"application/json; charset=utf-8"}},{"key":"llm.input_messages.0.message.role","value":{"stringValue":"user"}}]}]}]}]}
< 200
<< {}

--- OpenInference: a list beside messages is a value
> GET spans/0000000000000103
< 200
{"input":{"value":[1],"messages":[{"role":"user"}]},"metadata":{"openinference.span.kind":"LLM","input.mime_type":"application/json; charset=utf-8"},"...":true}

--- OpenInference: a list alone is the input, JSON without its type a text: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000004","spanId":"0000000000000104","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"input.value","value":{"stringValue":"[1]"}},{"key":"input.mime_type","value":{"stringValue":"application/json"}},{"key":"output.value","value":{"stringValue":"{\"a\":1}"}},{"key":"output.mime_type","value":{"stringValue":"text/plain"}}]}]}]}]}
< 200
<< {}

--- OpenInference: a list alone is the input, JSON without its type a text
> GET spans/0000000000000104
< 200
{"input":[1],"output":"{\"a\":1}","...":true}

--- OpenInference: an object is the base of the output: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000005","spanId":"0000000000000105","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"output.value","value":{"stringValue":"{\"a\":1,\"messages\":2}"}},{"key":"output.mime_type","value":{"stringValue":"Application/JSON"}},{"key":"llm.output_messages.0.message.role","value":{"stringValue":"assistant"}},{"key":"llm.finish_reason","value":{"stringValue":"stop"}}]}]}]}]}
< 200
<< {}

--- OpenInference: an object is the base of the output
> GET spans/0000000000000105
< 200
{"output":{"a":1,"messages":[{"role":"assistant"}],"finish_reason":"stop"},"...":true}

--- OpenInference: contents, tool calls and function calls: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000006","spanId":"0000000000000106","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"llm.output_messages.0.message.contents.1.message_content.image.image.url","value":{"stringValue":"u"}},{"key":"llm.output_messages.0.message.contents.0.message_content.type","value":{"stringValue":"text"}},{"key":"llm.output_messages.0.message.contents.0.message_content.text","value":{"stringValue":"t"}},{"key":"llm.output_messages.0.message.tool_calls.0.tool_call.id","value":{"stringValue":"c"}},{"key":"llm.output_messages.0.message.tool_calls.0.tool_call.function.name","value":{"stringValue":"f"}},{"key":"llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments","value":{"stringValue":"{\"x\":1}"}},{"key":"llm.output_messages.1.message.function_call_name","value":{"stringValue":"g"}},{"key":"llm.output_messages.1.message.function_call_arguments_json","value":{"stringValue":"{\"y\":2}"}},{"key":"llm.output_messages.1.message.contents.0.message_content.tool_call.function.arguments","value":{"stringValue":"{}"}}]}]}]}]}
< 200
<< {}

--- OpenInference: contents, tool calls and function calls
> GET spans/0000000000000106
< 200
{"output":{"messages":[{"contents":[{"type":"text","text":"t"},{"image":{"url":"u"}}],"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"contents":[{"tool_call":{"function":{"arguments":"{}"}}}],"function_call":{"name":"g","arguments":{"y":2}}}]},"...":true}

--- OpenInference: tools, prompts, parameters and templates are input: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000007","spanId":"0000000000000107","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"llm.tools.0.tool.json_schema","value":{"stringValue":"{\"type\":\"object\"}"}},{"key":"llm.prompts.0.prompt.text","value":{"stringValue":"p"}},{"key":"llm.choices.0.completion.text","value":{"stringValue":"c"}},{"key":"llm.invocation_parameters","value":{"stringValue":"{\"temperature\":0}"}},{"key":"llm.prompt_template.variables","value":{"stringValue":"{\"v\":1}"}},{"key":"llm.prompt_template.version","value":{"stringValue":"2"}}]}]}]}]}
< 200
<< {}

--- OpenInference: tools, prompts, parameters and templates are input
> GET spans/0000000000000107
< 200
{"input":{"tools":[{"json_schema":{"type":"object"}}],"prompts":[{"text":"p"}],"invocation_parameters":{"temperature":0},"prompt_template":{"variables":{"v":1},"version":"2"}},"output":{"choices":[{"text":"c"}]},"...":true}

--- OpenInference: parameters that are no JSON are metadata: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000008","spanId":"0000000000000108","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"llm.invocation_parameters","value":{"stringValue":"{bad"}}]}]}]}]}
< 200
<< {}

--- OpenInference: parameters that are no JSON are metadata
> GET spans/0000000000000108
< 200
{"metadata":{"openinference.span.kind":"LLM","llm.invocation_parameters":"{bad"},"...":true}

--- OpenInference: a count that is none is metadata: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000009","spanId":"0000000000000109","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"llm.token_count.total","value":{"stringValue":"x"}}]}]}]}]}
< 200
<< {}

--- OpenInference: a count that is none is metadata
> GET spans/0000000000000109
< 200
{"metadata":{"openinference.span.kind":"LLM","llm.token_count.total":"x"},"...":true}

--- OpenInference: details of usage: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000000a","spanId":"000000000000010a","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"llm.token_count.prompt","value":{"intValue":"10"}},{"key":"llm.token_count.completion","value":{"intValue":"5"}},{"key":"llm.token_count.prompt_details.cache_read","value":{"intValue":"4"}},{"key":"llm.token_count.prompt_details.cache_write","value":{"intValue":"2"}},{"key":"llm.token_count.prompt_details.audio","value":{"intValue":"1"}},{"key":"llm.token_count.completion_details.reasoning","value":{"intValue":"3"}},{"key":"llm.token_count.completion_details.audio","value":{"intValue":"0"}}]}]}]}]}
< 200
<< {}

--- OpenInference: details of usage
> GET spans/000000000000010a
< 200
{"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,"prompt_tokens_details.audio_tokens":1,"reasoning_tokens":3,"completion_tokens_details.audio_tokens":0},"...":true}

--- OpenInference: the system aws is bedrock: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000000b","spanId":"000000000000010b","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"llm.system","value":{"stringValue":"aws"}}]}]}]}]}
< 200
<< {}

--- OpenInference: the system aws is bedrock
> GET spans/000000000000010b
< 200
{"provider":"bedrock","...":true}

--- OpenInference: its provider and model win over others: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000000c","spanId":"000000000000010c","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"gen_ai.system","value":{"stringValue":"openai"}},{"key":"gen_ai.request.model","value":{"stringValue":"a"}},{"key":"llm.model_name","value":{"stringValue":"b"}},{"key":"llm.response.model_name","value":{"stringValue":"c"}},{"key":"llm.system","value":{"stringValue":"x"}},{"key":"llm.provider","value":{"stringValue":"anthropic"}}]}]}]}]}
< 200
<< {}

--- OpenInference: its provider and model win over others
> GET spans/000000000000010c
< 200
{"provider":"anthropic","model":"c","metadata":{"provider":"anthropic","openinference.span.kind":"LLM"},"...":true}

--- OpenInference: thread_id goes before session.id: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000000d","spanId":"000000000000010d","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"session.id","value":{"stringValue":"S"}},{"key":"thread_id","value":{"stringValue":"T"}}]}]}]}]}
< 200
<< {}

--- OpenInference: thread_id goes before session.id
> GET spans/000000000000010d
< 200
{"metadata":{"thread_id":"T","openinference.span.kind":"LLM"},"...":true}

--- OpenInference: what Opik sets in the metadata stays: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000000e","spanId":"000000000000010e","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"metadata","value":{"stringValue":"{\"integration\":\"x\",\"a\":2,\"user.id\":\"z\"}"}},{"key":"user.id","value":{"stringValue":"u"}}]}]}]}]}
< 200
<< {}

--- OpenInference: what Opik sets in the metadata stays
> GET spans/000000000000010e
< 200
{"metadata":{"a":2,"user.id":"u","openinference.span.kind":"LLM"},"...":true}

--- OpenInference: metadata that is no object: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000000f","spanId":"000000000000010f","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"metadata","value":{"stringValue":"text"}}]}]}]}]}
< 200
<< {}

--- OpenInference: metadata that is no object
> GET spans/000000000000010f
< 200
{"metadata":{"metadata":"text","openinference.span.kind":"LLM"},"...":true}

--- OpenInference: tags in each form: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000010","spanId":"0000000000000110","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"LLM"}},{"key":"tag.tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}]}]}]}
< 200
<< {}

--- OpenInference: tags in each form
> GET spans/0000000000000110
< 200
{"tags":["a","b"],"metadata":{"openinference.span.kind":"LLM"},"...":true}

--- OpenInference: cost and the schema of a tool: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000011","spanId":"0000000000000111","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"tool"}},{"key":"llm.cost.total","value":{"doubleValue":0.5}},{"key":"tool.json_schema","value":{"stringValue":"{\"a\":1}"}},{"key":"tool.name","value":{"stringValue":"t"}},{"key":"other","value":{"stringValue":"o"}}]}]}]}]}
< 200
<< {}

--- OpenInference: cost and the schema of a tool
> GET spans/0000000000000111
< 200
{"type":"tool","total_estimated_cost":0.5,"metadata":{"openinference.span.kind":"tool","tool.json_schema":{"a":1},"tool.name":"t","other":"o"},"...":true}

--- OpenInference: an agent is general: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000012","spanId":"0000000000000112","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"openinference.span.kind","value":{"stringValue":"AGENT"}},{"key":"gen_ai.request.model","value":{"stringValue":"m"}}]}]}]}]}
< 200
<< {}

--- OpenInference: an agent is general
> GET spans/0000000000000112
< 200
{"type":"general","model":"m","...":true}

--- messages without a kind of OpenInference are input, as ever: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000013","spanId":"0000000000000113","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"llm.input_messages.0.message.role","value":{"stringValue":"user"}},{"key":"llm.token_count.prompt","value":{"intValue":"3"}}]}]}]}]}
< 200
<< {}

--- messages without a kind of OpenInference are input, as ever
> GET spans/0000000000000113
< 200
{"input":{"llm.input_messages.0.message.role":"user"},"usage":{"prompt":3,"prompt_tokens":3},"...":true}

--- the last model wins: the requested one: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000014","spanId":"0000000000000114","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.response.model","value":{"stringValue":"r"}},{"key":"gen_ai.request.model","value":{"stringValue":"q"}}]}]}]}]}
< 200
<< {}

--- the last model wins: the requested one
> GET spans/0000000000000114
< 200
{"model":"q","...":true}

--- the last model wins: the one that answered: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000015","spanId":"0000000000000115","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"q"}},{"key":"gen_ai.response.model","value":{"stringValue":"r"}}]}]}]}]}
< 200
<< {}

--- the last model wins: the one that answered
> GET spans/0000000000000115
< 200
{"model":"r","...":true}

--- a model, a provider, usage and the first thread: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000016","spanId":"0000000000000116","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.request.model","value":{"stringValue":"gpt-5.4"}},{"key":"gen_ai.response.model","value":{"stringValue":"gpt-5.4-2026-03-05"}},{"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},{"key":"gen_ai.usage.input_tokens","value":{"stringValue":"10"}},{"key":"thread_id","value":{"stringValue":"A"}},{"key":"gen_ai.conversation.id","value":{"stringValue":"B"}}]}]}]}]}
< 200
<< {}

--- a model, a provider, usage and the first thread
> GET spans/0000000000000116
< 200
{"model":"gpt-5.4-2026-03-05","provider":"openai","type":"llm","usage":{"prompt_tokens":10},"metadata":{"thread_id":"A","provider":"openai"},"...":true}

--- a provider is trimmed and keeps its letters: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000017","spanId":"0000000000000117","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.provider.name","value":{"stringValue":" OpenAI "}}]}]}]}]}
< 200
<< {}

--- a provider is trimmed and keeps its letters
> GET spans/0000000000000117
< 200
{"provider":"OpenAI","...":true}

--- gen_ai.system wins when it comes first: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000018","spanId":"0000000000000118","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"xai"}},{"key":"gen_ai.provider.name","value":{"stringValue":"x_ai"}}]}]}]}]}
< 200
<< {}

--- gen_ai.system wins when it comes first
> GET spans/0000000000000118
< 200
{"provider":"xai","...":true}

--- gen_ai.system wins when it comes last: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000019","spanId":"0000000000000119","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.provider.name","value":{"stringValue":"x_ai"}},{"key":"gen_ai.system","value":{"stringValue":"xai"}}]}]}]}]}
< 200
<< {}

--- gen_ai.system wins when it comes last
> GET spans/0000000000000119
< 200
{"provider":"xai","...":true}

--- a blank gen_ai.system says nothing: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000001a","spanId":"000000000000011a","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":" "}},{"key":"gen_ai.provider.name","value":{"stringValue":"X_AI"}}]}]}]}]}
< 200
<< {}

--- a blank gen_ai.system says nothing
> GET spans/000000000000011a
< 200
{"provider":"xai","...":true}

--- Google's own API: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000001b","spanId":"000000000000011b","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"google"}},{"key":"server.address","value":{"stringValue":"generativelanguage.googleapis.com"}}]}]}]}]}
< 200
<< {}

--- Google's own API
> GET spans/000000000000011b
< 200
{"provider":"google_ai","...":true}

--- Google's cloud: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000001c","spanId":"000000000000011c","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"google"}},{"key":"server.address","value":{"stringValue":"eu-aiplatform.googleapis.com"}}]}]}]}]}
< 200
<< {}

--- Google's cloud
> GET spans/000000000000011c
< 200
{"provider":"google_vertexai","...":true}

--- a host that is nobody's stays: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000001d","spanId":"000000000000011d","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"openai.internal"}}]}]}]}]}
< 200
<< {}

--- a host that is nobody's stays
> GET spans/000000000000011d
< 200
{"provider":"openai.internal","...":true}

--- a provider's host: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000001e","spanId":"000000000000011e","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"api.fireworks.ai"}}]}]}]}]}
< 200
<< {}

--- a provider's host
> GET spans/000000000000011e
< 200
{"provider":"fireworks_ai","...":true}

--- a provider's host whose name has its end: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f000000000000000000000000000001f","spanId":"000000000000011f","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"api.x.ai"}}]}]}]}]}
< 200
<< {}

--- a provider's host whose name has its end
> GET spans/000000000000011f
< 200
{"provider":"xai","...":true}

--- a host below a provider's stays: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000020","spanId":"0000000000000120","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"eu.api.x.ai"}}]}]}]}]}
< 200
<< {}

--- a host below a provider's stays
> GET spans/0000000000000120
< 200
{"provider":"eu.api.x.ai","...":true}

--- Claude on Vertex AI: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000021","spanId":"0000000000000121","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.system","value":{"stringValue":"vertex_ai"}},{"key":"gen_ai.request.model","value":{"stringValue":"vertex_ai/claude-haiku-4-5"}}]}]}]}]}
< 200
<< {}

--- Claude on Vertex AI
> GET spans/0000000000000121
< 200
{"provider":"anthropic_vertexai","...":true}

--- one part of the usage makes no total: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000022","spanId":"0000000000000122","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.usage.input_tokens","value":{"intValue":"3"}}]}]}]}]}
< 200
<< {}

--- one part of the usage makes no total
> GET spans/0000000000000122
< 200
{"usage":{"prompt_tokens":3},"...":true}

--- a total in a text is one: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000023","spanId":"0000000000000123","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.usage.total_tokens","value":{"stringValue":"20"}}]}]}]}]}
< 200
<< {}

--- a total in a text is one
> GET spans/0000000000000123
< 200
{"usage":{"total_tokens":20},"...":true}

--- opik.metadata is merged: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000024","spanId":"0000000000000124","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"opik.metadata","value":{"stringValue":"{\"a\":1,\"thread_id\":\"no\"}"}},{"key":"opik.metadata.b","value":{"stringValue":"2"}}]}]}]}]}
< 200
<< {}

--- opik.metadata is merged
> GET spans/0000000000000124
< 200
{"metadata":{"a":1,"opik.metadata.b":"2"},"...":true}

--- the arguments of a call make a tool: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000025","spanId":"0000000000000125","name":"n","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"gen_ai.tool.call.arguments","value":{"stringValue":"{\"x\":1}"}},{"key":"gen_ai.tool.call.result","value":{"stringValue":"r"}}]}]}]}]}
< 200
<< {}

--- the arguments of a call make a tool
> GET spans/0000000000000125
< 200
{"type":"tool","input":{"gen_ai.tool.call.arguments":{"x":1}},"output":{"gen_ai.tool.call.result":"r"},"...":true}

--- Claude Code: a request: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000026","spanId":"0000000000000126","name":"claude_code.llm_request","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"model","value":{"stringValue":"claude-opus-5"}},{"key":"stop_reason","value":{"stringValue":"end_turn"}},{"key":"response.has_tool_call","value":{"boolValue":true}},{"key":"input_tokens","value":{"intValue":"5"}},{"key":"session.id","value":{"stringValue":"s"}},{"key":"duration_ms","value":{"intValue":"7"}}]}]}]}]}
< 200
<< {}

--- Claude Code: a request
> GET spans/0000000000000126
< 200
{"model":"claude-opus-5","provider":"anthropic","input":{"model":"claude-opus-5"},"output":{"stop_reason":"end_turn","response.has_tool_call":true},"usage":{"prompt_tokens":5},"metadata":{"provider":"anthropic","thread_id":"s","duration_ms":7},"...":true}

--- Claude Code: of a tool new_context is metadata and the last output counts: sent
> POST otel/v1/traces
> Content-Type: application/json
> projectName: oi
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"f0000000000000000000000000000027","spanId":"0000000000000127","name":"claude_code.tool","startTimeUnixNano":"1767225600000000000","attributes":[{"key":"new_context","value":{"stringValue":"c"}}],"events":[{"name":"tool.output","timeUnixNano":"1","attributes":[{"key":"output","value":{"stringValue":"first"}}]},{"name":"tool.output","timeUnixNano":"1","attributes":[{"key":"content","value":{"stringValue":"second"}}]}]}]}]}]}
< 200
<< {}

--- Claude Code: of a tool new_context is metadata and the last output counts
> GET spans/0000000000000127
< 200
{"metadata":{"provider":"anthropic","new_context":"c","opentelemetry.events":["*","*"]},"output":{"output":"second"},"...":true}

--- every dialect reads the answer as the output
> GET /apis/intake/v2/workspaces/default/spans/0000000000000101
< 200
{"input":"{\"value\":\"hi\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}","output":"{\"messages\":[{\"content\":\"yo\"}]}","...":true}
