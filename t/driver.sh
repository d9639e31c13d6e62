#!/bin/sh
# Runs one test for make check, in place of Automake's own driver: it tells how long the test took, in the line that it
# prints and in the .trs file (`:seconds:`), and has a lighter sanitizer for the tests that start many processes.
#
# FLATSPAN_TEST_STEP=1 tries everything and looks for leaks everywhere (make check-long).
set -u
name= log= trs=
while [ $# -gt 0 ]; do
	case $1 in
	--test-name) name=$2; shift ;;
	--log-file) log=$2; shift ;;
	--trs-file) trs=$2; shift ;;
	--) shift; break ;;
	--*) shift ;;
	*) break ;;
	esac
	shift
done

# What a process of ours costs at its start is for the most part the table of global variables, the reader of call
# stacks and the search for leaks at its end. The Check programs have all of them, for the same library.
if [ "${FLATSPAN_TEST_STEP:-1}" != 1 ]; then
	case $name in
	*.test | *.sh) ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0:report_globals=0:malloc_context_size=1 ;;
	*) ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=8 ;;
	esac
	export ASAN_OPTIONS
fi

begun=$(date +%s%N)
"$@" >"$log" 2>&1
status=$?
tenths=$((($(date +%s%N) - begun) / 100000000))
took=$((tenths / 10)).$((tenths % 10))
case $status in
0) result=PASS ;;
77) result=SKIP ;;
99) result=ERROR ;;
*) result=FAIL ;;
esac
[ $result = PASS ] || echo "$result $name (exit status: $status)" >>"$log"
case $result in FAIL | ERROR) again=yes ;; *) again=no ;; esac
echo "$result: $name ($took s)"
printf ':test-result: %s\n:global-test-result: %s\n:recheck: %s\n:copy-in-global-log: %s\n:seconds: %s\n' \
	$result $result $again $again "$took" >"$trs"
