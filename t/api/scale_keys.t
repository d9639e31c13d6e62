# Scale's API with keys: x-api-key, the account a key is bound to, and who made what.

=== base /v5
=== keys
# anna, bert, one that reads and one that sends have acme; the last has everything.
annakey1:30329e6672d47ed68335b2af12c129956345c61188152e8218c485bd7d6cc356:acme:read,ingest:-:anna
bertkey1:6861dad32bee1b63d2e287eab68ce2c527c47fc170a76261264b35848d0408b3:acme:read,ingest:-:bert
readkey1:6861dad32bee1b63d2e287eab68ce2c527c47fc170a76261264b35848d0408b3:acme:read:-:reads
sendkey1:6861dad32bee1b63d2e287eab68ce2c527c47fc170a76261264b35848d0408b3:acme:ingest:-:sends
gammakey:30329e6672d47ed68335b2af12c129956345c61188152e8218c485bd7d6cc356:gamma:read,ingest:-:new
bosskey1:30329e6672d47ed68335b2af12c129956345c61188152e8218c485bd7d6cc356:*:admin:-:all
=== workspace acme
=== workspace other

--- without a key
> POST spans/search
>> {}
< 401
< WWW-Authenticate: Bearer
{"detail":"An API key is required."}

--- with a wrong key
> POST spans/search
> x-api-key: fsp_annakey1_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {}
< 401
{"detail":"An API key is required."}

--- the account is the key's
> PUT spans/batch
> x-api-key: fsp_annakey1_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {"items":[{"id":"s1","trace_id":"t1","name":"n","start_timestamp":"2026-03-01T00:00:00Z"}]}
< 200
{"object":"list","items":[{"id":"s1","object":"span","created_by":{"id":"annakey1","object":"identity","type":"service_account"},
 "name":"n","trace_id":"t1","start_timestamp":"<time>","status":"SUCCESS","type":"STANDALONE","account_id":"acme"}]}

--- (found there by another key)
> POST spans/search
> x-api-key: fsp_readkey1_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
> x-selected-account-id: acme
>> {}
< 200
{"items":[{"id":"s1","created_by":{"id":"annakey1","...":true},"...":true}],"total":1,"...":true}

--- the SDK may send the key as a bearer
> GET spans/s1
> Authorization: Bearer fsp_readkey1_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 200
{"id":"s1","...":true}

--- another account than the key's
> POST spans/search
> x-api-key: fsp_annakey1_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
> x-selected-account-id: other
>> {}
< 403
{"detail":"This key does not allow that."}

--- the account of a new key is empty, and there
> POST spans/search
> x-api-key: fsp_gammakey_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {}
< 200
{"items":[],"total":0,"...":true}

--- (no span is in it)
> GET spans/s1
> x-api-key: fsp_gammakey_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
< 404
{"detail":"No span with id 's1'"}

--- an account that nobody has is not
> POST spans/search
> x-api-key: fsp_bosskey1_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
> x-selected-account-id: nobody
>> {}
< 403
{"detail":"No access to account 'nobody'"}

--- a key for all accounts picks one
> POST spans/search
> x-api-key: fsp_bosskey1_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
> x-selected-account-id: acme
>> {}
< 200
{"total":1,"...":true}

--- (or the default one)
> POST spans/search
> x-api-key: fsp_bosskey1_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {}
< 200
{"total":0,"...":true}

--- a key that reads does not write
> PATCH spans/s1
> x-api-key: fsp_readkey1_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {"name":"x"}
< 403
{"detail":"This key does not allow that."}

--- a key that writes does not search
> POST spans/search
> x-api-key: fsp_sendkey1_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {}
< 403
{"detail":"This key does not allow that."}

--- who made a span stays so when another changes it
> PATCH spans/s1
> x-api-key: fsp_bertkey1_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {"name":"x"}
< 200
{"id":"s1","name":"x","created_by":{"id":"annakey1","...":true},"...":true}

--- an assessment by anna
> POST span-assessments
> x-api-key: fsp_annakey1_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {"assessment_type":"comment","trace_id":"t1","comment":"hm"}
< 200
{"assessment_id":"<set id>","created_by":"annakey1","account_id":"acme","...":true}

--- bert may not change it
> PATCH span-assessments/{{id}}
> x-api-key: fsp_bertkey1_ZZcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {"comment":"mine"}
< 403
{"detail":"Only who made an assessment may change it."}

--- anna may
> PATCH span-assessments/{{id}}
> x-api-key: fsp_annakey1_abcdefghijklmnopqrstuvwxyz0123456789-_ABCDE
>> {"comment":"well"}
< 200
{"comment":"well","created_by":"annakey1","...":true}
