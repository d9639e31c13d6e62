# Listing and getting spans: parameters, order, pages, modes, and how a span is shown.

=== base /apis/intake/v2/workspaces/w
=== lines w 2026-03-02
defaults {"source":"otel","trace_id":"t","session_id":"s","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
# The same start: the order of these is the tie-break's. They are stored in another.
{"span_id":"tie-b","trace_id":"t2"}
{"span_id":"tie-a","trace_id":"t2","source":"z"}
{"span_id":"tie-a","trace_id":"t2","source":"y"}
{"span_id":"tie-c","trace_id":"t1"}
{"span_id":"late","started_at":"2026-03-01T00:00:00.000002Z"}
{"span_id":"early","started_at":"2026-02-28T23:59:59.999999Z"}
=== workspace empty

=== lines many 2026-03-02
defaults {"source":"otel","trace_id":"t","session_id":"s","kind":"LLM","status":"success","ingested_at":"2026-03-02T00:00:00Z"}
{"<times>":1000,"span_id":"m<iii>","started_at":"2026-03-01T00:00:00.<iii>Z"}
{"span_id":"last","started_at":"2026-03-01T00:00:01Z"}

=== lines shown 2026-03-02
defaults {"source":"otel","trace_id":"t","session_id":"s","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"bare"}
{"span_id":"nokind","kind":"<absent>","status":"<absent>"}
{"span_id":"context-metadata","evaluation_metadata":{"a":[1]}}
{"span_id":"context-id","evaluation_id":"e"}
{"span_id":"context-case","test_case_id":"tc"}
{"span_id":"times","started_at":"2026-03-01T10:20:30.123456789Z","ended_at":"2026-03-01T10:20:30.100000999Z","ingested_at":"2026-03-02T00:00:00.5Z"}
{"span_id":"costs","cost_total_usd":1.50,"cost_input_usd":0,"cost_output_usd":1e-7,"cost_details":{"cache":0.10},"usage_details":{"completion_details.reasoning":3}}
{"span_id":"zeros","cost_total_usd":10.00,"cost_input_usd":0.0100,"cost_output_usd":1.50e10}
{"span_id":"object","input":{"messages":[{"role":"user","content":"hé \"x\"\n"}]},"output":[1,2.50,null]}
{"span_id":"scalars","input":12.0,"output":true}
{"span_id":"null","input":null,"output":""}
{"span_id":"text","input":"line 1\nline 2 \"quoted\" \\ ü 😀 \u0001","output":"{\"a\":1}"}
{"span_id":"root","parent_span_id":""}
{"span_id":"empty-attributes","attributes":{}}
{"span_id":"attributes","attributes":{"n":7,"f":7.0,"s":"ü\n","o":{"a":null}}}
{"span_id":"foreign","tags":["a","b"],"metadata":{"k":1},"attributes":{"x":1}}
{"span_id":"foreign-only","metadata":{"k":1},"expected":"e"}
{"span_id":"foreign-clash","tags":["a"],"attributes":{"tags":"own"}}
{"span_id":"a/b","name":"an id with a slash"}
{"span_id":"ä \"q\" \\ %","name":"an id that must be escaped"}
{"span_id":"unknown-member","colour":"blue","name":"kept by the store, not shown by NeMo"}
{"span_id":"long","name":"long","input":"{{350*é*}}","output":{"k":"{{400*x*}}"},"error_message":"{{1200*ü*}}","attributes":{"a":1},"status":"error"}
{"span_id":"escapes","session_id":"escapes","input":"{{350*\n*}}"}

=== lines twins 2026-03-02
defaults {"source":"otel","session_id":"s","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"span_id":"same","trace_id":"t1","name":"older","ingested_at":"2026-03-02T00:00:01Z"}
{"span_id":"same","trace_id":"t2","name":"newest","ingested_at":"2026-03-02T00:00:03Z"}
{"span_id":"same","trace_id":"t1","source":"atif","name":"middle","ingested_at":"2026-03-02T00:00:02Z"}
{"span_id":"again","trace_id":"t1","name":"first","session_id":"s1","ingested_at":"2026-03-02T00:00:01Z"}
{"span_id":"again","trace_id":"t1","name":"second","session_id":"s2","started_at":"2026-03-01T00:00:09Z","model":"m","ingested_at":"2026-03-02T00:00:02Z"}

# ---- order ----

--- the newest come first, ties by trace, span and source
> GET spans?mode=summary
< 200
{"data":[
  {"span_id":"late","...":true},
  {"span_id":"tie-c","...":true},
  {"span_id":"tie-a","source":"y","...":true},
  {"span_id":"tie-a","source":"z","...":true},
  {"span_id":"tie-b","...":true},
  {"span_id":"early","...":true}],
 "pagination":{"page":1,"page_size":10,"current_page_size":6,"total_pages":1,"total_results":6},
 "sort":"-started_at","filter":{}}

--- the oldest first, ties in the same order
> GET spans?sort=started_at
< 200
{"data":[
  {"span_id":"early","...":true},
  {"span_id":"tie-c","...":true},
  {"span_id":"tie-a","source":"y","...":true},
  {"span_id":"tie-a","source":"z","...":true},
  {"span_id":"tie-b","...":true},
  {"span_id":"late","...":true}],
 "pagination":"*","sort":"started_at","filter":{}}

--- the members of a page stand in this order
> GET spans?page_size=1&mode=summary
< 200 ordered
{"data":[{"span_id":"*","session_id":"*","workspace":"w","kind":"*","source":"*","trace_id":"*","started_at":"*","status":"*","usage_details":{},"cost_details":{},"ingested_at":"*"}],
 "pagination":{"page":1,"page_size":1,"current_page_size":1,"total_pages":6,"total_results":6},
 "sort":"-started_at","filter":{}}

# ---- pages ----

--- a second page
> GET spans?page=2&page_size=4&mode=summary
< 200
{"data":[{"span_id":"tie-b","...":true},{"span_id":"early","...":true}],
 "pagination":{"page":2,"page_size":4,"current_page_size":2,"total_pages":2,"total_results":6},"...":true}

--- a page past the end is empty and keeps the totals
> GET spans?page=3&page_size=4
< 200
{"data":[],"pagination":{"page":3,"page_size":4,"current_page_size":0,"total_pages":2,"total_results":6},"sort":"-started_at","filter":{}}

--- a page so far out that its offset overflows
> GET spans?page=9223372036854775807&page_size=1000
< 200
{"data":[],"pagination":{"page":9223372036854775807,"page_size":1000,"current_page_size":0,"total_pages":1,"total_results":6},"...":true}

--- a page beyond 64 bits is echoed as it is
> GET spans?page=+00_9223372036854775808000.0&page_size=5
< 200
<< {"data":[],"pagination":{"page":9223372036854775808000,"page_size":5,"current_page_size":0,"total_pages":2,"total_results":6},"sort":"-started_at","filter":{}}

--- a page of 4,300 digits, as many as Python reads
> GET spans?page={{4300*9*}}
< 200
{"data":[],"...":true}

--- a page of one digit more
> GET spans?page={{4301*9*}}
< 422
{"detail":[{"type":"int_parsing_size","loc":["query","page"],"msg":"Unable to parse input string as an integer, exceeded maximum size","input":"{{4301*9*}}"}]}

--- an empty workspace has no pages
> GET /apis/intake/v2/workspaces/empty/spans
< 200
<< {"data":[],"pagination":{"page":1,"page_size":10,"current_page_size":0,"total_pages":0,"total_results":0},"sort":"-started_at","filter":{}}

--- the largest page
> GET /apis/intake/v2/workspaces/many/spans?page_size=1000&mode=summary&filter[session_id]=s&sort=started_at&page=2
< 200
{"data":[{"span_id":"last","...":true}],
 "pagination":{"page":2,"page_size":1000,"current_page_size":1,"total_pages":2,"total_results":1001},"...":true}

--- a large page is sent whole
> GET /apis/intake/v2/workspaces/many/spans?page_size=1000&sort=started_at
< 200
{"data":"*","pagination":{"page":1,"page_size":1000,"current_page_size":1000,"total_pages":2,"total_results":1001},"...":true}

--- of a repeated parameter the last counts
> GET spans?page=7&page=1&page_size=99&page_size=1
< 200
{"data":["*"],"pagination":{"page":1,"page_size":1,"current_page_size":1,"total_pages":6,"total_results":6},"...":true}

# ---- wrong parameters ----

--- page 0
> GET spans?page=0
< 422 ordered
{"detail":[{"type":"greater_than_equal","loc":["query","page"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}}]}

--- page_size 0
> GET spans?page_size=0
< 422
{"detail":[{"type":"greater_than_equal","loc":["query","page_size"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}}]}

--- page_size 1001
> GET spans?page_size=1001
< 422
{"detail":[{"type":"less_than_equal","loc":["query","page_size"],"msg":"Input should be less than or equal to 1000","input":"1001","ctx":{"le":1000}}]}

--- a page that is no number
> GET spans?page=abc
< 422
{"detail":[{"type":"int_parsing","loc":["query","page"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"abc"}]}

--- an empty page
> GET spans?page=
< 422
{"detail":[{"type":"int_parsing","loc":["query","page"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":""}]}

--- an unknown sort
> GET spans?sort=name
< 422
{"detail":[{"type":"enum","loc":["query","sort"],"msg":"Input should be 'started_at' or '-started_at'","input":"name","ctx":{"expected":"'started_at' or '-started_at'"}}]}

--- an unknown mode
> GET spans?mode=full
< 422
{"detail":[{"type":"literal_error","loc":["query","mode"],"msg":"Input should be 'summary', 'preview' or 'detailed'","input":"full","ctx":{"expected":"'summary', 'preview' or 'detailed'"}}]}

--- all that is wrong is said at once, in the order of the parameters
> GET spans?mode=x&sort=y&page_size=-1&page=1.5
< 422
{"detail":[
  {"loc":["query","page"],"type":"int_parsing","...":true},
  {"loc":["query","page_size"],"type":"greater_than_equal","...":true},
  {"loc":["query","sort"],"type":"enum","...":true},
  {"loc":["query","mode"],"type":"literal_error","...":true}]}

--- unknown parameters are named once each, in order
> GET spans?zeta=1&session_id=s&zeta=2&Page=1
< 400
{"detail":"Unsupported query parameter(s): Page, session_id, zeta"}

--- by belongs to groups
> GET spans?by=trace_id
< 400
{"detail":"Unsupported query parameter(s): by"}

--- a body with a GET is ignored
> GET spans?page_size=1
> Content-Type: application/json
>> {"page":"nonsense"
< 200
{"data":["*"],"...":true}

# ---- the order of checks ----

--- the workspace comes before the filter
> GET /apis/intake/v2/workspaces/nobody/spans?filter={&page=0&nope=1
< 404
{"detail":"Workspace 'nobody' not found"}

--- the filter's syntax comes before the other parameters
> GET spans?page=0&nope=1
? filter={"modle":"x"}
< 400
{"detail":"<re Unknown filter field 'modle'.*>"}

--- the known parameters come before the unknown ones
> GET spans?page=0&nope=1
? filter={"kind":"nope"}
< 422
{"detail":[{"loc":["query","page"],"...":true}]}

--- unknown parameters come before the filter's values
> GET spans?nope=1
? filter={"kind":"nope"}
< 400
{"detail":"Unsupported query parameter(s): nope"}

# ---- workspaces ----

--- the workspace default is there without being made
> GET /apis/intake/v2/workspaces/default/spans
< 200
{"data":[],"pagination":{"total_results":0,"total_pages":0,"...":true},"sort":"-started_at","filter":{}}

--- a span of a workspace that is not there
> GET /apis/intake/v2/workspaces/nobody/spans/x
< 404
{"detail":"Workspace 'nobody' not found"}

--- a workspace sees only its own
> GET spans/bare
< 404
{"detail":"Span w/bare not found"}

# ---- a span ----

--- a span that is not there
> GET spans/nope
< 404
< Content-Type: application/json
<< {"detail":"Span w/nope not found"}

--- only what is known of a span is shown
> GET /apis/intake/v2/workspaces/shown/spans/bare
< 200
<< {"span_id":"bare","session_id":"s","workspace":"shown","kind":"LLM","source":"otel","trace_id":"t","started_at":"2026-03-01T00:00:00Z","status":"success","usage_details":{},"cost_details":{},"ingested_at":"2026-03-02T00:00:00Z"}

--- kind and status are always shown
> GET /apis/intake/v2/workspaces/shown/spans/nokind
< 200
{"kind":"UNKNOWN","status":"unknown","...":true}

--- an evaluation context of metadata only
> GET /apis/intake/v2/workspaces/shown/spans/context-metadata
< 200
{"evaluation_context":{"metadata":{"a":[1]}},"...":true}

--- an evaluation context without metadata has an empty one
> GET /apis/intake/v2/workspaces/shown/spans/context-id
< 200
{"evaluation_context":{"evaluation_id":"e","metadata":{}},"...":true}

--- an evaluation context of a test case only
> GET /apis/intake/v2/workspaces/shown/spans/context-case
< 200
{"evaluation_context":{"test_case_id":"tc","metadata":{}},"...":true}

--- times are cut to microseconds
> GET /apis/intake/v2/workspaces/shown/spans/times
< 200
{"started_at":"2026-03-01T10:20:30.123456Z","ended_at":"2026-03-01T10:20:30.100000Z","ingested_at":"2026-03-02T00:00:00.500000Z","...":true}

--- costs are floats, details are as they came
> GET /apis/intake/v2/workspaces/shown/spans/costs
< 200
<< {"span_id":"costs","session_id":"s","workspace":"shown","kind":"LLM","source":"otel","trace_id":"t","started_at":"2026-03-01T00:00:00Z","status":"success","usage_details":{"completion_details.reasoning":3},"cost_total_usd":1.5,"cost_input_usd":0.0,"cost_output_usd":1e-07,"cost_details":{"cache":0.10},"ingested_at":"2026-03-02T00:00:00Z"}

--- zeros at the end of a cost are not shown
> GET /apis/intake/v2/workspaces/shown/spans/zeros
< 200
<< {"span_id":"zeros","session_id":"s","workspace":"shown","kind":"LLM","source":"otel","trace_id":"t","started_at":"2026-03-01T00:00:00Z","status":"success","usage_details":{},"cost_total_usd":10.0,"cost_input_usd":0.01,"cost_output_usd":15000000000.0,"cost_details":{},"ingested_at":"2026-03-02T00:00:00Z"}

--- payloads that are no text are shown as compact JSON text
> GET /apis/intake/v2/workspaces/shown/spans/object
< 200
{"input":"{\"messages\":[{\"role\":\"user\",\"content\":\"hé \\\"x\\\"\\n\"}]}","output":"[1,2.50,null]","...":true}

--- so are numbers and booleans
> GET /apis/intake/v2/workspaces/shown/spans/scalars
< 200
{"input":"12.0","output":"true","...":true}

--- a null payload is none, an empty one is shown
> GET /apis/intake/v2/workspaces/shown/spans/null
< 200
{"span_id":"null","output":"","session_id":"*","workspace":"*","kind":"*","source":"*","trace_id":"*","started_at":"*","status":"*","usage_details":{},"cost_details":{},"ingested_at":"*"}

--- texts are shown as they are
> GET /apis/intake/v2/workspaces/shown/spans/text
< 200
{"input":"line 1\nline 2 \"quoted\" \\ ü 😀 \u0001","output":"{\"a\":1}","...":true}

--- an empty parent is none
> GET /apis/intake/v2/workspaces/shown/spans/root
< 200
{"span_id":"root","session_id":"*","workspace":"*","kind":"*","source":"*","trace_id":"*","started_at":"*","status":"*","usage_details":{},"cost_details":{},"ingested_at":"*"}

--- attributes without members are not shown
> GET /apis/intake/v2/workspaces/shown/spans/empty-attributes
< 200
{"span_id":"empty-attributes","session_id":"*","workspace":"*","kind":"*","source":"*","trace_id":"*","started_at":"*","status":"*","usage_details":{},"cost_details":{},"ingested_at":"*"}

--- raw_attributes is a text with the values as they came
> GET /apis/intake/v2/workspaces/shown/spans/attributes
< 200
{"raw_attributes":"{\"n\":7,\"f\":7.0,\"s\":\"ü\\n\",\"o\":{\"a\":null}}","...":true}

--- what other dialects store beside the attributes is put behind them
> GET /apis/intake/v2/workspaces/shown/spans/foreign
< 200
{"raw_attributes":"{\"x\":1,\"tags\":[\"a\",\"b\"],\"metadata\":{\"k\":1}}","...":true}

--- also when there are no attributes
> GET /apis/intake/v2/workspaces/shown/spans/foreign-only
< 200
{"raw_attributes":"{\"metadata\":{\"k\":1},\"expected\":\"e\"}","...":true}

--- an attribute of that name wins
> GET /apis/intake/v2/workspaces/shown/spans/foreign-clash
< 200
{"raw_attributes":"{\"tags\":\"own\"}","...":true}

--- an id with a slash can be got
> GET /apis/intake/v2/workspaces/shown/spans/a%2Fb
< 200
{"span_id":"a/b","name":"an id with a slash","...":true}

--- an id that must be escaped in JSON and in the path can be got
> GET /apis/intake/v2/workspaces/shown/spans/%C3%A4%20%22q%22%20%5C%20%25
< 200
{"span_id":"ä \"q\" \\ %","name":"an id that must be escaped","...":true}

--- and is named in the 404
> GET /apis/intake/v2/workspaces/w/spans/%C3%A4%20%22
< 404
{"detail":"Span w/ä \" not found"}

--- unknown members of a line are not shown
> GET /apis/intake/v2/workspaces/shown/spans/unknown-member
< 200
{"span_id":"unknown-member","name":"*","session_id":"*","workspace":"*","kind":"*","source":"*","trace_id":"*","started_at":"*","status":"*","usage_details":{},"cost_details":{},"ingested_at":"*"}

--- get has no parameters and minds none
> GET /apis/intake/v2/workspaces/shown/spans/long?mode=summary&x=1
< 200
{"input":"{{350*é*}}","output":"{\"k\":\"{{400*x*}}\"}","error_message":"{{1200*ü*}}","raw_attributes":"{\"a\":1}","...":true}

# ---- modes ----

--- detailed is the default and shows all
> GET /apis/intake/v2/workspaces/shown/spans
? filter={"status":"error"}
< 200
{"data":[{"input":"{{350*é*}}","output":"{\"k\":\"{{400*x*}}\"}","error_message":"{{1200*ü*}}","raw_attributes":"{\"a\":1}","...":true}],"...":true}

--- summary omits payloads and raw attributes and cuts the error message at 1000 characters
> GET /apis/intake/v2/workspaces/shown/spans?mode=summary
? filter={"status":"error"}
< 200
{"data":[{"span_id":"long","session_id":"*","workspace":"*","kind":"*","name":"long","source":"*","trace_id":"*","started_at":"*","status":"error","error_message":"{{1000*ü*}}","usage_details":{},"cost_details":{},"ingested_at":"*"}],"...":true}

--- preview cuts payloads at 300 characters
> GET /apis/intake/v2/workspaces/shown/spans?mode=preview
? filter={"status":"error"}
< 200
{"data":[{"span_id":"long","session_id":"*","workspace":"*","kind":"*","name":"long","source":"*","trace_id":"*","started_at":"*","status":"error","error_message":"{{1000*ü*}}","usage_details":{},"cost_details":{},"input":"{{300*é*}}","output":"{\"k\":\"{{294*x*}}","ingested_at":"*"}],"...":true}

--- an escape is one character
> GET /apis/intake/v2/workspaces/shown/spans?mode=preview
? filter={"session_id":"escapes"}
< 200
{"data":[{"span_id":"escapes","input":"{{300*\n*}}","...":true}],"...":true}

# ---- versions and twins ----

--- of several spans with one id the newest is got
> GET /apis/intake/v2/workspaces/twins/spans/same
< 200
{"name":"newest","trace_id":"t2","...":true}

--- but all of them are listed
> GET /apis/intake/v2/workspaces/twins/spans?sort=started_at&mode=summary
< 200
{"data":[{"span_id":"same","name":"middle","source":"atif","...":true},{"span_id":"same","name":"older","...":true},{"span_id":"same","name":"newest","...":true},{"span_id":"again","name":"second","...":true}],"pagination":{"total_results":4,"...":true},"...":true}

--- a span that came again is the newer one, whatever its session and start
> GET /apis/intake/v2/workspaces/twins/spans/again
< 200
{"name":"second","session_id":"s2","started_at":"2026-03-01T00:00:09Z","model":"m","...":true}

--- the older one is found no more
> GET /apis/intake/v2/workspaces/twins/spans
? filter={"session_id":"s1"}
< 200
{"data":[],"pagination":{"total_results":0,"...":true},"...":true}
