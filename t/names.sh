#!/bin/sh
# Checks names and comments: one name for one function, plain words, comments that are sentences.
#
#	t/names.sh [TREE]
#
# Prints each breach as FILE:LINE: WHAT and fails:
#  - the name of a static function is defined in one file only;
#  - no comment begins with Of, Those, The same, Likewise, As above, Who, So many;
#  - no comment of a header begins with a question;
#  - neither names nor comments, messages and pages use a word for which doc/glossary.md has a better one.
# The check first proves itself on small files: it must see each breach that is planted there, and must
# accept what only looks like one.
set -u
tree=${1:-${top_srcdir:-$(dirname "$0")/..}}

# Static functions that share their name with a function of another file; more than this many fail.
twins=20

# Reads the files named as arguments, paths from the top of a tree.
breaches() {
	awk -v twins="$twins" '
	BEGIN {
		# Words that no function, type or file has in its name.
		n = split("stock stocks sieve sieves picked kills rivals rival losers loser tidy voc " \
			"reckon reckons reckoned anew whoever seat seats", list, " ")
		for (i = 1; i <= n; i++)
			bad_word[list[i]] = 1
		# Words that only the index and its queries use for something that has a better word.
		n = split("live closing", list, " ")
		for (i = 1; i <= n; i++)
			bad_index_word[list[i]] = 1
		# Words that neither comments nor messages nor pages say.
		n_phrases = split("reckon[a-z]*|anew|at hand|so many|whoever|stocks?|sieves?", phrase, "|")
		opening = "^(Of|Those|The same|Likewise|As above|Who|So many)([^A-Za-z0-9_]|$)"
	}

	function say(line, what) {
		print file ":" line ": " what
		found = 1
	}

	# True when the words of a name, cut at _ and /, hold a word that is not used.
	function check_name(line, name,	list, n, i) {
		n = split(tolower(name), list, /[_\/.-]/)
		for (i = 1; i <= n; i++) {
			if (list[i] in bad_word)
				say(line, name ": the glossary has another word for " list[i])
			if (in_index && (list[i] in bad_index_word))
				say(line, name ": the glossary has another word for " list[i])
		}
	}

	function check_phrases(line, text,	i) {
		text = tolower(text)
		for (i = 1; i <= n_phrases; i++)
			if (match(text, "(^|[^a-z_])" phrase[i] "([^a-z_]|$)"))
				say(line, "plain English has another word for: " substr(text, RSTART, RLENGTH))
	}

	function end_comment(	first) {
		gsub(/[ \t]+/, " ", comment)
		sub(/^[ *\/-]+/, "", comment)
		if (match(comment, opening))
			say(comment_line, "a comment begins with: " substr(comment, RSTART, RLENGTH))
		first = comment
		if (match(first, /[.?!;:]( |$)/))
			first = substr(first, 1, RSTART)
		if (is_header && first ~ /\?$/)
			say(comment_line, "a comment asks: " first)
		comment = ""
	}

	# Returns the line without comments and texts; collects the comments.
	function code_of(line,	out, token, rest) {
		out = ""
		while (line != "") {
			if (in_comment) {
				if (!match(line, /\*\//)) {
					sub(/^[ \t]*\*/, "", line)
					comment = comment " " line
					return out
				}
				comment = comment " " substr(line, 1, RSTART - 1)
				in_comment = 0
				line = substr(line, RSTART + 2)
				end_comment()
				continue
			}
			if (!match(line, /"|\047|\/\*|\/\//))
				return out line
			out = out substr(line, 1, RSTART - 1) " "
			token = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
			if (token == "//" || token == "/*") {
				comment_line = FNR
				comment = ""
			}
			if (token == "//") {
				comment = line
				end_comment()
				return out
			}
			if (token == "/*") {
				in_comment = 1
				continue
			}
			rest = token == "\"" ? "^([^\"\\\\]|\\\\.)*\"" : "^([^\047\\\\]|\\\\.)*\047"
			if (!match(line, rest))
				return out
			line = substr(line, RLENGTH + 1)
		}
		return out
	}

	function check_code(line,	name, head) {
		if (line ~ /^static [^=;]*[a-z_0-9]+\(/ && line !~ /;[ \t]*$/) {
			head = line
			gsub(/__attribute__\(\([^)]*(\([^)]*\))?[^)]*\)\)/, "", head)
			sub(/\(.*/, "", head)
			sub(/.*[^A-Za-z_0-9]/, "", head)
			if (head != "" && !((head, file) in defined)) {
				defined[head, file] = 1
				places[head] = places[head] file ":" FNR " "
				if (++copies[head] == 2)
					n_twins++
			}
		}
		while (match(line, /[A-Za-z_][A-Za-z_0-9]*\(|(struct|enum|union) [A-Za-z_][A-Za-z_0-9]*/)) {
			name = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
			sub(/\($/, "", name)
			sub(/^(struct|enum|union) /, "", name)
			check_name(FNR, name)
		}
	}

	FNR == 1 {
		file = FILENAME
		is_code = file ~ /\.[ch]$/
		is_header = file ~ /\.h$/
		in_index = file ~ /^lib\/(index|query)\//
		in_comment = 0
		check_name(1, file)
	}

	{
		check_phrases(FNR, $0)
		if (is_code)
			check_code(code_of($0))
	}

	END {
		for (name in copies) {
			if (copies[name] < 2 || n_twins <= twins)
				continue
			n = split(places[name], list, " ")
			for (i = 1; i <= n; i++)
				print list[i] ": " name " is the name of a static function in another file too"
			found = 1
		}
		exit found
	}
	' "$@"
}

check_tree() (
	cd "$1" || exit 2
	set -- $(find lib cgi-bin bin nginx -name '*.[ch]' 2>/dev/null | LC_ALL=C sort) \
		$(ls README.md HACKING.md CHANGES.md doc/*.md doc/*.1 2>/dev/null)
	[ $# -gt 0 ] || { echo "$tree: no sources"; exit 2; }
	breaches "$@"
)

# ---- The check of the check ----

temp=$(mktemp -d "${TMPDIR:-/tmp}/flatspan-names-XXXXXX") || exit 99
trap 'rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM
mkdir -p "$temp/bad/lib/base" "$temp/bad/lib/index" "$temp/bad/doc" "$temp/good/lib/base" "$temp/good/lib/index" \
	"$temp/good/doc"
missed=0

# plant FILE LINE TEXT: a file that must be found out, at this line.
plant() {
	printf '%b\n' "$3" >"$temp/bad/$1"
	if check_tree "$temp/bad" >"$temp/out"; then
		echo "names.sh does not see: $1: $3"
		missed=1
	elif ! grep -q "^$1:$2: " "$temp/out"; then
		echo "names.sh does not name the line of: $1: $3"
		missed=1
	fi
	rm "$temp/bad/$1"
}

plant lib/base/a.c 1 '/* Of all files the last. */'
plant lib/base/a.c 2 'int x; /* fine */\nint y; // Those before it'
plant lib/base/a.c 2 '\n/*\n * The same for\n * texts. */'
plant lib/base/a.h 1 '/* Likewise. */'
plant lib/base/a.h 1 '/* As above, for texts. */'
plant lib/base/a.h 1 '/* Who writes it. */'
plant lib/base/a.h 1 '/* So  many at most. */'
plant lib/base/a.h 1 '/* Is this a name? True when so. */'
plant lib/base/a.h 2 '\n/* May the caller\n * write here? */'
plant lib/base/a.c 1 'int take_stock(int);'
plant lib/base/a.c 1 'struct sieve { int n; };'
plant lib/index/tidy.c 1 'int x;'
plant lib/index/a.c 2 '\nstatic int put_live(int x)\n{'
plant lib/index/a.h 1 'struct closing;'
plant lib/base/a.c 1 '/* Computed anew. */'
plant lib/base/a.c 1 'say("as reckoned");'
plant doc/a.md 2 'Text.\nNo memory is at hand.'
plant doc/a.1 1 'Whoever reads'
twins=0
printf 'static int pair(int x)\n{\n}\n' >"$temp/bad/lib/base/b.c"
plant lib/base/a.c 2 '\nstatic int pair(int x)\n{\n}'
plant lib/base/a.c 2 '\nstatic const char *pair(\n\tint x)\n{\n}'
plant lib/base/a.h 1 'static inline __attribute__((nonnull(1))) int pair(int x) { return x; }'
rm "$temp/bad/lib/base/b.c"

cat >"$temp/good/lib/base/a.c" <<'GOOD'
/* Often used. Of these, one. */
/* Whose? */
static int pair(int x);
static int pair(int x) { return x; }
static const struct names *table = { 0 };
static int pairs[2];
const char *s = "/* Of */"; // A comment, that of the others
int live(void), words(int handy), restocked;
GOOD
cat >"$temp/good/lib/base/b.c" <<'GOOD'
static int pair(int x);
static int couple(int x)
{
	return pair(x) + live();
}
GOOD
printf '/* Returns x. Is it 0? */\nint lives(int words);\n' >"$temp/good/lib/index/a.h"
printf 'Those who ask. Overstock.\n' >"$temp/good/doc/a.md"
if ! check_tree "$temp/good"; then
	echo "names.sh complains of what is allowed"
	missed=1
fi
[ "$missed" = 0 ] || exit 99

twins=20
check_tree "$tree"
