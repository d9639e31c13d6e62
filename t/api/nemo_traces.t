# Traces: what makes one, who represents it, what is added up.

=== base /apis/intake/v2/workspaces/w
=== lines w 2026-03-02
defaults {"source":"otel","session_id":"s","kind":"AGENT","status":"success","ingested_at":"2026-03-02T00:00:00Z"}
# plain: a root and two children, roll-ups of some
{"span_id":"plain-root","trace_id":"plain","started_at":"2026-03-01T00:00:10Z","ended_at":"2026-03-01T00:00:12.5Z","name":"Plain","session_id":"s1","input":"hello","output":{"a":1},"evaluation_id":"e1","test_case_id":"tc1","input_tokens":0,"model":"m"}
{"span_id":"plain-1","trace_id":"plain","parent_span_id":"plain-root","started_at":"2026-03-01T00:00:11Z","ended_at":"2026-03-01T00:00:20Z","status":"error","kind":"LLM","output_tokens":5,"cost_total_usd":0.1}
{"span_id":"plain-2","trace_id":"plain","parent_span_id":"plain-1","started_at":"2026-03-01T00:00:11.5Z","kind":"TOOL","output_tokens":7,"cost_total_usd":0.2,"cost_output_usd":0.000000000001}
# bare: nothing but a root, unfinished
{"span_id":"bare-root","trace_id":"bare","started_at":"2026-03-01T00:00:09Z","session_id":"s2","status":"unknown"}
# orphan: no root at all
{"span_id":"orphan-1","trace_id":"orphan","parent_span_id":"gone","started_at":"2026-03-01T00:00:30Z"}
# empty parent: a root too
{"span_id":"rooted","trace_id":"empty-parent","parent_span_id":"","started_at":"2026-03-01T00:00:08Z","session_id":"s3","test_case_id":"only-a-case"}
# several roots: the earliest represents, the later one is an error
{"span_id":"late-root","trace_id":"several","started_at":"2026-03-01T00:00:07.5Z","name":"late","status":"error","session_id":"s4","total_tokens":1}
{"span_id":"first-root","trace_id":"several","started_at":"2026-03-01T00:00:07Z","name":"first","session_id":"s4","total_tokens":2}
{"span_id":"also-first","trace_id":"several","started_at":"2026-03-01T00:00:07Z","name":"also first","session_id":"s4","total_tokens":4}
# two sources: two traces with one id
{"span_id":"src-1","trace_id":"sources","started_at":"2026-03-01T00:00:06Z","source":"otel","name":"from otel","session_id":"s5"}
{"span_id":"src-1-child","trace_id":"sources","parent_span_id":"src-1","started_at":"2026-03-01T00:00:06.1Z","source":"otel","session_id":"s5"}
{"span_id":"src-2","trace_id":"sources","started_at":"2026-03-01T00:00:06.5Z","source":"atif","name":"from atif","session_id":"s5"}
# ties: the same start, by trace id
{"span_id":"y","trace_id":"tie-y","started_at":"2026-03-01T00:00:05Z","session_id":"s6"}
{"span_id":"x","trace_id":"tie-x","started_at":"2026-03-01T00:00:05Z","session_id":"s6"}
# moved: a root that came again with a parent, and its trace lost its root
{"span_id":"moved","trace_id":"moved","started_at":"2026-03-01T00:00:04Z","ingested_at":"2026-03-02T00:00:01Z"}
{"span_id":"moved","trace_id":"moved","parent_span_id":"p","started_at":"2026-03-01T00:00:04Z","ingested_at":"2026-03-02T00:00:02Z"}
# repeats: a root that says again what its child used
{"span_id":"rep-root","trace_id":"repeats","started_at":"2026-03-01T00:00:03Z","session_id":"s7","repeats_usage":true,"input_tokens":10,"cost_total_usd":1}
{"span_id":"rep-1","trace_id":"repeats","parent_span_id":"rep-root","started_at":"2026-03-01T00:00:03.1Z","session_id":"s7","input_tokens":10,"cost_total_usd":1}
# backwards: an end before the start
{"span_id":"back","trace_id":"backwards","started_at":"2026-03-01T00:00:02Z","ended_at":"2026-03-01T00:00:01Z","session_id":"s8"}

--- traces, the newest root first
> GET traces?mode=summary&page_size=20
< 200
{"data":[
  {"id":"plain","...":true},
  {"id":"bare","...":true},
  {"id":"empty-parent","...":true},
  {"id":"several","...":true},
  {"id":"sources","name":"from atif","...":true},
  {"id":"sources","name":"from otel","...":true},
  {"id":"tie-x","...":true},
  {"id":"tie-y","...":true},
  {"id":"repeats","...":true},
  {"id":"backwards","...":true}],
 "pagination":{"page":1,"page_size":20,"current_page_size":10,"total_pages":1,"total_results":10},
 "sort":"-started_at","filter":{}}

--- the oldest root first, ties still by id
> GET traces?mode=summary&page_size=20&sort=started_at
< 200
{"data":[
  {"id":"backwards","...":true},
  {"id":"repeats","...":true},
  {"id":"tie-x","...":true},
  {"id":"tie-y","...":true},
  {"id":"sources","name":"from otel","...":true},
  {"id":"sources","name":"from atif","...":true},
  {"id":"several","...":true},
  {"id":"empty-parent","...":true},
  {"id":"bare","...":true},
  {"id":"plain","...":true}],
 "sort":"started_at","...":true}

--- detailed is the default, with roll-ups: zero is kept, absent is left out
> GET traces?page_size=1
< 200
<< {"data":[{"id":"plain","root_span_id":"plain-root","session_id":"s1","workspace":"w","name":"Plain","experiment_context":{"experiment_id":"e1","test_case_id":"tc1"},"started_at":"2026-03-01T00:00:10Z","ended_at":"2026-03-01T00:00:12.500000Z","duration_ms":2500.0,"status":"success","input_tokens":0,"output_tokens":12,"cost_usd":0.3,"cost_output_usd":0.000000000001,"span_count":3,"error_count":1}],"pagination":{"page":1,"page_size":1,"current_page_size":1,"total_pages":10,"total_results":10},"sort":"-started_at","filter":{}}

--- summary leaves the roll-ups out and keeps context and duration
> GET traces?page_size=1&mode=summary
< 200
{"data":[{"id":"plain","root_span_id":"plain-root","session_id":"s1","workspace":"w","name":"Plain","experiment_context":{"experiment_id":"e1","test_case_id":"tc1"},"started_at":"2026-03-01T00:00:10Z","ended_at":"2026-03-01T00:00:12.500000Z","duration_ms":2500.0,"status":"success"}],"pagination":{"page":1,"page_size":1,"current_page_size":1,"total_pages":10,"total_results":10},"...":true}

--- preview adds the root's payloads
> GET traces?page_size=1&mode=preview
< 200 ordered
{"data":[{"id":"plain","root_span_id":"*","session_id":"*","workspace":"*","name":"*","input":"hello","output":"{\"a\":1}","experiment_context":"*","started_at":"*","ended_at":"*","duration_ms":"*","status":"*","input_tokens":0,"output_tokens":12,"cost_usd":0.3,"cost_output_usd":"*","span_count":3,"error_count":1}],"pagination":"*","sort":"*","filter":"*"}

--- a trace with nothing to add up
> GET traces/bare
< 200
<< {"id":"bare","root_span_id":"bare-root","session_id":"s2","workspace":"w","started_at":"2026-03-01T00:00:09Z","status":"unknown","span_count":1,"error_count":0}

--- a trace without a root is not listed
> GET traces
? filter={"id":"orphan"}
< 200
{"data":[],"pagination":{"total_results":0,"total_pages":0,"...":true},"...":true}

--- nor can it be got
> GET traces/orphan
< 404
<< {"detail":"Trace w/orphan not found"}

--- but its spans are there
> GET spans
? filter={"trace_id":"orphan"}
< 200
{"data":[{"span_id":"orphan-1","...":true}],"...":true}

--- a test case without an experiment is no context
> GET traces/empty-parent?mode=summary
< 200
{"id":"empty-parent","root_span_id":"rooted","session_id":"s3","workspace":"w","started_at":"2026-03-01T00:00:08Z","status":"success"}

--- of several roots the earliest represents, of equal starts the smaller span id; roll-ups are of all
> GET traces/several
< 200
{"id":"several","root_span_id":"also-first","name":"also first","session_id":"s4","workspace":"w","started_at":"2026-03-01T00:00:07Z","status":"success","total_tokens":7,"span_count":3,"error_count":1}

--- a filter picks the earliest root that matches
> GET traces
? filter={"status":"error"}
< 200
{"data":[{"id":"several","root_span_id":"late-root","name":"late","status":"error","total_tokens":7,"span_count":3,"error_count":1,"started_at":"2026-03-01T00:00:07.500000Z","session_id":"s4","workspace":"w"}],"pagination":{"total_results":1,"...":true},"...":true}

--- two sources are two traces; get shows the one that started last
> GET traces/sources
< 200
{"id":"sources","name":"from atif","root_span_id":"src-2","span_count":1,"...":true}

--- each source has its own roll-up
> GET traces
? filter={"id":"sources"}
< 200
{"data":[{"name":"from atif","span_count":1,"...":true},{"name":"from otel","span_count":2,"...":true}],"pagination":{"total_results":2,"...":true},"filter":{"id":"sources"},"...":true}

--- a root that came again with a parent is a root no more
> GET traces/moved
< 404
{"detail":"Trace w/moved not found"}

--- usage that repeats the children's is not added twice
> GET traces/repeats
< 200
{"id":"repeats","input_tokens":10,"cost_usd":1.0,"span_count":2,"error_count":0,"...":true}

--- an end before the start gives no duration
> GET traces/backwards?mode=summary
< 200
{"id":"backwards","root_span_id":"back","session_id":"s8","workspace":"w","started_at":"2026-03-01T00:00:02Z","ended_at":"2026-03-01T00:00:01Z","status":"success"}

# ---- filters ----

--- by session
> GET traces?mode=summary
? filter={"session_id":"s1"}
< 200
{"data":[{"id":"plain","...":true}],"filter":{"session_id":"s1"},"...":true}

--- by experiment and test case
> GET traces?mode=summary
? filter={"experiment_id":"e1","test_case_id":"tc1"}
< 200
{"data":[{"id":"plain","...":true}],"...":true}

--- by the other names of these
> GET traces?mode=summary
? filter={"evaluation_id":"e1","evaluation_name":"e1","test_case_name":"tc1"}
< 200
{"data":[{"id":"plain","...":true}],"filter":{"evaluation_id":"e1","evaluation_name":"e1","test_case_name":"tc1"},"...":true}

--- by a window of the root's start
> GET traces?mode=summary
? filter={"started_at":{"$gte":"2026-03-01T00:00:06.5Z","$lte":"2026-03-01T00:00:07Z"}}
< 200
{"data":[{"id":"several","...":true},{"id":"sources","name":"from atif","...":true}],"...":true}

--- a window that holds only the later root finds the trace by it
> GET traces?mode=summary
? filter[started_at][gte]=2026-03-01T00:00:07.1Z
? filter[started_at][lte]=2026-03-01T00:00:07.9Z
< 200
{"data":[{"id":"several","root_span_id":"late-root","...":true}],"...":true}

--- by a list of ids
> GET traces?mode=summary
? filter={"id":{"$in":["bare","plain","orphan"]}}
< 200
{"data":[{"id":"plain","...":true},{"id":"bare","...":true}],"...":true}

--- by a list of ids in brackets
> GET traces?mode=summary
? filter[id][in]=bare,plain
< 200
{"data":[{"id":"plain","...":true},{"id":"bare","...":true}],"...":true}

--- by a list of ids in one JSON text
> GET traces?mode=summary
? filter={"id":{"$in":"bare,plain"}}
< 200
{"data":[{"id":"plain","...":true},{"id":"bare","...":true}],"...":true}

--- by a list of ids in text
> GET traces?mode=summary
? filter=id IN ["bare","plain"]
< 200
{"data":[{"id":"plain","...":true},{"id":"bare","...":true}],"filter":{"id":{"$in":["bare","plain"]}},"...":true}

--- an empty list finds nothing
> GET traces
? filter={"id":{"$in":[]}}
< 200
{"data":[],"...":true}

--- a list of something else
> GET traces
? filter={"id":{"$in":["a",1]}}
< 400
{"detail":"Filter field 'id' with $in must be a list of strings."}

--- no list at all
> GET traces
? filter={"id":{"$in":1}}
< 400
{"detail":"Filter field 'id' with $in must be a list of strings."}

--- as many ids as are allowed
> GET traces?mode=summary
? filter={"id":{"$in":["bare"{{999*,"b"*}}]}}
< 200
{"data":[{"id":"bare","...":true}],"...":true}

--- one id more
> GET traces
? filter={"id":{"$in":["bare"{{1000*,"b"*}}]}}
< 400
{"detail":"Filter field 'id' with $in takes at most 1000 values."}

--- a list without $in
> GET traces
? filter[id]=a,b
< 400
{"detail":"Filter field 'id' must be a string."}

--- an id by another operator
> GET traces
? filter={"id":{"$like":"a"}}
< 400
{"detail":"Filter field 'id' only supports equality."}

--- an experiment by another operator
> GET traces
? filter={"experiment_id":{"$like":"a"}}
< 400
{"detail":"Unsupported trace filter: experiment_id $like"}

--- a session by another operator
> GET traces
? filter={"session_id":{"$like":"a"}}
< 400
{"detail":"Filter field 'session_id' only supports equality."}

--- started_at by equality
> GET traces
? filter={"started_at":"2026-03-01"}
< 400
{"detail":"Unsupported trace filter: started_at $eq"}

--- two names of the experiment that disagree
> GET traces
? filter={"experiment_id":"a","evaluation_id":"b"}
< 400
{"detail":"Conflicting trace filters for experiment_id"}

--- two names of the test case that disagree
> GET traces
? filter={"test_case_id":"a","test_case_name":"b"}
< 400
{"detail":"Conflicting trace filters for test_case_id"}

--- a field of spans only
> GET traces
? filter={"model":"m"}
< 400
{"detail":"Unknown filter field 'model'. Valid fields: ['created_at', 'entity_type', 'evaluation_id', 'evaluation_name', 'experiment_id', 'id', 'name', 'project', 'session_id', 'started_at', 'status', 'test_case_id', 'test_case_name', 'updated_at', 'workspace']"}

--- a field that NeMo knows and traces do not serve
> GET traces
? filter={"project":"p"}
< 400
{"detail":"Unsupported trace filter: project $eq"}

--- $or
> GET traces
? filter={"$or":[{"id":"a"}]}
< 400
{"detail":"Only AND-combined field filters are supported for Intake span storage."}

# ---- pages and parameters ----

--- pages
> GET traces?mode=summary&page=4&page_size=3
< 200
{"data":[{"id":"backwards","...":true}],"pagination":{"page":4,"page_size":3,"current_page_size":1,"total_pages":4,"total_results":10},"...":true}

--- a page past the end
> GET traces?page=5&page_size=3
< 200
{"data":[],"pagination":{"page":5,"page_size":3,"current_page_size":0,"total_pages":4,"total_results":10},"...":true}

--- wrong parameters, all at once
> GET traces?page=0&page_size=x&sort=span_count&mode=compact
< 422
{"detail":[
  {"loc":["query","page"],"type":"greater_than_equal","...":true},
  {"loc":["query","page_size"],"type":"int_parsing","...":true},
  {"loc":["query","sort"],"type":"enum","msg":"Input should be 'started_at' or '-started_at'","...":true},
  {"loc":["query","mode"],"type":"literal_error","msg":"Input should be 'summary', 'preview' or 'detailed'","...":true}]}

--- an unknown parameter
> GET traces?session_id=conv-a
< 400
{"detail":"Unsupported query parameter(s): session_id"}

--- get has a mode
> GET traces/plain?mode=preview
< 200
{"input":"hello","output":"{\"a\":1}","span_count":3,"...":true}

--- and says when it is wrong
> GET traces/plain?mode=x
< 422
{"detail":[{"type":"literal_error","loc":["query","mode"],"msg":"Input should be 'summary', 'preview' or 'detailed'","input":"x","ctx":{"expected":"'summary', 'preview' or 'detailed'"}}]}

--- a workspace that is not there
> GET /apis/intake/v2/workspaces/nobody/traces
< 404
{"detail":"Workspace 'nobody' not found"}

--- a trace of a workspace that is not there
> GET /apis/intake/v2/workspaces/nobody/traces/x
< 404
{"detail":"Workspace 'nobody' not found"}

--- the workspace default is there without being made
> GET /apis/intake/v2/workspaces/default/traces
< 200
{"data":[],"pagination":{"total_results":0,"total_pages":0,"...":true},"sort":"-started_at","filter":{}}
