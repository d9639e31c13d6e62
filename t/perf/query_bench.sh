#!/bin/sh
# How long queries take over HTTP: one connection, warm, p50 and p99 of what wrk measures, beside the
# floor (a request that only looks whether the data directory is there), and how much memory the
# workers have in the end. On a busy machine, `chrt -r 5 t/perf/query_bench.sh ...` keeps others out.
#
#	t/perf/query_bench.sh DIR [SPANS] [PORT] [SECONDS]
#
# DIR is a quickstart root. When DIR/data has no spans, SPANS (200,000) of gen_spans are put into it
# first.  The server is quickstart's, and is stopped at the end.  Needs wrk, curl and jq.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
dir=${1:?usage: query_bench.sh DIR [SPANS] [PORT] [SECONDS]}
spans=${2:-200000}
port=${3:-8399}
seconds=${4:-3}
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
mkdir -p "$dir/data"

build=$top/build-quickstart
"$top/nginx/quickstart" --port "$port" --root "$dir" --no-sample >"$dir/start.log" ||
	{ cat "$dir/start.log" >&2; exit 1; }
trap '"$top/nginx/quickstart" --stop --root "$dir" >/dev/null' EXIT
trap 'exit 1' HUP INT TERM
if ! ls "$dir"/data/default/*.jsonl >/dev/null 2>&1; then
	make -s -C "$build" t/perf/gen_spans
	"$build/t/perf/gen_spans" "$dir/data" default "$spans" 2
fi

url=http://127.0.0.1:$port
api=$url/apis/intake/v2/workspaces/default
window='filter%5Bstarted_at%5D%5Bgte%5D=2026-01-08T00:00:00Z&filter%5Bstarted_at%5D%5Blte%5D=2026-01-10T00:00:00Z'
day='filter%5Bstarted_at%5D%5Bgte%5D=2026-01-08T00:00:00Z&filter%5Bstarted_at%5D%5Blte%5D=2026-01-09T00:00:00Z'
first=$(curl -fs "$api/spans?page_size=1&mode=summary")
span=$(printf %s "$first" | jq -r '.data[0].span_id')
trace=$(printf %s "$first" | jq -r '.data[0].trace_id')
total=$(printf %s "$first" | jq -r '.pagination.total_results')
pages=$((total / 100))
deep=$((pages < 1000 ? pages : 1000))

# p50 and p99 in milliseconds, from lines like "     50%  312.00us".
measure()
{
	wrk -t1 -c1 -d "$seconds" --latency "$1" | awk '
	$1 == "50%" || $1 == "99%" {
		ms = $2 + 0
		if ($2 ~ /us$/) ms /= 1000
		else if ($2 !~ /ms$/) ms *= 1000
		printf "%9.3f ", ms
	}'
}

row()
{
	answer=$(curl -s -o /dev/null -w '%{http_code} %{size_download}' "$2")
	code=${answer% *}
	size=${answer#* }
	if [ "$code" != 200 ] && [ "$3" != "$code" ]; then
		printf '%-44s answers %s\n' "$1" "$code"
		return
	fi
	curl -s -o /dev/null "$2" # both workers are warm
	printf '%-44s %s %9s  %s\n' "$1" "$(measure "$2")" "$size" \
		"$(curl -s "$2" | jq -r '.pagination.total_results // empty' 2>/dev/null)"
}

echo "$total spans, $seconds s each, 1 connection ($(date -u +%F), $(nproc) cores)"
printf '%-44s %9s %9s  %9s  %s\n' '' 'p50 ms' 'p99 ms' bytes total
row "floor: health/ready" "$url/health/ready" 200
row "get a span" "$api/spans/$span" 200
row "get a span that is not there" "$api/spans/ffffffffffffffff" 404
row "errors of LLMs, 2 days, newest 100" "$api/spans?filter%5Bstatus%5D=error&filter%5Bkind%5D=LLM&$window&sort=-started_at&page_size=100" 200
row "newest 100" "$api/spans?sort=-started_at&page_size=100" 200
row "newest 100, summary" "$api/spans?sort=-started_at&page_size=100&mode=summary" 200
row "page $deep of 100" "$api/spans?sort=-started_at&page_size=100&page=$deep" 200
row "traces, page of 50 with sums" "$api/traces?sort=-started_at&page_size=50" 200
row "traces of 2 days, page of 50 with sums" "$api/traces?$window&sort=-started_at&page_size=50" 200
row "a trace" "$api/traces/$trace" 200
row "spans of a trace, summary" "$api/spans?filter%5Btrace_id%5D=$trace&mode=summary&sort=started_at&page_size=1000" 200
row "groups by trace_id" "$api/spans/groups?by=trace_id" 200
row "groups by session_id" "$api/spans/groups?by=session_id" 200
row "groups by session_id,trace_id of a day" "$api/spans/groups?by=session_id,trace_id&$day" 200
row "floor again" "$url/health/ready" 200
echo "resident at most, of each program that answered:"
for pid in $(pgrep -f "^$build/cgi-bin/flatspan-(spans|groups|traces)" || :); do
	awk -v pid="$pid" '/^Name|^VmHWM|^RssAnon/ { printf "%s ", $2 } END { print "kB" }' "/proc/$pid/status"
done | sort -u
