# A keys file that is not understood lets nobody in.

=== base /apis/intake/v2/workspaces
=== keys
reader01:30329e6672d47ed68335b2af12c129956345c61188152e8218c485bd7d6cc356:acme:read:-:
this is no line of a keys file
=== workspace acme

--- a good key beside a bad line
> GET acme/spans
> X-Api-Key: fsp_reader01_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 503
< Retry-After: 30
{"detail":"The service is not configured correctly."}

--- no key at all
> GET acme/spans
< 503
{"detail":"The service is not configured correctly."}

--- what needs no key is answered
> GET /health/ready
< 200
{"status":"ready"}
