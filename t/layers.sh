#!/bin/sh
# The rules of the tree that a reader can check and a compiler does not; HACKING.md explains them.
#
#	t/layers.sh [TREE]
#
# Says every breach as FILE:LINE: WHAT and fails. First it checks itself: a small tree in which each
# rule is broken once must be found out, and one that only looks like it must not.
set -u
tree=${1:-${top_srcdir:-$(dirname "$0")/..}}

# Reads the files named as arguments, paths from the top of a tree.
breaches() {
	awk '
	function refuse(names, what,	list, n, i) {
		n = split(names, list, " ")
		for (i = 1; i <= n; i++)
			refused[list[i]] = what
	}

	# only: the one file in which these calls stand.
	function home(names, only, what,	list, n, i) {
		n = split(names, list, " ")
		for (i = 1; i <= n; i++) {
			home_of[list[i]] = home_of[list[i]] " " only " "
			home_says[list[i]] = what
		}
	}

	BEGIN {
		may["base"] = " base json "
		may["json"] = " base json "
		may["span"] = " base json span "
		may["shard"] = " base json span shard "
		may["index"] = " base json span shard index "
		may["store"] = " base json span shard index store "
		data = " base json span shard index store upkeep "
		may["upkeep"] = data
		may["query"] = " base json span shard index store query "
		may["web"] = " base json web "
		may["otlp"] = " base json span otlp "
		may["semconv"] = " base json span otlp semconv "
		may["api"] = data " query web otlp semconv api "
		may["report"] = " base json span shard index store query api report "
		may["mcp"] = may["report"] " web mcp "
		may["cgi-bin"] = " base web api mcp "
		may["bin"] = data " query web otlp semconv api report mcp "

		library["fcgiapp.h"] = library["zlib.h"] = library["zstd.h"] = 1
		library["xxhash.h"] = library["sha2.h"] = 1

		refuse("strcpy strncpy stpcpy strcat strncat strdupa", "use struct str and struct buf")
		refuse("sprintf vsprintf", "use buf_printf or arena_printf")
		refuse("strtok strtok_r", "use str_cut")
		refuse("atoi atol atoll atof strtol strtoll strtoul strtoull scanf sscanf fscanf",
			"use str_to_i64 and its like")
		refuse("gets alloca", "it has no bound")
		refuse("setlocale localtime localtime_r mktime timegm gmtime gmtime_r strftime strptime",
			"there is no locale and no struct tm: use utime.h")

		home("open openat openat2 creat read pread readv preadv write pwrite writev pwritev " \
			"fsync fdatasync sync_file_range flock lockf rename renameat renameat2 " \
			"unlink unlinkat mkdir mkdirat link linkat symlink symlinkat truncate ftruncate",
			"lib/base/io.c", "files are reached through base/io.h")
		home("write", "lib/base/log.c", home_says["write"])
		home("getenv secure_getenv", "lib/base/conf.c",
			"only base/conf.c reads the environment")
		home("getenv", "lib/shard/mutants.c", home_says["getenv"])
		home("time gettimeofday clock_gettime", "lib/base/utime.c",
			"the clocks are read by base/utime.h")
		home("__builtin_cpu_supports __builtin_cpu_init", "lib/base/cpu.h",
			"base/cpu.h asks the C library: asking the processor takes 0.1 ms a start")
	}

	# The line without comments and without what stands in quotes.
	function code_of(line,	out, token, rest) {
		out = ""
		while (line != "") {
			if (in_comment) {
				if (!match(line, /\*\//))
					return out
				in_comment = 0
				line = substr(line, RSTART + 2)
				continue
			}
			if (!match(line, /"|\047|\/\*|\/\//))
				return out line
			out = out substr(line, 1, RSTART - 1) " "
			token = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
			if (token == "//")
				return out
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

	function say(what) {
		print FILENAME ":" FNR ": " what
		found = 1
	}

	function check_include(line,	name, to) {
		name = line
		sub(/^[^<"]*[<"]/, "", name)
		sub(/[>"].*/, "", name)
		if (name in library) {
			if (FILENAME !~ /\.c$/)
				say(name " is included by a header")
			else if ((name in knows) && knows[name] != FILENAME)
				say(name " is known to " knows[name] " already")
			knows[name] = FILENAME
		}
		to = name
		sub(/\/.*/, "", to)
		if (to in may) {
			if (index(may[folder], " " to " ") == 0)
				say(folder " may not include " name)
		} else if (line ~ /"/ && is_lib && name != "config.h")
			say("name the folder of " name)
	}

	function check_call(name) {
		if (name in refused)
			say(name " is not used here: " refused[name])
		if ((name in home_of) && index(home_of[name], " " FILENAME " ") == 0)
			say(name ": " home_says[name])
		if (name ~ /^(malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf|getline)$/ &&
				folder != "base")
			say(name ": memory comes from an arena, and only lib/base asks the system")
		if (name ~ /^(exit|_exit|_Exit|quick_exit|abort)$/ && is_lib &&
				FILENAME != "lib/base/arena.c")
			say(name ": library code returns an error")
	}

	FNR == 1 {
		n = split(FILENAME, part, "/")
		is_lib = part[1] == "lib"
		folder = is_lib ? part[2] : part[1]
		in_comment = 0
	}

	FNR == 601 {
		say("more than 600 lines ask to be two files")
	}

	!in_comment && /^[ \t]*#[ \t]*include/ {
		check_include($0)
	}

	{
		line = code_of($0)
		while (match(line, /[A-Za-z_][A-Za-z_0-9]*[ \t]*\(/)) {
			before = RSTART > 1 ? substr(line, RSTART - 1, 1) : ""
			name = substr(line, RSTART, RLENGTH - 1)
			line = substr(line, RSTART + RLENGTH)
			sub(/[ \t]+$/, "", name)
			# A member is called by its own rules: io->write, say.
			if (before != "." && before != ">")
				check_call(name)
		}
	}

	END { exit found }
	' "$@"
}

check_tree() (
	cd "$1" || exit 2
	set -- $(find lib cgi-bin bin -name '*.[ch]' 2>/dev/null | LC_ALL=C sort)
	[ $# -gt 0 ] || { echo "$tree: no sources"; exit 2; }
	breaches "$@"
)

# ---- The check of the check ----

temp=$(mktemp -d "${TMPDIR:-/tmp}/flatspan-layers-XXXXXX") || exit 99
trap 'rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM
for folder in base span store query web api report; do
	mkdir -p "$temp/bad/lib/$folder" "$temp/good/lib/$folder"
done
mkdir "$temp/bad/cgi-bin" "$temp/bad/bin" "$temp/good/cgi-bin" "$temp/good/bin"
missed=0

# plant FILE TEXT: a file that must be found out, for its last line.
plant() {
	printf '%b\n' "$2" >"$temp/bad/$1"
	if (cd "$temp/bad" && breaches $(find . -name '*.[ch]' | sed 's,^\./,,')) >"$temp/out"; then
		echo "layers.sh does not see: $1: $2"
		missed=1
	elif ! grep -q "^$1:$(wc -l <"$temp/bad/$1" | tr -d ' '): " "$temp/out"; then
		echo "layers.sh does not name the line of: $1: $2"
		missed=1
	fi
	rm "$temp/bad/$1"
}

plant lib/base/a.c '#include "span/span.h"'
plant lib/span/a.c '#include "shard/root.h"'
plant lib/span/a.c '/* why */ int x;\n\t# include "api/api.h"'
plant lib/store/a.h '#include "query/query.h"'
plant lib/store/a.c '#include <web/request.h>'
plant lib/query/a.c '#include "web/params.h"'
plant lib/web/a.h '#include "span/span.h"'
plant cgi-bin/a.c '#include "shard/root.h"'
plant lib/api/a.c '#include "mcp/http.h"'
plant lib/report/a.c '#include "web/request.h"'
plant lib/web/a.c '#include "request.h"'
plant lib/base/a.h '#include <zlib.h>'
printf '#include <zlib.h>\n' >"$temp/bad/lib/base/gzip.c"
plant lib/base/z.c '#include <zlib.h>'
rm "$temp/bad/lib/base/gzip.c"
plant lib/api/a.c 'int x = open("a", 0);'
plant lib/base/a.c 'x = y-fsync (fd);'
plant lib/base/log.c 'fsync(2);'
plant lib/store/a.c '/* a\n * b */ flock(fd, LOCK_EX);'
plant lib/store/a.c 'char q = 0x22; const char *s = "\\"/*"; rename(a, b); /* " */'
plant lib/web/a.c "char q = '\"'; getenv(\"HTTP_HOST\"); // '\""
plant lib/query/a.c 'return clock_gettime(CLOCK_REALTIME, &t);'
plant lib/base/a.c 'if (__builtin_cpu_supports("avx2"))'
plant lib/base/a.c 'strcpy(a, b);'
plant bin/a.c 'strtol(a, b, 10);'
plant bin/a.c 'void *p = malloc(3);'
plant lib/span/a.c 'if (!p) free(p);'
plant lib/span/a.c 'exit(1);'
plant lib/span/a.c "$(awk 'BEGIN { while (n++ < 600) printf "\\n" }')int x;"

cat >"$temp/good/lib/base/io.c" <<'GOOD'
#include "base/io.h"
#include <fcntl.h>
int f(void) { return open("a", 0) + write(1, "strcpy(a, b)", 3); }
GOOD
cat >"$temp/good/lib/store/a.c" <<'GOOD'
#include "config.h"
#include "span/span.h"
/* strcpy(a, b) and malloc(3), as one would write elsewhere:
#include "web/request.h"
 */
// fsync(fd)
const char *s = "\"malloc(3)", *t = "/*", c = '"', d = '\'';
int n = io->fsync(fd) + x.read(fd) + io_write(fd) + my_malloc(3) + malloc_usable(x) + writes(1);
static int (*const openat_function)(int) = openat;
GOOD
printf '#include "shard/root.h"\n' >"$temp/good/lib/api/a.c"
if ! check_tree "$temp/good"; then
	echo "layers.sh complains of what is allowed"
	missed=1
fi
[ "$missed" = 0 ] || exit 99

check_tree "$tree"
