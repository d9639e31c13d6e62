#!/bin/sh
# What sealing costs and saves: the same spans as a day that is open and as one that is sealed, each
# behind a server of its own, asked in turns over HTTP through nginx; p50 in milliseconds, one
# connection, warm, each SECONDS (1) a question in five turns.
#
#	t/perf/sealed.sh DIR [KINDS [SPANS [CALLS [TEXT [PORT [SECONDS]]]]]]
#
# KINDS are "prose chats sessions" when not given: SPANS (60000) of gen_spans, SPANS / 3 chats about
# TEXT (the sources' own documents and code) and CALLS (1000) of coding sessions, both by
# gen_sessions.  "Each page once" are pages that follow one another, more than a worker remembers;
# "far apart" are pages of rows by a filter in turns, which may be remembered, and, of prose and chats
# more than may, of all rows by their ids, which are random.  DIR keeps the data and takes it from
# there.  The servers are quickstart's, at PORT (8399) and the next one, and are stopped at the end.
# Needs curl and jq.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
dir=${1:?usage: sealed.sh DIR [KINDS [SPANS [CALLS [TEXT [PORT [SECONDS]]]]]]}
kinds=${2:-prose chats sessions}
spans=${3:-60000}
calls=${4:-1000}
text=${5:-}
port=${6:-8399}
seconds=${7:-1}
turn=$(awk "BEGIN { print $seconds / 5 }")
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
build=$top/build-quickstart
api=/apis/intake/v2/workspaces/default
newest='sort=-started_at&page_size=100'
mkdir -p "$dir"

roots=
stop()
{
	for root in $roots; do
		"$top/nginx/quickstart" --stop --root "$root" >/dev/null || :
	done
	roots=
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

# start ROOT PORT
start()
{
	roots="$roots $1"
	"$top/nginx/quickstart" --port "$2" --root "$1" --no-sample >"$1/start.log" ||
		{ cat "$1/start.log" >&2; exit 1; }
}

# generate KIND DATA
generate()
{
	case $1 in
	prose) "$build/t/perf/gen_spans" "$2" default "$spans" 4 ;;
	chats) "$build/t/perf/gen_sessions" "$2" default $((spans / 3)) 2 "${text:-$dir/text}" ;;
	sessions) "$build/t/perf/gen_sessions" "$2" default "$calls" 2 ;;
	esac >"$dir/gen.log" || { cat "$dir/gen.log" >&2; exit 1; }
}

# The same lines as if they had arrived two days ago, sealed. seal LIVE SEALED
seal()
{
	day=$2/data/default/$(date -u -d '2 days ago' +%F).jsonl
	mkdir -p "$2/data/default"
	cp -p "$1/data/FORMAT" "$2/data/"
	cat "$1"/data/default/*.jsonl >"$day"
	chmod 640 "$day"
	chmod 750 "$2/data" "$2/data/default"
	"$build/bin/flatspan" seal --root "$2/data" >"$dir/seal.log" || { cat "$dir/seal.log" >&2; exit 1; }
}

# What http_time measures at each port, the middle one of five turns, and their ratio: for as long as
# one of them the scheduler may keep who answers and who passes it on to one processor.
# ask NAME <REQUESTS
ask()
{
	cat >"$dir/requests"
	for _ in 1 2 3 4 5; do
		for p in "$port" $((port + 1)); do
			"$build/t/perf/http_time" 127.0.0.1 "$p" "$turn" <"$dir/requests" || echo failed
		done
	done | awk -v name="$1" '
		function middle(first,	i, k, n, rank) {
			for (i = first; i <= NR; i += 2) {
				n++
				rank = 0
				for (k = first; k <= NR; k += 2)
					rank += ms[k] < ms[i] || (ms[k] == ms[i] && k < i)
				at[rank] = ms[i]
			}
			return at[int(n / 2)]
		}
		{ ms[NR] = $1; bytes = $4 }
		END {
			live = middle(1)
			sealed = middle(2)
			printf "| %s | %s | %s | %.2f | %d |\n", name, live, sealed,
				live ? sealed / live : 0, bytes
		}'
}

# pages TARGET TOTAL SIZE MOST: a request for each full page of SIZE, no more than MOST, and one if none
# is full.  TARGET ends in ? or &.
pages()
{
	n=$(($2 / $3 < $4 ? $2 / $3 : $4))
	for page in $(seq 1 $((n > 1 ? n : 1))); do
		echo "GET $1page=$page"
	done
}

total_of()
{
	curl -fs "http://127.0.0.1:$port$api/$1page_size=1" | jq .pagination.total_results
}

measure()
{
	live=$(cat "$dir/$1-live"/data/default/*.jsonl | wc -c)
	packed=$(cat "$dir/$1-sealed"/data/default/*.zst | wc -c)
	echo
	echo "$1: $(total_of 'spans?') spans, $live bytes of lines, $packed sealed: $(awk "BEGIN { printf \"%.1f\", $live / $packed }") times smaller"
	echo
	echo "| request | live | sealed | sealed / live | bytes |"
	echo "|---|--:|--:|--:|--:|"
	echo "GET /health/live" | ask floor
	curl -fs "http://127.0.0.1:$port$api/spans?sort=-started_at&page_size=1000&mode=summary" |
		jq -r '.data[].span_id' | sed "s|.*|GET $api/spans/&|" | ask "get"
	echo "GET $api/spans?$newest&mode=summary" | ask "newest 100, summary, again"
	echo "GET $api/spans?$newest" | ask "newest 100 with bodies, again"
	pages "$api/spans?$newest&" "$(total_of 'spans?')" 100 200 | ask "100 with bodies, each page once"
	few='filter%5Bstatus%5D=error&filter%5Bkind%5D=LLM&'
	echo "GET $api/spans?$few$newest" | ask "errors of LLMs, newest 100 with bodies, again"
	pages "$api/spans?$few$newest&" "$(total_of "spans?$few")" 100 200 |
		ask "errors of LLMs, 100 with bodies, far apart, in turns"
	pages "/v1/private/spans?project_name=$2&size=100&" "$(total_of 'spans?')" 100 100 |
		ask "100 with bodies by id (Opik), far apart, each page once"
	echo "GET $api/traces?sort=-started_at&page_size=50" | ask "newest 50 traces with sums, again"
	pages "$api/traces?sort=-started_at&page_size=50&" "$(total_of 'traces?')" 50 20 |
		ask "50 traces with sums, each page once"
	echo "GET $api/spans/groups?by=trace_id" | ask "groups by trace"
	echo "GET $api/spans/groups?by=session_id" | ask "groups by session"
	for word in xylophonist quarterly database; do
		echo "POST /v5/spans/search?limit=100&sort_order=desc {\"search_texts\":[\"$word\"]}" |
			ask "search: $word, newest 100 and the total"
		echo "POST /v1/private/spans/search {\"project_name\":\"$2\",\"limit\":100,\"filters\":[{\"field\":\"output\",\"operator\":\"contains\",\"value\":\"$word\"}]}" |
			ask "search: $word, 100 without a total (Opik)"
	done
	echo "GET /health/live" | ask "floor again"
}

echo "p50 in ms, $seconds s a question ($(date -u +%F), $(nproc) cores)"
cat "$top"/doc/*.md "$top"/lib/*/*.[ch] >"$dir/text"
for kind in $kinds; do
	live=$dir/$kind-live
	sealed=$dir/$kind-sealed
	mkdir -p "$live/data" "$sealed/data"
	chmod 750 "$live/data" "$sealed/data"
	start "$live" "$port"
	if ! ls "$sealed"/data/default/*.zst >/dev/null 2>&1; then
		make -s -C "$build" bin/flatspan t/perf/gen_spans t/perf/gen_sessions t/perf/http_time >&2
		ls "$live"/data/default/*.jsonl >/dev/null 2>&1 || generate "$kind" "$live/data"
		FLATSPAN_CONF=$live/run/flatspan.conf "$build/bin/flatspan" index >"$dir/index.log" ||
			{ cat "$dir/index.log" >&2; exit 1; }
		seal "$live" "$sealed"
	fi
	start "$sealed" $((port + 1))
	project=$(curl -fs "http://127.0.0.1:$port$api/spans?page_size=1" | jq -r '.data[0].project // "Default Project"')
	[ -n "${PREPARE:-}" ] || measure "$kind" "$project"
	stop
done
