# The filter of NeMo's lists: three syntaxes with one meaning, and every sentence it is refused with.

=== base /apis/intake/v2/workspaces/w
=== lines w 2026-03-02
defaults {"source":"otel","trace_id":"t","session_id":"s","kind":"UNKNOWN","status":"success","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"01","started_at":"2026-03-01T00:00:01Z","model":"gpt-4","project":"p"}
{"span_id":"02","started_at":"2026-03-01T00:00:02Z","model":"gpt-4","kind":"LLM","parent_span_id":"01"}
{"span_id":"03","started_at":"2026-03-01T00:00:03.000001Z","session_id":"s2","source":"atif","status":"error","parent_span_id":"01"}
{"span_id":"04","started_at":"2026-03-01T00:00:04Z","trace_id":"t2","tool_name":"grep","provider":"openai","agent_id":"a1","agent_name":"bot"}
{"span_id":"05","started_at":"2026-03-01T00:00:05Z","evaluation_id":"e","evaluation_sha":"sha","evaluation_run_id":"run","dataset_id":"d","dataset_name":"dn","dataset_version":"dv","test_case_id":"tc","prompt_name":"pn","prompt_version":"pv"}
{"span_id":"06","started_at":"2026-03-01T00:00:06Z","model":"a,b","project":"say \"hi\" \\ ü\n"}
{"span_id":"07","started_at":"2026-03-01T00:00:07Z","model":"","parent_span_id":""}

# ---- one meaning ----

--- without a filter everything is listed
> GET spans?mode=summary&sort=started_at
< 200
{"data":[{"span_id":"01","...":true},{"span_id":"02","...":true},{"span_id":"03","...":true},{"span_id":"04","...":true},{"span_id":"05","...":true},{"span_id":"06","...":true},{"span_id":"07","...":true}],"filter":{},"...":true}

--- span_id
> GET spans?filter[span_id]=03
< 200
{"data":[{"span_id":"03","...":true}],"filter":{"span_id":"03"},"...":true}

--- JSON compares by equality
> GET spans?sort=started_at
? filter={"model":"gpt-4"}
< 200
{"data":[{"span_id":"01","...":true},{"span_id":"02","...":true}],"filter":{"model":"gpt-4"},"...":true}

--- JSON may name the operator
> GET spans?sort=started_at
? filter={"model":{"$eq":"gpt-4"}}
< 200
{"data":[{"span_id":"01","...":true},{"span_id":"02","...":true}],"filter":{"model":{"$eq":"gpt-4"}},"...":true}

--- text compares by equality
> GET spans?sort=started_at
? filter=model:"gpt-4"
< 200
{"data":[{"span_id":"01","...":true},{"span_id":"02","...":true}],"filter":{"model":"gpt-4"},"...":true}

--- brackets compare by equality
> GET spans?sort=started_at
? filter[model]=gpt-4
< 200
{"data":[{"span_id":"01","...":true},{"span_id":"02","...":true}],"filter":{"model":"gpt-4"},"...":true}

--- brackets may name the operator
> GET spans?sort=started_at
? filter[model][$eq]=gpt-4
< 200
{"data":[{"span_id":"01","...":true},{"span_id":"02","...":true}],"filter":{"model":{"$eq":"gpt-4"}},"...":true}

--- JSON fields must all match
> GET spans
? filter={"model":"gpt-4","kind":"LLM"}
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"model":"gpt-4","kind":"LLM"},"...":true}

--- an explicit $and means the same
> GET spans
? filter={"$and":[{"model":"gpt-4"},{"kind":"LLM"}]}
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"$and":[{"model":"gpt-4"},{"kind":"LLM"}]},"...":true}

--- $and may stand inside a field
> GET spans
? filter={"started_at":{"$and":[{"$gte":"2026-03-01T00:00:02Z"},{"$lte":"2026-03-01T00:00:02Z"}]}}
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"started_at":{"$and":[{"$gte":"2026-03-01T00:00:02Z"},{"$lte":"2026-03-01T00:00:02Z"}]}},"...":true}

--- text joins with AND
> GET spans
? filter=model:"gpt-4" AND kind:"LLM"
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"model":"gpt-4","kind":"LLM"},"...":true}

--- in text a blank is an AND
> GET spans
? filter=model:"gpt-4" kind : "LLM"
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"model":"gpt-4","kind":"LLM"},"...":true}

--- text knows parentheses
> GET spans
? filter=(model:"gpt-4" AND (kind:"LLM"))
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"model":"gpt-4","kind":"LLM"},"...":true}

--- text compares times
> GET spans
? filter=started_at>="2026-03-01T00:00:02Z" AND started_at<="2026-03-01T00:00:02Z"
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"started_at":{"$gte":"2026-03-01T00:00:02Z","$lte":"2026-03-01T00:00:02Z"}},"...":true}

--- text that names a field twice is echoed as a list
> GET spans?sort=started_at
? filter=kind:"LLM" AND kind:"UNKNOWN" AND model:"gpt-4"
< 200
{"data":[{"span_id":"01","...":true}],"filter":{"$and":[{"kind":"LLM"},{"kind":"UNKNOWN"},{"model":"gpt-4"}]},"...":true}

--- brackets must all match
> GET spans
? filter[model]=gpt-4
? filter[kind]=LLM
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"model":"gpt-4","kind":"LLM"},"...":true}

--- brackets compare times, with and without $
> GET spans
? filter[started_at][gte]=2026-03-01T00:00:02Z
? filter[started_at][$lte]=2026-03-01T00:00:02Z
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"started_at":{"$gte":"2026-03-01T00:00:02Z","$lte":"2026-03-01T00:00:02Z"}},"...":true}

--- JSON operators may lack the $
> GET spans
? filter={"started_at":{"gte":"2026-03-01T00:00:02Z","lte":"2026-03-01T00:00:02Z"}}
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"started_at":{"$gte":"2026-03-01T00:00:02Z","$lte":"2026-03-01T00:00:02Z"}},"...":true}

--- with and without $ it is the same operator, and the last one counts
> GET spans
? filter[started_at][gte]=2030-01-01
? filter[started_at][$gte]=2026-03-01T00:00:07Z
< 200
{"data":[{"span_id":"07","...":true}],"filter":{"started_at":{"$gte":"2026-03-01T00:00:07Z"}},"...":true}

--- a bracket value that begins with a brace is JSON
> GET spans
? filter[started_at]={"$gte":"2026-03-01T00:00:02Z","$lte":"2026-03-01T00:00:02Z"}
< 200
{"data":[{"span_id":"02","...":true}],"...":true}

--- of filter and filter[…] the plain one wins
> GET spans
? filter[model]=nothing
? filter={"kind":"LLM"}
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"kind":"LLM"},"...":true}

--- of several plain filters the last wins
> GET spans
? filter={"kind":"TOOL"}
? filter={"kind":"LLM"}
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"kind":"LLM"},"...":true}

--- an empty object is no filter
> GET spans?page_size=1
? filter={}
< 200
{"data":["*"],"pagination":{"total_results":7,"...":true},"filter":{},"...":true}

--- an empty $and is no filter
> GET spans?page_size=1
? filter={"$and":[]}
< 200
{"data":["*"],"pagination":{"total_results":7,"...":true},"...":true}

--- blanks around JSON are allowed
> GET spans
? filter= {"kind": "LLM" } 
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"kind":"LLM"},"...":true}

--- of a repeated JSON key the last counts
> GET spans
? filter={"kind":"TOOL","kind":"LLM"}
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"kind":"LLM"},"...":true}

--- escapes in JSON do not matter
> GET spans
? filter={"\u006bind":"L\u004cM"}
< 200
{"data":[{"span_id":"02","...":true}],"filter":{"kind":"LLM"},"...":true}

--- quotes, backslashes, newlines and letters compare by text
> GET spans
? filter={"project":"say \"hi\" \\ \u00fc\n"}
< 200
{"data":[{"span_id":"06","...":true}],"filter":{"project":"say \"hi\" \\ ü\n"},"...":true}

--- text syntax understands escapes
> GET spans
? filter=project:"say \"hi\" \\ ü\n"
< 200
{"data":[{"span_id":"06","...":true}],"...":true}

--- a comma in a value can be asked for in JSON
> GET spans
? filter={"model":"a,b"}
< 200
{"data":[{"span_id":"06","...":true}],"...":true}

# ---- every field ----

--- session_id
> GET spans
? filter[session_id]=s2
< 200
{"data":[{"span_id":"03","...":true}],"...":true}

--- trace_id
> GET spans
? filter[trace_id]=t2
< 200
{"data":[{"span_id":"04","...":true}],"...":true}

--- parent_span_id finds the direct children
> GET spans?sort=started_at
? filter[parent_span_id]=01
< 200
{"data":[{"span_id":"02","...":true},{"span_id":"03","...":true}],"...":true}

--- an empty parent_span_id in JSON finds the roots
> GET spans?sort=started_at
? filter={"parent_span_id":""}
< 200
{"data":[{"span_id":"01","...":true},{"span_id":"04","...":true},{"span_id":"05","...":true},{"span_id":"06","...":true},{"span_id":"07","...":true}],"...":true}

--- source
> GET spans
? filter[source]=atif
< 200
{"data":[{"span_id":"03","...":true}],"...":true}

--- kind
> GET spans
? filter[kind]=LLM
< 200
{"data":[{"span_id":"02","...":true}],"...":true}

--- status
> GET spans
? filter[status]=error
< 200
{"data":[{"span_id":"03","...":true}],"...":true}

--- project
> GET spans
? filter[project]=p
< 200
{"data":[{"span_id":"01","...":true}],"...":true}

--- tool_name, provider, agent_id and agent_name
> GET spans
? filter={"tool_name":"grep","provider":"openai","agent_id":"a1","agent_name":"bot"}
< 200
{"data":[{"span_id":"04","...":true}],"...":true}

--- evaluation, dataset and test case
> GET spans
? filter={"evaluation_id":"e","evaluation_sha":"sha","evaluation_run_id":"run","dataset_id":"d","dataset_name":"dn","dataset_version":"dv","test_case_id":"tc"}
< 200
{"data":[{"span_id":"05","...":true}],"...":true}

--- evaluation_name and experiment_id are evaluation_id, test_case_name is test_case_id
> GET spans
? filter={"evaluation_name":"e","experiment_id":"e","test_case_name":"tc"}
< 200
{"data":[{"span_id":"05","...":true}],"filter":{"evaluation_name":"e","experiment_id":"e","test_case_name":"tc"},"...":true}

--- prompt_name and prompt_version, which upstream answers with 500
> GET spans
? filter={"prompt_name":"pn","prompt_version":"pv"}
< 200
{"data":[{"span_id":"05","...":true}],"...":true}

--- each of those must match
> GET spans
? filter={"evaluation_id":"e","dataset_version":"other"}
< 200
{"data":[],"...":true}

--- a value that is a number to the eye is a text
> GET spans
? filter[session_id]=12
< 200
{"data":[],"filter":{"session_id":"12"},"...":true}

--- an empty attribute matches nothing, not even an empty one
> GET spans
? filter={"model":""}
< 200
{"data":[],"pagination":{"total_results":0,"total_pages":0,"...":true},"...":true}

--- comparison of texts minds the case
> GET spans
? filter={"model":"GPT-4"}
< 200
{"data":[],"...":true}

# ---- a field more than once ----

--- of a column the last value counts
> GET spans
? filter={"$and":[{"kind":"TOOL"},{"kind":"LLM"}]}
< 200
{"data":[{"span_id":"02","...":true}],"...":true}

--- of an attribute all values must hold
> GET spans
? filter={"$and":[{"model":"gpt-4"},{"model":"gpt-5"}]}
< 200
{"data":[],"...":true}

--- aliases with different values find nothing
> GET spans
? filter={"evaluation_id":"e","evaluation_name":"f"}
< 200
{"data":[],"...":true}

--- of a bound the last value counts
> GET spans
? filter={"$and":[{"started_at":{"$gte":"2020-01-01"}},{"started_at":{"$gte":"2026-03-01T00:00:07Z"}}]}
< 200
{"data":[{"span_id":"07","...":true}],"...":true}

# ---- times ----

--- both bounds are inclusive, to the microsecond
> GET spans
? filter={"started_at":{"$gte":"2026-03-01T00:00:03.000001Z","$lte":"2026-03-01T00:00:03.000001Z"}}
< 200
{"data":[{"span_id":"03","...":true}],"...":true}

--- a microsecond later is too late
> GET spans
? filter={"started_at":{"$gte":"2026-03-01T00:00:03.000002Z","$lte":"2026-03-01T00:00:03.9Z"}}
< 200
{"data":[],"...":true}

--- a microsecond earlier is too early
> GET spans
? filter={"started_at":{"$gte":"2026-03-01T00:00:02.5Z","$lte":"2026-03-01T00:00:03Z"}}
< 200
{"data":[],"...":true}

--- an offset
> GET spans
? filter={"started_at":{"$gte":"2026-03-01T01:00:07+01:00"}}
< 200
{"data":[{"span_id":"07","...":true}],"...":true}

--- an offset in brackets, with its plus encoded
> GET spans?filter[started_at][gte]=2026-03-01T01:00:07%2B01:00
< 200
{"data":[{"span_id":"07","...":true}],"...":true}

--- without an offset it is UTC, a blank may stand for the T
> GET spans
? filter={"started_at":{"$gte":"2026-03-01 00:00:07"}}
< 200
{"data":[{"span_id":"07","...":true}],"...":true}

--- a date is its midnight
> GET spans
? filter={"started_at":{"$lte":"2026-03-01"}}
< 200
{"data":[],"...":true}

--- seconds since 1970
> GET spans
? filter={"started_at":{"$gte":1772323207}}
< 200
{"data":[{"span_id":"07","...":true}],"filter":{"started_at":{"$gte":1772323207}},"...":true}

--- seconds since 1970 as a text, with a fraction
> GET spans
? filter[started_at][gte]=1772323206.5
< 200
{"data":[{"span_id":"07","...":true}],"...":true}

--- milliseconds since 1970
> GET spans
? filter={"started_at":{"$gte":1772323207000}}
< 200
{"data":[{"span_id":"07","...":true}],"...":true}

# ---- refusals of the syntax: before anything else is looked at ----

--- bad JSON is shown
> GET spans
? filter={"model":
< 400 ordered
{"detail":"Invalid JSON in filter parameter: {\"model\":"}

--- an empty filter is refused
> GET spans?filter=
< 400
{"detail":"Filter query cannot be empty"}

--- an empty object inside is refused
> GET spans
? filter={"$and":[{}]}
< 400
{"detail":"No valid filter criteria found"}

--- an unknown operator
> GET spans
? filter={"model":{"$foo":"x"}}
< 400
{"detail":"'$foo' is not a valid FilterOperator"}

--- an unknown operator beside a known one
> GET spans
? filter={"started_at":{"$gte":"2026-01-01","foo":"x"}}
< 400
{"detail":"'foo' is not a valid FilterOperator"}

--- a logical operator beside a field
> GET spans
? filter={"project":"p","$or":[{"model":"a"}]}
< 400
{"detail":"Top-level filter mixes a logical operator with sibling keys (['$or', 'project']); wrap the siblings inside the logical operator or under an explicit $and"}

--- a logical operator beside an operator
> GET spans
? filter={"model":{"$eq":"x","$not":{"$eq":"y"}}}
< 400
{"detail":"Field 'model' filter mixes a logical operator with sibling keys (['$eq', '$not']); wrap the siblings inside the logical operator or under an explicit $and"}

--- a logical operator without $ beside an operator
> GET spans
? filter={"model":{"eq":"x","not":{"eq":"y"}}}
< 400
{"detail":"Field 'model' filter mixes a logical operator with sibling keys (['$eq', '$not']); wrap the siblings inside the logical operator or under an explicit $and"}

--- $and takes a list
> GET spans
? filter={"$and":{"model":"x"}}
< 400
{"detail":"$and takes a list of objects"}

--- $or takes objects
> GET spans
? filter={"$or":["x"]}
< 400
{"detail":"$or takes a list of objects"}

--- $not takes an object
> GET spans
? filter={"$not":[]}
< 400
{"detail":"$not takes an object"}

--- an unknown field
> GET spans
? filter={"modle":"x"}
< 400
{"detail":"Unknown filter field 'modle'. Valid fields: ['agent_id', 'agent_name', 'created_at', 'dataset_id', 'dataset_name', 'dataset_version', 'entity_type', 'evaluation_id', 'evaluation_name', 'evaluation_run_id', 'evaluation_sha', 'experiment_id', 'id', 'kind', 'model', 'name', 'parent_span_id', 'project', 'prompt_name', 'prompt_version', 'provider', 'session_id', 'source', 'span_id', 'started_at', 'status', 'test_case_id', 'test_case_name', 'tool_name', 'trace_id', 'updated_at', 'workspace']"}

--- an unknown field inside an $or
> GET spans
? filter={"$or":[{"model":"x"},{"nope":"y"}]}
< 400
{"detail":"<re Unknown filter field 'nope'\\. Valid fields: \\['agent_id', .*>"}

--- an unknown field in brackets
> GET spans
? filter[span]=01
< 400
{"detail":"<re Unknown filter field 'span'\\. .*>"}

--- an unknown field in text
> GET spans
? filter=span:"01"
< 400
{"detail":"<re Unknown filter field 'span'\\. .*>"}

--- brackets without a name
> GET spans?filter[]=x
< 400
{"detail":"<re Unknown filter field ''\\. .*>"}

--- a bad list in brackets
> GET spans
? filter[model]=[a,b]
< 400
{"detail":"Invalid filter value: '[a,b]'. Array and object values must be valid JSON with proper quoting. Example: [\"item1\",\"item2\"] not [item1,item2]"}

--- a bracket name that is a value and an object
> GET spans
? filter[model]=a
? filter[model][like]=b
< 400
{"detail":"Conflicting filter parameters: 'filter[model][like]'"}

--- too many brackets
> GET spans?filter[a][a][a][a][a][a][a][a][a]=x
< 400
{"detail":"Invalid filter parameter: too many brackets"}

--- text without a value
> GET spans?filter=model:
< 400
{"detail":"Invalid filter query: expected a value (texts stand in double quotes) at character 7"}

--- text without quotes
> GET spans?filter=model:gpt-4
< 400
{"detail":"Invalid filter query: expected a value (texts stand in double quotes) at character 7"}

--- text without an operator
> GET spans?filter=model
< 400
{"detail":"Invalid filter query: expected an operator at character 6"}

--- text that begins with an operator
> GET spans
? filter=:"x"
< 400
{"detail":"Invalid filter query: expected a field at character 1"}

--- text with an open quote
> GET spans
? filter=model:"gpt
< 400
{"detail":"Invalid filter query: expected a value (texts stand in double quotes) at character 7"}

--- text with an open parenthesis
> GET spans
? filter=(model:"a"
< 400
{"detail":"Invalid filter query: expected ) at character 11"}

--- text with a stray parenthesis
> GET spans
? filter=model:"a")
< 400
{"detail":"Invalid filter query: unexpected text at character 10"}

--- text with an open list
> GET spans
? filter=model IN ["a"
< 400
{"detail":"Invalid filter query: expected ] at character 14"}

--- text nested as deep as is allowed
> GET spans
? filter={{15*(*}}kind:"LLM"{{15*)*}}
< 200
{"data":[{"span_id":"02","...":true}],"...":true}

--- text nested too deep
> GET spans
? filter={{16*(*}}kind:"LLM"{{16*)*}}
< 400
{"detail":"Invalid filter query: too many parentheses at character 17"}

--- JSON nested as deep as is allowed
> GET spans
? filter={{20*{"$and":[*}}{"kind":"LLM"}{{20*]}*}}
< 200
{"data":[{"span_id":"02","...":true}],"...":true}

--- JSON nested too deep
> GET spans
? filter={{21*{"$and":[*}}{"kind":"LLM"}{{21*]}*}}
< 400
{"detail":"The filter is nested too deeply"}

# ---- refusals of the values: after the other parameters ----

--- $or is not served
> GET spans
? filter={"$or":[{"model":"a"},{"model":"b"}]}
< 400
{"detail":"Only AND-combined field filters are supported for Intake span storage."}

--- $not is not served
> GET spans
? filter={"$not":{"model":"a"}}
< 400
{"detail":"Only AND-combined field filters are supported for Intake span storage."}

--- $or inside a field is not served
> GET spans
? filter={"model":{"$or":[{"$eq":"a"},{"$eq":"b"}]}}
< 400
{"detail":"Only AND-combined field filters are supported for Intake span storage."}

--- not inside a field is not served
> GET spans
? filter={"model":{"not":{"eq":"a"}}}
< 400
{"detail":"Only AND-combined field filters are supported for Intake span storage."}

--- OR in text is not served
> GET spans
? filter=model:"a" OR model:"b"
< 400
{"detail":"Only AND-combined field filters are supported for Intake span storage."}

--- a minus in text is not served
> GET spans
? filter=-model:"a"
< 400
{"detail":"Only AND-combined field filters are supported for Intake span storage."}

--- that is said before a value is looked at
> GET spans
? filter={"$or":[{"model":5}]}
< 400
{"detail":"Only AND-combined field filters are supported for Intake span storage."}

--- like on a text field
> GET spans
? filter={"model":{"$like":"gpt"}}
< 400
{"detail":"Filter field 'model' only supports equality."}

--- like in text
> GET spans
? filter=model~"gpt"
< 400
{"detail":"Filter field 'model' only supports equality."}

--- IN in text
> GET spans
? filter=session_id IN ["a", "b"]
< 400
{"detail":"Filter field 'session_id' only supports equality."}

--- NOT IN in text
> GET spans
? filter=session_id NOT IN ["a"]
< 400
{"detail":"Filter field 'session_id' only supports equality."}

--- exists in brackets
> GET spans
? filter[model][exists]=true
< 400
{"detail":"Filter field 'model' only supports equality."}

--- another operator on an enum
> GET spans
? filter={"kind":{"$in":["LLM"]}}
< 400
{"detail":"Filter field 'kind' only supports equality."}

--- null in JSON
> GET spans
? filter={"model":null}
< 400
{"detail":"Filter field 'model' does not support null values."}

--- an empty bracket value is null, so roots cannot be asked for that way
> GET spans?filter[parent_span_id]=
< 400
{"detail":"Filter field 'parent_span_id' does not support null values."}

--- null for an enum
> GET spans
? filter={"kind":null}
< 400
{"detail":"Filter field 'kind' does not support null values."}

--- a number for a text
> GET spans
? filter={"model":4}
< 400
{"detail":"Filter field 'model' must be a string."}

--- an object for a text
> GET spans
? filter={"model":{"a":"b"}}
< 400
{"detail":"Filter field 'model' must be a string."}

--- an empty object for a text
> GET spans
? filter={"model":{}}
< 400
{"detail":"Filter field 'model' must be a string."}

--- a comma in brackets makes a list
> GET spans
? filter[model]=a,b
< 400
{"detail":"Filter field 'model' must be a string."}

--- a repeated bracket makes a list
> GET spans
? filter[model]=a
? filter[model]=b
< 400
{"detail":"Filter field 'model' must be a string."}

--- a bracket inside an unknown bracket
> GET spans
? filter[model][a]=b
< 400
{"detail":"Filter field 'model' must be a string."}

--- a kind that is none
> GET spans
? filter={"kind":"llm"}
< 400
{"detail":"Filter field 'kind' must be one of: LLM, CHAIN, TOOL, RETRIEVER, EMBEDDING, AGENT, RERANKER, EVALUATOR, GUARDRAIL, UNKNOWN"}

--- a number for a kind
> GET spans
? filter={"kind":1}
< 400
{"detail":"Filter field 'kind' must be one of: LLM, CHAIN, TOOL, RETRIEVER, EMBEDDING, AGENT, RERANKER, EVALUATOR, GUARDRAIL, UNKNOWN"}

--- a status that is none
> GET spans
? filter={"status":"ok"}
< 400
{"detail":"Filter field 'status' must be one of: success, error, cancelled, unknown"}

--- started_at by equality
> GET spans
? filter={"started_at":"2026-03-01"}
< 400
{"detail":"Unsupported span filter: started_at $eq"}

--- started_at by gt
> GET spans
? filter[started_at][gt]=2026-03-01
< 400
{"detail":"Unsupported span filter: started_at $gt"}

--- started_at by lt
> GET spans
? filter=started_at<"2026-03-01"
< 400
{"detail":"Unsupported span filter: started_at $lt"}

--- times beyond what a span can have are no end and no beginning
> GET spans?page_size=1
? filter={"started_at":{"$gte":"0001-01-01T00:00:00Z","$lte":"9999-12-31T23:59:59Z"}}
< 200
{"data":[{"span_id":"07","...":true}],"pagination":{"total_results":7,"...":true},"...":true}

--- and find nothing the other way round
> GET spans
? filter={"started_at":{"$gte":"9999-12-31T23:59:59Z"}}
< 200
{"data":[],"...":true}

--- a time that is none
> GET spans
? filter[started_at][gte]=yesterday
< 400
{"detail":"Filter field 'started_at' must be a valid datetime."}

--- null for a time
> GET spans
? filter={"started_at":{"$lte":null}}
< 400
{"detail":"Filter field 'started_at' must be a valid datetime."}

--- true for a time
> GET spans
? filter={"started_at":{"$lte":true}}
< 400
{"detail":"Filter field 'started_at' must be a valid datetime."}

--- a field that NeMo knows and spans do not serve
> GET spans
? filter={"name":"x"}
< 400
{"detail":"Unsupported span filter: name $eq"}

--- such a field with an operator
> GET spans
? filter={"created_at":{"$gte":"2026-01-01"}}
< 400
{"detail":"Unsupported span filter: created_at $gte"}

--- a data path
> GET spans
? filter={"data.x":"y"}
< 400
{"detail":"Unsupported span filter: data.x $eq"}

--- the first bad value is named
> GET spans
? filter={"model":1,"kind":"x"}
< 400
{"detail":"Filter field 'model' must be a string."}

# ---- limits ----

--- as many conditions as are allowed
> GET spans
? filter={{128*kind:"LLM" *}}
< 200
{"data":[{"span_id":"02","...":true}],"...":true}

--- one condition more
> GET spans
? filter={{129*kind:"LLM" *}}
< 400
{"detail":"A filter has at most 128 conditions"}
