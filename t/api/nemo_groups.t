# Groups of spans.

=== base /apis/intake/v2/workspaces/w
=== lines w 2026-03-02
defaults {"source":"otel","kind":"LLM","status":"success","started_at":"2026-03-01T00:00:00Z","ingested_at":"2026-03-02T00:00:00Z"}
{"<times>":3,"span_id":"b<i>","trace_id":"tb","session_id":"s1"}
{"<times>":3,"span_id":"a<i>","trace_id":"ta","session_id":"s1"}
{"<times>":2,"span_id":"c<i>","trace_id":"tc","session_id":"s2","kind":"TOOL"}
{"span_id":"d","trace_id":"ta","session_id":"s2"}
# The same trace from another source is the same group.
{"span_id":"e","trace_id":"tc","session_id":"s2","source":"atif"}
# Groups without a value are left out.
{"span_id":"f","trace_id":"td"}
{"span_id":"g","trace_id":"td","session_id":""}
# A span that came twice counts once, where its newest version is.
{"span_id":"h","trace_id":"te","session_id":"s3","ingested_at":"2026-03-02T00:00:01Z"}
{"span_id":"h","trace_id":"te","session_id":"s4","ingested_at":"2026-03-02T00:00:02Z"}
{"span_id":"i","trace_id":"tf","session_id":"ü \"x\" \\"}

--- by trace, the largest first, ties by the value
> GET spans/groups?by=trace_id
< 200
<< {"data":[{"group":{"trace_id":"ta"},"span_count":4},{"group":{"trace_id":"tb"},"span_count":3},{"group":{"trace_id":"tc"},"span_count":3},{"group":{"trace_id":"td"},"span_count":2},{"group":{"trace_id":"te"},"span_count":1},{"group":{"trace_id":"tf"},"span_count":1}],"pagination":{"page":1,"page_size":10,"current_page_size":6,"total_pages":1,"total_results":6},"sort":"-span_count","filter":{},"grouped_by":["trace_id"]}

--- the smallest first, ties in the same order
> GET spans/groups?by=trace_id&sort=span_count
< 200
{"data":[{"group":{"trace_id":"te"},"span_count":1},{"group":{"trace_id":"tf"},"span_count":1},{"group":{"trace_id":"td"},"span_count":2},{"group":{"trace_id":"tb"},"span_count":3},{"group":{"trace_id":"tc"},"span_count":3},{"group":{"trace_id":"ta"},"span_count":4}],"sort":"span_count","...":true}

--- by session, without the spans that have none
> GET spans/groups?by=session_id
< 200
{"data":[{"group":{"session_id":"s1"},"span_count":6},{"group":{"session_id":"s2"},"span_count":4},{"group":{"session_id":"s4"},"span_count":1},{"group":{"session_id":"ü \"x\" \\"},"span_count":1}],"pagination":{"total_results":4,"...":true},"grouped_by":["session_id"],"...":true}

--- by both, in the order that was asked for
> GET spans/groups?by=session_id,trace_id
< 200 ordered
{"data":[
  {"group":{"session_id":"s1","trace_id":"ta"},"span_count":3},
  {"group":{"session_id":"s1","trace_id":"tb"},"span_count":3},
  {"group":{"session_id":"s2","trace_id":"tc"},"span_count":3},
  {"group":{"session_id":"s2","trace_id":"ta"},"span_count":1},
  {"group":{"session_id":"s4","trace_id":"te"},"span_count":1},
  {"group":{"session_id":"ü \"x\" \\","trace_id":"tf"},"span_count":1}],
 "pagination":"*","sort":"*","filter":"*","grouped_by":["session_id","trace_id"]}

--- by both, the other way round: ties by the trace first
> GET spans/groups?by=trace_id,session_id&page_size=4
< 200 ordered
{"data":[
  {"group":{"trace_id":"ta","session_id":"s1"},"span_count":3},
  {"group":{"trace_id":"tb","session_id":"s1"},"span_count":3},
  {"group":{"trace_id":"tc","session_id":"s2"},"span_count":3},
  {"group":{"trace_id":"ta","session_id":"s2"},"span_count":1}],
 "pagination":{"page":1,"page_size":4,"current_page_size":4,"total_pages":2,"total_results":6},"sort":"*","filter":"*","grouped_by":["trace_id","session_id"]}

--- blanks and empty parts in by do not matter
> GET spans/groups?page_size=1
? by=, session_id ,, trace_id,
< 200
{"data":["*"],"grouped_by":["session_id","trace_id"],"...":true}

--- filters come before grouping
> GET spans/groups?by=session_id
? filter={"kind":"TOOL"}
< 200
{"data":[{"group":{"session_id":"s2"},"span_count":2}],"pagination":{"total_results":1,"...":true},"filter":{"kind":"TOOL"},"...":true}

--- a page of one row tells how many groups there are
> GET spans/groups?by=session_id&page=2&page_size=1
< 200
{"data":[{"group":{"session_id":"s2"},"span_count":4}],"pagination":{"page":2,"page_size":1,"current_page_size":1,"total_pages":4,"total_results":4},"...":true}

--- a page past the end
> GET spans/groups?by=session_id&page=3&page_size=2
< 200
{"data":[],"pagination":{"page":3,"page_size":2,"current_page_size":0,"total_pages":2,"total_results":4},"...":true}

--- nothing matches
> GET spans/groups?by=session_id
? filter={"kind":"GUARDRAIL"}
< 200
<< {"data":[],"pagination":{"page":1,"page_size":10,"current_page_size":0,"total_pages":0,"total_results":0},"sort":"-span_count","filter":{"kind":"GUARDRAIL"},"grouped_by":["session_id"]}

--- by is required
> GET spans/groups
< 422 ordered
{"detail":[{"type":"missing","loc":["query","by"],"msg":"Field required","input":null}]}

--- by is named before the others
> GET spans/groups?sort=started_at&page=0&page_size=1001
< 422
{"detail":[
  {"loc":["query","by"],"...":true},
  {"loc":["query","page"],"...":true},
  {"loc":["query","page_size"],"...":true},
  {"type":"enum","loc":["query","sort"],"msg":"Input should be 'span_count' or '-span_count'","input":"started_at","ctx":{"expected":"'span_count' or '-span_count'"}}]}

--- an empty by
> GET spans/groups?by=
< 400
{"detail":"At least one group-by field is required."}

--- a by of commas
> GET spans/groups?by=,%20,
< 400
{"detail":"At least one group-by field is required."}

--- an unknown field
> GET spans/groups?by=trace_id,model
< 400
{"detail":"Unsupported span group-by field: model. Allowed fields: trace_id, session_id"}

--- a field twice
> GET spans/groups?by=trace_id,session_id,trace_id
< 400
{"detail":"Duplicate span group-by field: trace_id"}

--- the first wrong part is named
> GET spans/groups?by=trace_id,trace_id,model
< 400
{"detail":"Duplicate span group-by field: trace_id"}

--- mode belongs to lists
> GET spans/groups?by=trace_id&mode=summary
< 400
{"detail":"Unsupported query parameter(s): mode"}

--- unknown parameters come before by
> GET spans/groups?by=model&mode=summary
< 400
{"detail":"Unsupported query parameter(s): mode"}

--- by comes before the filter's values
> GET spans/groups?by=model
? filter={"kind":"x"}
< 400
{"detail":"Unsupported span group-by field: model. Allowed fields: trace_id, session_id"}

--- a wrong value in the filter
> GET spans/groups?by=trace_id
? filter={"kind":"x"}
< 400
{"detail":"<re Filter field 'kind' must be one of: .*>"}

--- the filter's names come before everything
> GET spans/groups?page=0
? filter={"x":"y"}
< 400
{"detail":"<re Unknown filter field 'x'.*>"}

--- a workspace that is not there
> GET /apis/intake/v2/workspaces/nobody/spans/groups
< 404
{"detail":"Workspace 'nobody' not found"}

--- the workspace default is there without being made
> GET /apis/intake/v2/workspaces/default/spans/groups?by=trace_id
< 200
{"data":[],"grouped_by":["trace_id"],"...":true}
