#!/bin/sh
# Instructions an element of each kernel, as callgrind counts them: the same on every run, whatever
# else the machine does.  Beside them how fast the kernel was just now.
#
#	t/perf/kernel_counts.sh BUILD [PATTERN]
#
# BUILD is a build directory; PATTERN (grep) chooses kernels.  Two runs of different length are
# compared, so that what starting costs is not counted.
set -eu

kernels=${1:?usage: kernel_counts.sh BUILD [PATTERN]}/t/perf/kernels
pattern=${2:-.}
make -s -C "$1" t/perf/kernels
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM

count()
{
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$kernels" "$1" "$2" 2>"$log" >/dev/null
	sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' "$log"
}

printf '%-28s %12s %12s\n' kernel instructions 'G elements/s'
"$kernels" | grep -e "$pattern" | while read -r name; do
	few=$(count "$name" 2)
	many=$(count "$name" 6)
	"$kernels" "$name" 2000 | awk -v name="$name" -v n=$((many - few)) '{
		printf "%-28s %12.3f %12.2f\n", name, n / 4 / $1, $1 * 2000 / $2 / 1e9 }'
done
