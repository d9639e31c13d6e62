# What every request meets before a handler, and every answer behind one.

=== base /apis/intake/v2/workspaces/default

--- an answer carries the headers that keep browsers from making more of it
> GET /health/ready
< 200
< Content-Type: application/json
< X-Content-Type-Options: nosniff
< Content-Security-Policy: default-src 'none'; frame-ancestors 'none'
< Cache-Control: no-store
< X-Request-Id: <hex16>
< Content-Length: 18
{"status":"ready"}

--- nothing may be embedded or shared unasked
> GET /health/ready
> Origin: https://elsewhere.example
< 200
< Access-Control-Allow-Origin: -
{"status":"ready"}

--- HEAD is GET without its body
> HEAD /health/ready
< 200
< Content-Length: 18
<<

--- OPTIONS tells the methods
> OPTIONS spans
< 204
< Allow: GET, HEAD, OPTIONS
<<

--- a body on GET is ignored
> GET /health/ready
>> {}
< 200
{"status":"ready"}

--- a method nobody knows
> BREW /health
< 405
< Allow: GET, HEAD, OPTIONS
{"detail":"Method Not Allowed"}

--- two slashes
> GET //health
< 400
{"detail":"The path is not in its canonical form."}

--- a backslash
> GET /health\ready
< 400
{"detail":"The path is not in its canonical form."}

--- bytes that are no text
> GET /health/%FF
< 400
{"detail":"The path is not in its canonical form."}

--- a line break in the path
> GET /health/%0d%0aX:y
< 400
{"detail":"The path is not in its canonical form."}

--- a dot that is spelt out
> GET /health/%2e
only cgi fcgi
< 400
{"detail":"The path is not in its canonical form."}

--- a name is the same however it is spelt
> GET /%68ealth/ready
< 200
{"status":"ready"}

--- a slash within a segment does not split it
> GET /health%2Fready
< 404
{"detail":"Not Found"}

--- a query that is no text
> GET spans?x=%FF
< 400
{"detail":"The query is not valid UTF-8."}

--- a slash at the end leads to the path without
> GET /health/?a=1
< 307
< Location: <re (http://localhost)?/health\?a=1>

--- a name that a resolver could point here
> GET spans
> Host: rebound.example
only cgi fcgi
< 401
{"detail":"An API key is required."}

--- a proxy that speaks for somebody else
> GET spans
> X-Forwarded-For: 192.0.2.1
< 401
{"detail":"An API key is required."}

--- a damaged gzip body
> POST /apis/entities/v2/workspaces
> Content-Type: application/json
> Content-Encoding: gzip
>x 1f 8b 08 00 00
< 400
{"detail":"The compressed body is damaged."}

--- a gzip body
> POST /apis/entities/v2/workspaces
> Content-Type: application/json
> Content-Encoding: gzip
>x 1f8b0800000000000203ab56ca4bcc4d55b252aaca2c50aa050008ea85100e000000
< 201
{"name":"zip"}

--- a zstd body
> POST /apis/entities/v2/workspaces
> Content-Type: application/json
> Content-Encoding: zstd
>x 28b52ffd 04 00 79 0000 7b226e616d65223a227a737464227d 00000000
< 400
{"detail":"The compressed body is damaged."}

--- with the right sum at its end
> POST /apis/entities/v2/workspaces
> Content-Type: application/json
> Content-Encoding: zstd
>x 28b52ffd 04 00 79 0000 7b226e616d65223a227a737464227d 618c638e
< 201
{"name":"zstd"}

--- a coding nobody knows
> POST /apis/entities/v2/workspaces
> Content-Type: application/json
> Content-Encoding: br
>> x
< 415
{"detail":"Content-Encoding must be gzip, deflate, zstd or identity."}
