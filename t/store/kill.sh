#!/bin/sh
# Writers are killed while they write, readers read meanwhile: nothing that was acknowledged is
# lost, no reader sees anything false or anything disappear, and the next writers go on.
#
#	t/store/kill.sh [CYCLES]
set -u
usual=20
[ "${FLATSPAN_TEST_STEP:-1}" = 1 ] || usual=6
cycles=${1:-$usual}
driver=${top_builddir:-.}/t/store/driver
temp=$(mktemp -d "${TMPDIR:-/tmp}/flatspan-kill-XXXXXX") || exit 99
pids=
trap 'kill -9 $pids 2>/dev/null; rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM
: >"$temp/acks"

cycle=0
while [ $cycle -lt "$cycles" ]; do
	# Every other time without waiting for the disk: a kill loses nothing then either.
	[ $((cycle % 2)) = 0 ] && FLATSPAN_SYNC=always || FLATSPAN_SYNC=none
	export FLATSPAN_SYNC
	writers=
	readers=
	for w in 0 1 2 3; do
		"$driver" write "$temp/root" "$cycle.$w" >"$temp/acks.$w" 2>>"$temp/errors" &
		writers="$writers $!"
	done
	for r in 0 1; do
		"$driver" read "$temp/root" 2>>"$temp/errors" &
		readers="$readers $!"
	done
	pids="$writers $readers"
	# The machine may be slow to start them: the time runs from when all have begun.
	for w in 0 1 2 3; do
		while [ ! -s "$temp/acks.$w" ] && [ ! -s "$temp/errors" ]; do
			sleep 0.02
		done
	done
	sleep 0.$((cycle * 7 % 20 + 10))
	for w in $writers; do
		if ! kill -9 $w; then
			echo "a writer ended by itself"
			cat "$temp/errors"
			exit 1
		fi
		wait $w 2>/dev/null
	done
	for r in $readers; do
		if ! kill -15 $r; then
			echo "a reader ended by itself"
			cat "$temp/errors"
			exit 1
		fi
		wait $r 2>/dev/null
	done
	pids=
	# A kill may have cut the last line of a list of acknowledgements; it must not join the next.
	for w in 0 1 2 3; do
		sed -n '$!p' "$temp/acks.$w" >>"$temp/acks"
	done
	if [ -s "$temp/errors" ]; then
		cat "$temp/errors"
		exit 1
	fi
	cycle=$((cycle + 1))
done
"$driver" check "$temp/root" <"$temp/acks" >"$temp/result" || exit 1
cat "$temp/result"
# The test has to have tested something.
acks=$(wc -l <"$temp/acks")
if [ "$acks" -lt $((cycles * 4)) ]; then
	echo "only $acks spans were acknowledged"
	exit 1
fi
