#!/bin/sh
# Measures flatspan and writes the figures of doc/performance.md.
#
#	t/perf/bench.sh DIR [SPANS [LONG_SPANS [PORT [SECONDS]]]]
#
# Three data directories below DIR are made when they are not there, and kept: SPANS (1,000,000) of
# 5 KB on one day, the same day compressed, and LONG_SPANS (2,000,000) of 1.1 KB over 70 days.  Each
# question of query_bench.sh is put to each of them for SECONDS (2).  Then ingest is measured, and the
# peers, as far as compare.sh finds them; PEERS= in the environment leaves them out.  Everything
# between the two marks of the page is replaced.  Needs wrk, curl and jq.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
dir=${1:?usage: bench.sh DIR [SPANS [LONG_SPANS [PORT [SECONDS]]]]}
spans=${2:-1000000}
long_spans=${3:-2000000}
port=${4:-8399}
seconds=${5:-2}
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
build=$top/build-quickstart
page=$top/doc/performance.md
figures=$dir/figures.md
mkdir -p "$dir"

stop()
{
	for root in day packed days load; do
		"$top/nginx/quickstart" --stop --root "$dir/$root" >/dev/null 2>&1 || :
	done
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

# start NAME: a server with DIR/NAME/data.
start()
{
	mkdir -p "$dir/$1/data"
	chmod 750 "$dir/$1/data"
	"$top/nginx/quickstart" --port "$port" --root "$dir/$1" --no-sample >"$dir/$1/start.log" ||
		{ cat "$dir/$1/start.log" >&2; exit 1; }
}

# has_days NAME
has_days()
{
	ls "$dir/$1"/data/default/*.jsonl* >/dev/null 2>&1
}

# index NAME: what cron does.
index()
{
	FLATSPAN_CONF=$dir/$1/run/flatspan.conf "$build/bin/flatspan" index >"$dir/$1/index.log" ||
		{ cat "$dir/$1/index.log" >&2; exit 1; }
}

make_data()
{
	start day
	make -s -C "$build" bin/flatspan t/perf/gen_spans t/perf/ingest_load >&2
	if ! has_days day; then
		"$build/t/perf/gen_spans" "$dir/day/data" default "$spans" 2 >&2
		index day
	fi
	if ! has_days packed; then
		from=$dir/packed/data/default/$(date -u -d '2 days ago' +%F).jsonl
		mkdir -p "$dir/packed/data/default"
		cp -p "$dir/day/data/FORMAT" "$dir/packed/data/"
		cat "$dir"/day/data/default/*.jsonl >"$from"
		chmod 640 "$from"
		chmod 750 "$dir/packed/data" "$dir/packed/data/default"
		"$build/bin/flatspan" seal --root "$dir/packed/data" >&2
	fi
	if ! has_days days; then
		stop
		start days
		"$build/t/perf/gen_spans" "$dir/days/data" default "$long_spans" 4 70 100 >&2
		index days
	fi
	stop
}

# The p50 of each row of query_bench.sh, the three roots beside one another.
queries()
{
	for root in day days packed; do
		"$top/t/perf/query_bench.sh" "$dir/$root" 0 "$port" "$seconds" >"$dir/$root/figures"
	done
	echo "| request, p50 in ms | $spans spans, one day | the same, compressed | $long_spans spans, 70 days |"
	echo "|---|--:|--:|--:|"
	awk '
	FNR == 1 { column++ }
	/ +[0-9]+\.[0-9]+ +[0-9]+\.[0-9]+ +[0-9]+/ {
		name = substr($0, 1, 44)
		sub(/ +$/, "", name)
		split(substr($0, 45), figure, " ")
		if (!(name in seen)) {
			seen[name] = ++n
			names[n] = name
		}
		ms[name, column] = figure[1]
	}
	END {
		for (i = 1; i <= n; i++)
			printf "| %s | %s | %s | %s |\n", names[i], ms[names[i], 1], ms[names[i], 2],
				ms[names[i], 3]
	}' "$dir/day/figures" "$dir/packed/figures" "$dir/days/figures"
	echo
	echo "Largest resident size of a worker after these questions: $(awk '
		$1 ~ /^flatspan-/ && $2 > most { most = $2 }
		END { printf "%.0f MB", most / 1024 }' "$dir/day/figures") with one day, $(awk '
		$1 ~ /^flatspan-/ && $2 > most { most = $2 }
		END { printf "%.0f MB", most / 1024 }' "$dir/packed/figures") with a compressed one."
}

ingest()
{
	rm -rf "$dir/load"
	start load
	echo "| ingest by OTLP, 16 connections | spans/s | p50 ms | p99 ms |"
	echo "|---|--:|--:|--:|"
	for shape in "1 1000" "50 1000" "500 1000" "100 5200"; do
		"$build/t/perf/ingest_load" 127.0.0.1 "$port" /v1/traces 16 $shape 5 >"$dir/load.log"
		awk -v shape="$shape" 'BEGIN { split(shape, s, " ") }
			{ for (i = 1; i <= NF; i++) if ($i ~ /^[0-9.]+$/) figure[++n] = $i }
			END { printf "| %d spans of %d bytes a request | %s | %s | %s |\n", s[1], s[2],
				figure[2], figure[3], figure[4] }' "$dir/load.log"
	done
	stop
	rm -rf "$dir/load"
}

# disk NAME PATTERN: bytes a span of the files that match.
per_span()
{
	find "$dir/$1/data/default" -type f -path "$2" -printf '%s\n' |
		awk -v n="$spans" '{ sum += $1 } END { printf "%.0f", sum / n }'
}

make_data
{
	echo "Made on $(date -u +%F), $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), by \`t/perf/bench.sh\`."
	echo
	queries
	echo
	echo "Bytes a span: $(per_span day '*.jsonl') of lines and $(per_span day '*.idx/*') of index; compressed" \
		"$(per_span packed '*.zst') and $(per_span packed '*.idx/*')."
	echo
	ingest
	if [ "${PEERS-all}" != "" ]; then
		echo
		"$top/t/perf/compare.sh" "$dir/peers" "$spans" "$port" "$seconds"
	fi
} >"$figures"

awk -v file="$figures" '
	/^<!-- figures end -->$/ { skip = 0 }
	!skip { print }
	/^<!-- figures begin -->$/ {
		print ""
		while ((getline line <file) > 0)
			print line
		print ""
		skip = 1
	}' "$page" >"$dir/page.md"
grep -q '^<!-- figures end -->$' "$dir/page.md" || { echo "bench.sh: $page has no marks" >&2; exit 1; }
cat "$dir/page.md" >"$page"
cat "$figures"
