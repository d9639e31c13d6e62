# What the tests of the command line share: a program, a place of their own, and `is`.
# To be read by a test: . "$(dirname "$0")/common.sh"

# FLATSPAN_PROGRAM: which of the binaries.
flatspan=$(cd "${top_builddir:-.}" && pwd)/bin/${FLATSPAN_PROGRAM:-flatspan}
[ -x "$flatspan" ] || { echo "$flatspan is not there: build first"; exit 99; }
source_dir=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd)
temp=$(mktemp -d "${TMPDIR:-/tmp}/fs-cli-XXXXXX") || exit 99
trap 'rm -rf "$temp"' EXIT
trap 'exit 99' HUP INT TERM
HOME=$temp
unset FLATSPAN_CONF FLATSPAN_ROOT GATEWAY_INTERFACE
FLATSPAN_ROOT=$temp/data PYTHONDONTWRITEBYTECODE=1
export HOME FLATSPAN_ROOT PYTHONDONTWRITEBYTECODE
passed=0
failed=0

# is WHAT GOT WANTED
is()
{
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf "FAILED %s: got \"%.400s\", want \"%.400s\"\n" "$1" "$2" "$3"
	fi
}

# fs ARGUMENT...: the output in $out, what was said in $said, the exit status in $code.
fs()
{
	out=$("$flatspan" "$@" 2>"$temp/said")
	code=$?
	said=$(cat "$temp/said")
}

# exits CODE ARGUMENT...
exits()
{
	wanted=$1
	shift
	fs "$@"
	is "exit status of flatspan $*" "$code" "$wanted"
}

# post PATH TYPE FILE [NAME=VALUE...]: a request to the binary as a CGI program; the answer in $out.
post()
{
	path=$1 type=$2 file=$3
	shift 3
	ln -sf "$flatspan" "$temp/ingest.cgi"
	out=$(env GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST REQUEST_URI="$path" CONTENT_TYPE="$type" \
		CONTENT_LENGTH="$(wc -c <"$file" | tr -d ' ')" "$@" "$temp/ingest.cgi" <"$file" | tr -d '\r')
}

# The sample's 44 spans in 5 traces.
load_sample()
{
	for file in "$source_dir"/data/sample/*.json; do
		post /v1/traces application/json "$file" "$@"
	done
}

finish()
{
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
