#!/bin/sh
# Sources look as .clang-format says. Other versions than 14 would say other things: then it is
# skipped.
#
#	t/format.sh [TREE]
#
# First it checks itself with a file that does not.
set -u
tree=${1:-${top_srcdir:-$(dirname "$0")/..}}

format=
for candidate in clang-format-14 clang-format; do
	case $($candidate --version 2>/dev/null) in
	*"version 14."*)
		format=$candidate
		break
		;;
	esac
done
if [ -z "$format" ]; then
	echo "clang-format 14 is not installed"
	exit 77
fi

cd "$tree" || exit 99
style=file:$(pwd)/.clang-format
temp=$(mktemp -d "${TMPDIR:-/tmp}/flatspan-format-XXXXXX") || exit 99
trap 'rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM

printf 'int f(void)\n{\n\treturn 1;\n}\n' >"$temp/good.c"
printf 'int f(void) {\n  return 1;\n}\n' >"$temp/bad.c"
if ! $format --style="$style" --dry-run -Werror "$temp/good.c"; then
	echo "format.sh complains of a good file"
	exit 99
fi
if $format --style="$style" --dry-run -Werror "$temp/bad.c" 2>"$temp/out"; then
	echo "format.sh does not see a bad file"
	exit 99
fi

find lib cgi-bin bin t -name '*.[ch]' | LC_ALL=C sort |
	xargs "$format" --style="$style" --dry-run -Werror
