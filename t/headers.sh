#!/bin/sh
# Every header under lib/ compiles alone, and twice in one file.
#
#	t/headers.sh [TREE]
#
# CC: the compiler. First it checks itself with headers that do not.
set -u
tree=${1:-${top_srcdir:-$(dirname "$0")/..}}
: "${CC:=cc}"

# compiles LIB HEADER: no object is made.
compiles() {
	printf '#include "%s"\n#include "%s"\n' "$2" "$2" |
		$CC -fsyntax-only -std=c11 -D_GNU_SOURCE -Wall -Wextra -Wundef -Werror -I"$1" -x c -
}

temp=$(mktemp -d "${TMPDIR:-/tmp}/flatspan-headers-XXXXXX") || exit 99
trap 'rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM

printf '#ifndef A\n#define A\n#include <stddef.h>\nsize_t f(void);\n#endif\n' >"$temp/good.h"
printf 'size_t f(void);\n' >"$temp/needs_more.h"
printf 'enum e { E };\n' >"$temp/unguarded.h"
printf '#include "nowhere.h"\n' >"$temp/lost.h"
if ! compiles "$temp" good.h; then
	echo "headers.sh: $CC does not compile a good header"
	exit 99
fi
for bad in needs_more.h unguarded.h lost.h; do
	if compiles "$temp" $bad 2>"$temp/out"; then
		echo "headers.sh does not see what is wrong with $bad"
		exit 99
	fi
done

failed=0
cd "$tree/lib" || exit 99
for header in $(find . -name '*.h' | sed 's,^\./,,' | LC_ALL=C sort); do
	if ! compiles . "$header"; then
		echo "lib/$header does not compile alone"
		failed=1
	fi
done
exit $failed
