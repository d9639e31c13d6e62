# Keys: who may do what, from the path to the handler.

=== base /apis/intake/v2/workspaces
=== keys
# id, hash of the secret, workspaces, roles, end, label
reader01:30329e6672d47ed68335b2af12c129956345c61188152e8218c485bd7d6cc356:acme:read:-:reads one workspace
writer01:6861dad32bee1b63d2e287eab68ce2c527c47fc170a76261264b35848d0408b3:*:ingest:-:what an exporter holds
gone0001:30329e6672d47ed68335b2af12c129956345c61188152e8218c485bd7d6cc356:*:admin:2020-01-01T00:00:00Z:ended
boss0001:f9300422557ee198c7748ddd5566aab682cbaa092da5ab2b54a117a7f33345c4:*:admin:2199-12-31T00:00:00+01:00:all of it: everywhere
=== workspace acme
=== workspace other

--- no key, although the client is on this machine
> GET acme/spans
< 401
< WWW-Authenticate: Bearer
< Content-Type: application/json
{"detail":"An API key is required."}

--- a key that reads
> GET acme/spans
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 200
{"data":[],"...":true}

--- the same as a bearer
> GET acme/traces
> Authorization: Bearer fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 200
{"data":[],"...":true}

--- the same as Opik sends it
> GET acme/spans/groups?by=session_id
> Authorization: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 200
{"data":[],"...":true}

--- another workspace
> GET other/spans
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 403
{"detail":"This key does not allow that."}

--- a workspace that is not there is not told from one that is
> GET nothing/spans
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 403
{"detail":"This key does not allow that."}

--- a key that only writes sees no prompts
> GET acme/spans
> X-Api-Key: fsp_writer01_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 403
{"detail":"This key does not allow that."}

--- a key whose time is over
> GET acme/spans
> X-Api-Key: fsp_gone0001_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 401
{"detail":"An API key is required."}

--- a wrong secret
> GET acme/spans
> X-Api-Key: fsp_reader01_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 401
{"detail":"An API key is required."}

--- two keys in one header
> GET acme/spans
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE,fsp_boss0001_YYcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 400
{"detail":"<any-string>"}

--- the header twice
> GET acme/spans
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
> X-Api-Key: fsp_boss0001_YYcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
only nginx
< 400
{"detail":"<any-string>"}

--- an administrator does all
> GET other/spans
> X-Api-Key: fsp_boss0001_YYcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 200
{"data":[],"...":true}

--- an administrator makes a workspace
> POST /apis/entities/v2/workspaces
> X-Api-Key: fsp_boss0001_YYcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
> Content-Type: application/json
>> {"name":"new"}
< 201
{"name":"new"}

--- a reader does not
> POST /apis/entities/v2/workspaces
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
> Content-Type: application/json
>> {"name":"newer"}
< 403
{"detail":"This key does not allow that."}

--- a reader sees its workspaces only
> GET /apis/entities/v2/workspaces
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 200
{"data":[{"name":"acme"}],"pagination":{"total_results":1,"...":true}}

--- readiness needs no key
> GET /health/ready
< 200
{"status":"ready"}

--- the state of the store does
> GET /health
< 401
{"detail":"An API key is required."}

--- what is not there is told before keys are asked for
> GET acme/nothing
< 404
{"detail":"Not Found"}

--- what is written with a key
> POST acme/annotations
> X-Api-Key: fsp_boss0001_YYcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {"kind":"note","session_id":"s","text":"who am I?"}
< 201
{"created_by":"boss0001","...":true}

--- who wrote it is remembered
> GET acme/annotations
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
? filter={"created_by":"boss0001"}
< 200
{"data":[{"created_by":"boss0001","text":"who am I?","...":true}],"...":true}

--- who sent a span by OTLP
> POST other/ingest/otlp/v1/traces
> Content-Type: application/json
> Authorization: Bearer fsp_writer01_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"n","startTimeUnixNano":"1772323200000000000","attributes":[{"key":"nmp.caller_principal","value":{"stringValue":"somebody else"}}]}]}]}]}
< 200
{"errors":[]}

--- is told, whatever the span itself says
> GET other/spans/b7ad6b7169203331
> X-Api-Key: fsp_boss0001_YYcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 200
{"raw_attributes":"<re .*\"nmp.caller_principal\":\"writer01\".*>","...":true}
