# last_updated_at is shown in microseconds, and asked for as it is shown.

=== base /v1/private

=== lines w 2026-03-02
{"span_id":"00000000000000c1","trace_id":"0af7651916cd43dd8448eb211c8031c1","source":"otel","started_at":"2026-03-02T00:00:00Z","name":"x","ingested_at":"2026-03-02T00:00:00.123456789Z"}
{"span_id":"00000000000000c2","trace_id":"0af7651916cd43dd8448eb211c8031c2","source":"otel","started_at":"2026-03-02T00:00:00Z","name":"y","ingested_at":"2026-03-02T00:00:00.123456001Z","updated_at":"2026-03-02T00:00:01.000001999Z"}

--- at that time
> GET spans?project_name=Default%20Project
? filters=[{"field":"last_updated_at","operator":"=","value":"2026-03-02T00:00:00.123456Z"}]
> Comet-Workspace: w
< 200
{"total":1,"content":[{"last_updated_at":"2026-03-02T00:00:00.123456Z","...":true}],"...":true}

--- not later than it is shown
> GET spans?project_name=Default%20Project
? filters=[{"field":"last_updated_at","operator":">","value":"2026-03-02T00:00:00.123456Z"},{"field":"name","operator":"=","value":"x"}]
> Comet-Workspace: w
< 200
{"total":0,"...":true}

--- until then
> GET spans?project_name=Default%20Project
? filters=[{"field":"last_updated_at","operator":"<=","value":"2026-03-02T00:00:00.123456Z"}]
> Comet-Workspace: w
< 200
{"total":1,"...":true}

--- nor at another time
> GET spans?project_name=Default%20Project
? filters=[{"field":"last_updated_at","operator":"!=","value":"2026-03-02T00:00:00.123456Z"},{"field":"name","operator":"=","value":"x"}]
> Comet-Workspace: w
< 200
{"total":0,"...":true}

--- from then on
> GET spans?project_name=Default%20Project
? filters=[{"field":"last_updated_at","operator":">=","value":"2026-03-02T00:00:00.123456Z"},{"field":"name","operator":"=","value":"x"}]
> Comet-Workspace: w
< 200
{"total":1,"...":true}

--- not earlier
> GET spans?project_name=Default%20Project
? filters=[{"field":"last_updated_at","operator":"<","value":"2026-03-02T00:00:00.123456Z"}]
> Comet-Workspace: w
< 200
{"total":0,"...":true}

--- an update counts, and not when the row came
> GET traces?project_name=Default%20Project
? filters=[{"field":"last_updated_at","operator":"<=","value":"2026-03-02T00:00:01.000001Z"},{"field":"last_updated_at","operator":"!=","value":"2026-03-02T00:00:00.123456Z"}]
> Comet-Workspace: w
< 200
{"total":1,"content":[{"last_updated_at":"2026-03-02T00:00:01.000001Z","...":true}],"...":true}

--- by nothing more exact
> GET spans?project_name=Default%20Project
? filters=[{"field":"last_updated_at","operator":"=","value":"2026-03-02T00:00:00.123456789Z"}]
> Comet-Workspace: w
< 200
{"total":0,"...":true}
