#!/bin/sh
# Each rule of the write and read protocol is switched off in turn (lib/shard/mutants.h), in a build
# made for it, and some test of the store must fail.  A rule that can go without any test noticing is
# a rule nobody keeps.
#
#	t/store/mutants.sh [RULE...]
set -u
source=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
temp=$(mktemp -d "${TMPDIR:-/tmp}/flatspan-mutants-XXXXXX") || exit 99
trap 'rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM
# Tests that fail leave their files.
TMPDIR=$temp
export TMPDIR

# Where one rule backs another, the pair stands here too: with both off a test must say that
# something is lost.
rules=${*:-"NOHEAL NOLOOP NOLOOP,NOLEN NOLOCK NOLOCK,NOLEN NOLEN IGNOREERR IGNOREERR,NOLEN NODAY
	NOSEALED NOSTRAGGLER NODIRSYNC NOFLOOR NOSYNC NOSYNCERR NOSUSPECT SYNCLOCKED NOCLOSE NOROTATE
	NOLIMIT NOPREV NOCRC NOSNAPSHOT NOSETTLE NOINDEXSUM NOINDEXPRINT NOCHAIN NOKNOWN"}
# The quick ones first: one that fails is enough.
tests="protocol append lookup index index_damage damage root seal seal_fault sealed_damage sealed_file torture"

cd "$temp" || exit 99
echo "building with --enable-mutants"
"$source/configure" --enable-mutants CFLAGS='-O1 -g' >build.log 2>&1 || {
	tail -5 build.log
	exit 99
}
for t in $tests; do
	make "t/store/${t}_test" >>build.log 2>&1 || {
		tail -20 build.log
		exit 99
	}
done

# Every switch in the sources is tried, and every rule tried has a switch.
for rule in $(grep -ohr 'MUTANT([A-Z]*)' "$source"/lib --include="*.c" | sed 's/MUTANT(//; s/)//' | sort -u); do
	case " $(echo $rules) " in
	*" $rule "*) ;;
	*) [ $# -gt 0 ] || { echo "$rule is not tried"; exit 1; } ;;
	esac
done

for t in $tests; do
	if ! "t/store/${t}_test" >"$t.log" 2>&1; then
		echo "without any rule off, ${t}_test fails"
		cat "$t.log"
		exit 1
	fi
done

survived=0
for rule in $rules; do
	by=
	for t in $tests; do
		FLATSPAN_MUTANT=$rule timeout 120 "t/store/${t}_test" >"$t.log" 2>&1 && continue
		# "file:line:F:suite:test:turn: message"
		case $rule in
		*,*) line=$(grep -E ':[FE]:.* lost' "$t.log" | head -1) ;;
		*) line=$(grep -E ':[FE]:' "$t.log" | head -1) ;;
		esac
		if [ -n "$line" ]; then
			by="$t: $(echo "$line" | cut -d: -f5)"
			break
		fi
	done
	if [ -n "$by" ]; then
		echo "$rule: found by $by"
	else
		echo "$rule: NO TEST NOTICES"
		survived=1
	fi
done
exit $survived
