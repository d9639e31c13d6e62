#!/bin/sh
# How the time of requests grows with the number of spans and of days: p50 in milliseconds over
# HTTP through nginx, one connection, warm, beside the floor measured before and after.
#
#	t/perf/growth.sh DIR [SPANS [DAYS [PORT [SECONDS]]]]
#
# SPANS and DAYS are lists: each number is measured with each, "10000 100000 1000000" and "1 70 365"
# when not given.  The spans are those of gen_spans, each on the day on which it began.  Those of
# one size are put into DIR, asked for SECONDS (2) a question, and removed before the next.  In the
# environment, BODY is gen_spans's: half of the bodies are shorter (1500: 5 KB a span; 100: 0.4 KB,
# for 10,000,000 spans in 5 GB); KEEP=yes leaves the data in DIR and takes it from there.
# The server is quickstart's, and is stopped after each size.  Needs curl and jq.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
dir=${1:?usage: growth.sh DIR [SPANS [DAYS [PORT [SECONDS]]]]}
sizes=${2:-10000 100000 1000000}
lengths=${3:-1 70 365}
port=${4:-8399}
seconds=${5:-2}
body=${BODY:-1500}
keep=${KEEP:-}
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
build=$top/build-quickstart
root=
mkdir -p "$dir"

stop()
{
	[ -z "$root" ] || "$top/nginx/quickstart" --stop --root "$root" >/dev/null || :
	[ -z "$root" ] || [ "$keep" = yes ] || rm -rf "$root"
	root=
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

start()
{
	"$top/nginx/quickstart" --port "$port" --root "$root" --no-sample >"$dir/start.log" ||
		{ cat "$dir/start.log" >&2; exit 1; }
}

# The median of what http_time measures.
ask()
{
	out=$("$build/t/perf/http_time" 127.0.0.1 "$port" "$seconds" "$@") || out='failed'
	printf ' %s |' "${out%% *}"
}

api=/apis/intake/v2/workspaces/default
day='filter%5Bstarted_at%5D%5Bgte%5D=2026-01-05T00:00:00Z&filter%5Bstarted_at%5D%5Blte%5D=2026-01-06T00:00:00Z'
newest='sort=-started_at&page_size=100'

measure()
{
	n=$(curl -fs "http://127.0.0.1:$port$api/spans?page_size=1&mode=summary" |
		jq .pagination.total_results)
	[ "$n" = "$1" ] || { echo "growth.sh: $n spans, not $1" >&2; exit 1; }
	# About a thousand ids, from all days.
	for file in "$root"/data/default/*.jsonl; do
		sed -n "1~$(($1 / 1000 + 1))s|.*\"span_id\":\"\\([^\"]*\\)\".*|GET $api/spans/\\1|p" "$file"
	done >"$dir/gets"
	printf '| %s | %s |' "$1" "$2"
	echo "GET /health/live" | ask
	ask <"$dir/gets"
	echo "GET $api/spans/ffffffffffffffff" | ask 404
	echo "GET $api/spans?filter%5Bstatus%5D=error&filter%5Bkind%5D=LLM&$day&$newest" | ask
	echo "GET $api/spans?$newest" | ask
	echo "GET $api/traces?sort=-started_at&page_size=50" | ask
	echo "GET $api/spans/groups?by=trace_id" | ask
	echo 'POST /v5/spans/search?limit=100&sort_order=desc {"search_texts":["xylophonist"]}' | ask
	echo "GET /health/live" | ask
	printf ' %s |\n' $(($(du -sb "$root/data" | cut -f1) / $1))
}

echo "p50 in ms, $seconds s a question, bodies $body ($(date -u +%F), $(nproc) cores)"
echo
echo "| spans | days | floor | get | miss | errors of LLMs of a day, newest 100 | newest 100 | newest 50 traces | groups by trace | rare word, newest 100 | floor | bytes a span |"
echo "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
for spans in $sizes; do
	for days in $lengths; do
		root=$dir/$spans-$days
		mkdir -p "$root/data"
		start
		if ! ls "$root"/data/default/*.jsonl >/dev/null 2>&1; then
			make -s -C "$build" bin/flatspan t/perf/gen_spans t/perf/http_time >&2
			"$build/t/perf/gen_spans" "$root/data" default "$spans" 4 "$days" "$body" \
				>"$dir/gen.log" || { cat "$dir/gen.log" >&2; exit 1; }
			# Word files are made little by little: this is what cron does.
			FLATSPAN_CONF=$root/run/flatspan.conf "$build/bin/flatspan" index >"$dir/index.log" ||
				{ cat "$dir/index.log" >&2; exit 1; }
		fi
		measure "$spans" "$days"
		stop
	done
done
