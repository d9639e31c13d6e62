#!/bin/sh
# flatspan beside SQLite, DuckDB and ClickHouse (chdb) on the same spans, in one run, with the floor
# (a FastCGI program that says hello behind the same nginx).
#
#	t/perf/compare.sh DIR [SPANS [PORT [SECONDS]]]
#
# DIR keeps the lines (about 5 KB a span), the databases and the figures; SPANS is 1,000,000.
# flatspan is loaded and asked over HTTP through nginx, one connection, SECONDS (3) a question; the
# peers run in the process that asks, without a network, and SQLite is also asked over HTTP, by a
# FastCGI program behind the floor's nginx that prints the stored lines.  A peer that is not
# installed is left out with a message.  PEERS in the environment names those to run ("sqlite
# sqlite_http fts duckdb chdb"; fts is SQLite with a trigram index, on a tenth of the spans;
# sqlite_http asks the database that sqlite has left).
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
dir=${1:?usage: compare.sh DIR [SPANS [PORT [SECONDS]]]}
spans=${2:-1000000}
port=${3:-8399}
seconds=${4:-3}
peers=${PEERS-sqlite sqlite_http fts duckdb chdb}
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
mkdir -p "$dir/flatspan" "$dir/figures" "$dir/hello"
build=$top/build-quickstart
lines=$dir/lines.jsonl

say()
{
	printf '%s\n' "$*" >&2
}

"$top/nginx/quickstart" --port "$port" --root "$dir/flatspan" --no-sample >"$dir/start.log" ||
	{ cat "$dir/start.log" >&2; exit 1; }
hello=
sqlite=
stop()
{
	[ -z "$sqlite" ] || kill "$sqlite" 2>/dev/null || :
	[ -z "$hello" ] || kill "$hello" 2>/dev/null || :
	[ ! -s "$dir/hello/nginx.pid" ] || kill "$(cat "$dir/hello/nginx.pid")" 2>/dev/null || :
	"$top/nginx/quickstart" --stop --root "$dir/flatspan" >/dev/null
}
trap stop EXIT
trap 'exit 1' HUP INT TERM
make -s -C "$build" bin/flatspan t/perf/gen_spans t/perf/hello t/perf/http_time t/perf/post_lines
tools=$build/t/perf

# ---- the floor ----

rm -f "$dir/hello/hello.sock"
"$tools/hello" "$dir/hello/hello.sock" &
hello=$!
user=
[ "$(id -u)" -ne 0 ] || user="user root;"
cat >"$dir/hello/nginx.conf" <<END
$user
worker_processes auto;
pid $dir/hello/nginx.pid;
error_log $dir/hello/nginx.log warn;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path $dir/hello/body;
	fastcgi_temp_path $dir/hello/fastcgi;
	proxy_temp_path $dir/hello/proxy;
	scgi_temp_path $dir/hello/scgi;
	uwsgi_temp_path $dir/hello/uwsgi;
	# as flatspan has them
	fastcgi_buffer_size 16k;
	fastcgi_buffers 16 64k;
	fastcgi_busy_buffers_size 256k;
	server {
		listen 127.0.0.1:$((port + 1));
		location / {
			fastcgi_param REQUEST_METHOD \$request_method;
			fastcgi_param REQUEST_URI \$request_uri;
			fastcgi_param CONTENT_LENGTH \$content_length;
			fastcgi_pass unix:$dir/hello/hello.sock;
		}
		location /sqlite/ {
			fastcgi_param REQUEST_URI \$request_uri;
			fastcgi_pass unix:$dir/hello/sqlite.sock;
		}
	}
}
END
PATH=$PATH:/usr/sbin:/sbin
nginx -p "$dir/hello" -e "$dir/hello/nginx.log" -c "$dir/hello/nginx.conf" </dev/null

# ---- flatspan ----

[ -s "$lines" ] || "$tools/gen_spans" - default "$spans" 2 >"$lines"
figures=$dir/figures/flatspan
url=http://127.0.0.1:$port
api=/apis/intake/v2/workspaces/default
if ! ls "$dir"/flatspan/data/default/*.jsonl >/dev/null 2>&1; then
	say "flatspan: loading over HTTP"
	"$tools/post_lines" "$lines" 127.0.0.1 "$port" default 4 500 >"$dir/load.log"
	sed -n 's/.*: \([0-9]*\) spans.s/load	\1/p' "$dir/load.log" >"$dir/figures/load"
	# Word files are made little by little; this is what cron's flatspan index does.
	say "flatspan: index"
	FLATSPAN_CONF=$dir/flatspan/run/flatspan.conf "$build/bin/flatspan" index >&2
fi
cp "$dir/figures/load" "$figures"
data=$(cat "$dir"/flatspan/data/default/*.jsonl | wc -c)
all=$(du -sb "$dir/flatspan/data" | cut -f1)
n=$(curl -fs "$url$api/spans?page_size=1&mode=summary" | jq .pagination.total_results)
[ "$n" -eq "$(wc -l <"$lines")" ] || { say "flatspan answers $n spans, not $(wc -l <"$lines")"; exit 1; }
printf 'bytes\t%d\nindex\t%d\n' $((all / n)) $(((all - data) / n)) >>"$figures"

ask()
{
	name=$1
	shift
	out=$("$tools/http_time" 127.0.0.1 "$@") || { say "$name: no figure"; return; }
	printf '%s\t%s\n' "$name" "${out%% *}" | tee -a "$figures"
}

ask_sqlite()
{
	echo "GET /sqlite/$1" | ask "$1" $((port + 1)) "$seconds"
}

window='filter%5Bstarted_at%5D%5Bgte%5D=2026-01-08T00:00:00Z&filter%5Bstarted_at%5D%5Blte%5D=2026-01-10T00:00:00Z'
day='filter%5Bstarted_at%5D%5Bgte%5D=2026-01-08T00:00:00Z&filter%5Bstarted_at%5D%5Blte%5D=2026-01-09T00:00:00Z'
newest='sort=-started_at&page_size=100'
deep=$((n / 100 < 1000 ? n / 100 : 1000))
sed -n '1~997s/.*"span_id":"\([^"]*\)".*/\1/p' "$lines" >"$dir/ids"

echo "GET /" | ask floor $((port + 1)) "$seconds"
sed "s|^|GET $api/spans/|" "$dir/ids" | ask get "$port" "$seconds"
echo "GET $api/spans/ffffffffffffffff" | ask miss "$port" "$seconds" 404
echo "GET $api/spans?filter%5Bstatus%5D=error&filter%5Bkind%5D=LLM&$window&$newest" | ask filtered "$port" "$seconds"
echo "GET $api/spans?$newest" | ask newest "$port" "$seconds"
echo "GET $api/spans?$newest&page=$deep" | ask deep "$port" "$seconds"
echo "GET $api/traces?sort=-started_at&page_size=50" | ask traces "$port" "$seconds"
echo "GET $api/spans/groups?by=trace_id" | ask groups "$port" "$seconds"
echo "GET $api/spans/groups?by=session_id,trace_id&$day" | ask groups_day "$port" "$seconds"
for pair in rare:xylophonist frequent:database absent:zyxwvutsrq; do
	echo "POST /v5/spans/search?limit=100&sort_order=desc {\"search_texts\":[\"${pair#*:}\"]}" |
		ask "${pair%%:*}" "$port" "$seconds"
done
echo "GET /" | ask floor_again $((port + 1)) "$seconds"

# ---- the peers ----

if command -v npm >/dev/null && [ ! -d "$dir/peers/node_modules" ]; then
	mkdir -p "$dir/peers"
	cp "$top/t/perf/peers/package.json" "$dir/peers/"
	(cd "$dir/peers" && npm install --no-audit --no-fund >npm.log 2>&1) || say "npm install failed: $dir/peers/npm.log"
fi
[ ! -d "$dir/peers" ] || cp "$top"/t/perf/peers/*js "$dir/peers/"
for peer in $peers; do
	say "$peer"
	case $peer in
	sqlite_http)
		figures=$dir/figures/$peer
		rm -f "$figures" "$dir/hello/sqlite.sock"
		if [ ! -s "$dir/spans.sqlite" ] || ! make -s -C "$build" t/perf/peers/sqlite_fcgi; then
			say "$peer: left out"
			continue
		fi
		"$tools/peers/sqlite_fcgi" "$dir/hello/sqlite.sock" "$dir/spans.sqlite" &
		sqlite=$!
		sleep 1
		sed 's|^|GET /sqlite/get/|' "$dir/ids" | ask get $((port + 1)) "$seconds"
		echo "GET /sqlite/get/ffffffffffffffff" | ask miss $((port + 1)) "$seconds" 404
		for question in filtered newest deep traces groups groups_day; do
			ask_sqlite $question
		done
		kill $sqlite
		sqlite=
		rm -f "$dir/spans.sqlite"*
		continue
		;;
	sqlite) set -- python3 "$top/t/perf/peers/sqlite.py" "$lines" "$dir/spans.sqlite" ;;
	fts)
		head -n $((n / 10)) "$lines" >"$dir/tenth.jsonl"
		set -- python3 "$top/t/perf/peers/sqlite.py" "$dir/tenth.jsonl" "$dir/fts.sqlite" fts
		;;
	duckdb) set -- node "$dir/peers/duckdb.mjs" "$lines" "$dir/spans.duckdb" ;;
	chdb) set -- node "$dir/peers/chdb.cjs" "$lines" "$dir/chdb" ;;
	*) say "unknown peer: $peer"; exit 2 ;;
	esac
	"$@" >"$dir/figures/$peer" || { say "$peer: left out"; rm -f "$dir/figures/$peer"; }
	case $peers in
	*sqlite_http*) ;;
	*) rm -f "$dir/spans.sqlite"* ;;
	esac
	rm -rf "$dir/fts.sqlite"* "$dir/spans.duckdb"* "$dir/chdb" "$dir/tenth.jsonl"
done

echo "$n spans, $(date -u +%F), $(nproc) cores, p50 in ms (flatspan and sqlite_http over HTTP; peers in process)"
python3 "$top/t/perf/compare_table.py" "$dir/figures"
