#!/bin/sh
# Real clients from npm against flatspan behind nginx. Skipped (77) where node, npm or nginx is absent.
set -u
top=$(cd "${top_srcdir:-.}" && pwd)
for tool in node npm nginx; do
	command -v $tool >/dev/null 2>&1 || PATH=$PATH:/usr/sbin command -v $tool >/dev/null 2>&1 ||
		{ echo "skipped: no $tool"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/flatspan-clients.XXXXXX") || exit 1
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
trap '"$top/nginx/quickstart" --stop --root "$work/root" >/dev/null 2>&1; rm -rf "$work"' EXIT INT TERM

cp "$top"/t/clients/package.json "$top"/t/clients/*.mjs "$work/" || exit 1
(cd "$work" && npm install --no-audit --no-fund --loglevel=error) >"$work/npm.log" 2>&1 ||
	{ echo "skipped: npm cannot install the clients"; exit 77; }
"$top/nginx/quickstart" --port "$port" --root "$work/root" --no-sample >"$work/start.log" 2>&1 ||
	{ cat "$work/start.log"; echo "0 passed, 1 failed"; exit 1; }

good=0 bad=0
for client in otel nemo_load opik opik_documents; do
	out=$(cd "$work" && timeout 300 node $client.mjs "http://127.0.0.1:$port" 2>&1)
	echo "$client: $out"
	numbers=$(printf '%s\n' "$out" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' | tail -n 1)
	set -- ${numbers:-0 1}
	good=$((good + $1)) bad=$((bad + $2))
done
echo "$good passed, $bad failed"
[ "$bad" -eq 0 ]
