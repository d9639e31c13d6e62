#!/bin/sh
# Checks the rules of the tree that a compiler does not check: which folder may include which, where
# system calls stand, how large files and folders are. HACKING.md explains them.
#
#	t/layers.sh [TREE]
#
# Prints each breach as FILE:LINE: WHAT and fails. The check first proves itself: it must see each rule
# that is broken in a small tree, and must accept a tree that only looks as if it broke one.
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

	# Sets the only file in which these calls stand.
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

		# The order inside of a folder: what a part may include of the other parts, and of the
		# headers at the top. The top itself may include all.
		parts["query/match"] = " match "
		parts["query/rows"] = " match rows "
		parts["query/filter"] = " match rows filter "
		parts["query/page"] = " match rows filter page "
		parts["query/aggregate"] = " match rows filter page aggregate "
		top["query/match"] = top["query/filter"] = top["query/rows"] = " query.h source.h "
		top["query/page"] = top["query/aggregate"] = " query.h source.h engine.h "
		# Segments and the row log know each other: a flush drafts a segment from the rows of the
		# log, and a record of the log is made as a row of a segment is.
		parts["index/segment"] = " segment rowlog "
		parts["index/rowlog"] = " segment rowlog "
		parts["index/terms"] = " segment terms "
		top["index/segment"] = " dict.h format.h index.h names.h "
		top["index/rowlog"] = top["index/terms"] = "*"
		parts["shard/sealed"] = " sealed "
		top["shard/sealed"] = ""
		max_modules = 25

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

	# Checks an include of another part of the same folder.
	function check_part(name,	here, to) {
		here = folder "/" sub_folder
		if (!(here in parts))
			return
		to = name
		sub(/^[^\/]*\//, "", to)
		if (to ~ /\//) {
			sub(/\/.*/, "", to)
			if (index(parts[here], " " to " ") == 0)
				say(here " may not include " name)
		} else if (top[here] != "*" && index(top[here], " " to " ") == 0)
			say(here " may not include " name)
	}

	# Notes a file as part of a module, and what a header says of the modules of its folder.
	function note_file(	module) {
		directory = FILENAME
		sub(/\/[^\/]*$/, "", directory)
		module = FILENAME
		sub(/\.[ch]$/, "", module)
		if (!(module in has_file) && ++modules[directory] == max_modules + 1)
			say("more than " max_modules " modules ask for another folder")
		has_file[module] = 1
		if (FILENAME ~ /\.c$/)
			is_source[module] = directory
		else
			has_header[module] = 1
	}

	# True when a header of the folder, or of one above it, names the module.
	function is_declared(module, directory,	name) {
		name = module
		sub(/.*\//, "", name)
		for (;;) {
			if (headers[directory] ~ ("(^|[^A-Za-z0-9])" name "([^A-Za-z0-9]|$)"))
				return 1
			if (!sub(/\/[^\/]*$/, "", directory))
				return 0
		}
	}

	function check_headers(	module) {
		for (module in is_source) {
			if ((module in has_header) || (module in is_program) ||
					is_declared(module, is_source[module]))
				continue
			print module ".c:1: it has no header, and no header of its folder names it"
			found = 1
		}
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
			else if (to == folder)
				check_part(name)
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
		sub_folder = is_lib && n > 3 ? part[3] : ""
		in_comment = 0
		note_file()
	}

	FNR == 601 {
		say("more than 600 lines ask to be two files")
	}

	FILENAME ~ /\.h$/ {
		headers[directory] = headers[directory] " " $0
	}

	/^int main\(/ {
		module = FILENAME
		sub(/\.c$/, "", module)
		is_program[module] = 1
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

	END {
		check_headers()
		exit found
	}
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
for folder in base span store query query/match query/page query/aggregate web api report shard/sealed \
	index/segment index/rowlog index/terms; do
	mkdir -p "$temp/bad/lib/$folder" "$temp/good/lib/$folder"
done
mkdir "$temp/bad/cgi-bin" "$temp/bad/bin" "$temp/good/cgi-bin" "$temp/good/bin"
missed=0
for folder in base span store query web api report; do
	printf '/* a.c, log.c and z.c. */\n' >"$temp/bad/lib/$folder/all.h"
	printf '/* a.c */\n' >"$temp/good/lib/$folder/all.h"
done
printf '/* a.c */\n' >"$temp/bad/bin/all.h"
printf '/* a.c */\n' >"$temp/bad/cgi-bin/all.h"

# plant FILE TEXT: a file that must be found out, for its last line.
plant() {
	printf '%b\n' "$2" >"$temp/bad/$1"
	if (cd "$temp/bad" && breaches $(find . -name '*.[ch]' | sed 's,^\./,,' | LC_ALL=C sort)) >"$temp/out"; then
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
plant lib/query/match/a.h '#include "query/page/page.h"'
plant lib/query/page/a.h '#include "query/explain.h"'
plant lib/query/match/a.h '#include "query/engine.h"'
plant lib/index/segment/a.h '#include "index/cache.h"'
plant lib/index/rowlog/a.h '#include "index/terms/terms.h"'
plant lib/index/terms/a.h '#include "index/rowlog/rowlog.h"'
plant lib/shard/sealed/a.h '#include "shard/shard.h"'
for n in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
	echo "int x$n;" >"$temp/bad/lib/span/m$n.h"
done
plant lib/span/n.h 'int x;'
rm "$temp/bad/lib/span/"m??.h
plant lib/span/b.c 'int x;'
plant lib/base/a.c 'strcpy(a, b);'
plant bin/a.c 'strtol(a, b, 10);'
plant bin/a.c 'void *p = malloc(3);'
plant lib/span/a.c 'if (!p) free(p);'
plant lib/span/a.c 'exit(1);'
plant lib/span/a.c "$(awk 'BEGIN { while (n++ < 600) printf "\\n" }')int x;"

printf '#include "query/query.h"\n#include "query/match/match.h"\n' >"$temp/good/lib/query/page/page.h"
printf '#include "query/page/page.h"\n#include "query/explain.h"\n' >"$temp/good/lib/query/engine.h"
printf '#include "index/cache.h"\n#include "index/segment/segment.h"\n' >"$temp/good/lib/index/rowlog/rowlog.h"
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
	echo "int x$n;" | tee "$temp/good/lib/span/m$n.h" >"$temp/good/lib/span/m$n.c"
done
printf 'int main(void)\n{\n}\n' >"$temp/good/bin/program.c"
printf '/* io.c */\n' >"$temp/good/lib/base/io.h"
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
