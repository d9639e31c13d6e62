/*
 * The verbs and options of the command line, one row each.  The help, the man page's check and the
 * completion are derived from them.
 */
/* clang-format off */

/*	name		letter	value		help */
#define CLI_OPTION_LIST(X) \
	X("conf",	'C',	"FILE",		"read settings from FILE") \
	X("root",	0,	"DIR",		"use the data directory DIR") \
	X("workspace",	'w',	"NAME",		"the workspace; else that of the settings") \
	X("json",	0,	NULL,		"print JSON, one object a line") \
	X("help",	'h',	NULL,		"say what the verb does") \
	X("version",	0,	NULL,		"print the version") \
	X("ndjson",	0,	NULL,		"the same as --json") \
	X("tsv",		0,	NULL,		"print values between tabs, the names of columns first") \
	X("table",	0,	NULL,		"print columns as wide as what stands in them") \
	X("expires",	0,	"TIME",		"when the key ends: a date, or 90d from now") \
	X("label",	0,	"TEXT",		"a note for people") \
	X("role",	0,	"ROLES",	"ingest, read or admin, or several with commas") \
	X("keep",	0,	"TIME",		"how long pruning leaves days: 90d, or forever") \
	X("max-size",	0,	"SIZE",		"how much pruning leaves, the newest days: 2G, or none") \
	X("web",	0,	"DIR",		"set up DIR of a document root: program, .htaccess") \
	X("url",	0,	"URL",		"the URL that leads there") \
	X("probe",	0,	NULL,		"leave out of .htaccess what the host forbids: ask --url until it answers") \
	X("key",	0,	"KEY",		"the API key; better in a file or in FLATSPAN_KEY, where others do not see it") \
	X("key-file",	0,	"FILE",		"a file that holds the API key; - is standard input") \
	X("since",	0,	"TIME",		"from TIME on: 2026-11-21, 2h (ago)") \
	X("until",	0,	"TIME",		"what began before TIME") \
	X("limit",	'n',	"N",		"at most N rows") \
	X("kind",	0,	"KIND",		"only spans of this kind: LLM, TOOL, AGENT, ...") \
	X("errors",	0,	NULL,		"only spans that failed") \
	X("where",	0,	"COND",		"only spans with FIELD=VALUE; also != < <= > >= ~ (contains); may be repeated") \
	X("from",	0,	"FORMAT",	"flatspan, otlp-json, otlp-proto, atif, opik, langfuse, phoenix, claude-code, codex or chat; else what a record looks like") \
	X("listen",	0,	"ADDRESS",	"listen on ADDRESS, such as 127.0.0.1:4318 or [::1]:0") \
	X("workers",	0,	"N",		"serve N requests at once") \
	X("by",		0,	"FIELDS",	"group by these: day, model, kind, name, ..., up to four with commas") \
	X("metric",	0,	"NAMES",	"only these sums: spans, errors, p50, p95, tokens, cost, with commas") \
	X("sort",	0,	"WHAT",		"the most first: duration (the sum), p95, cost, tokens, errors or spans") \
	X("follow",	'f',	NULL,		"go on with what arrives") \
	X("no-wait",	0,	NULL,		"leave files that were replaced to the next run") \
	X("notes",	0,	NULL,		"scores, comments and annotations too") \
	X("tree",	0,	NULL,		"a trace as a tree, without bars on a terminal too") \
	X("waterfall",	0,	NULL,		"a trace as a tree with bars that show when spans ran, as on a terminal") \
	X("md",		0,	NULL,		"a trace as Markdown, with inputs and outputs") \
	X("otlp",	0,	NULL,		"as OTLP requests in JSON, one a line, that can be sent again") \
	X("gzip",	0,	NULL,		"packed by gzip") \
	X("hive",	0,	NULL,		"into a file a day: workspace=NAME/date=DAY/part-0.jsonl") \
	X("dir",	0,	"DIR",		"where to; else the current directory") \
	X("cut",	0,	"SIZE",		"of each body at most SIZE: 2000 bytes unless told, with --max-tokens any") \
	X("max-tokens",	0,	"N",		"with --md: cut it to about N tokens, long inputs and outputs first") \
	X("user",	0,	"ID",		"only spans of this user, as --where user_id=ID") \
	X("proof",	0,	NULL,		"read all that is left, and say what was done to which file") \
	X("salvage",	0,	NULL,		"store sound lines again that stand inside of damaged ones") \
	X("dry-run",	0,	NULL,		"say what would be done and do nothing")

/* Those that every verb takes. */
#define CLI_COMMON_OPTIONS "conf root workspace json ndjson help version"

/*	function	name		words				options						needs		summary */
#define CLI_VERB_LIST(X) \
	X(init,		"init",		"",				"web url probe dry-run",				CONF,		"set up a data directory and a key, and say what is next") \
	X(key,		"key",		"add|list|revoke|rotate [WORKSPACE|ID]",	"role expires label tsv table",				CONF,		"make, list, end and replace API keys") \
	X(workspace,	"workspace",	"add|list|set|remove [NAME] [SETTING=VALUE...]", "keep max-size dry-run tsv table",		STORE,		"manage workspaces and their settings") \
	X(pin,		"pin",		"TRACE...",			"",						STORE,		"keep traces, whatever pruning removes") \
	X(list,		"list",		"[spans|traces|sessions]",	"since until limit kind errors where tsv table",		STORE,		"list spans, traces or sessions, newest first") \
	X(show,		"show",		"ID",				"tree waterfall md max-tokens cut otlp tsv table",		STORE,		"show a trace as a tree, or a span") \
	X(diff,		"diff",		"TRACE TRACE",			"",						STORE,		"show two traces side by side") \
	X(tail,		"tail",		"",				"follow url key key-file since until limit kind errors where tsv table", CONF,	"print the spans that arrived last, here or at a URL") \
	X(grep,		"grep",		"TEXT",				"since until limit kind errors where tsv table",		STORE,		"find spans by a text in name, input, output or metadata") \
	X(stats,		"stats",	"",				"by metric sort since until limit kind errors where tsv table",	STORE,		"sum up counts, durations, tokens and costs") \
	X(top,		"top",		"",				"follow by sort limit since until kind errors where tsv table",	STORE,		"print what takes the most time, money or tokens, or fails, in the last hour") \
	X(explain,	"explain",	"",				"since until limit kind errors where",		STORE,		"say how a list of spans is found") \
	X(export,	"export",	"",				"since until kind errors where notes otlp gzip hive dir",	STORE,		"print spans as lines") \
	X(import,	"import",	"[FILE...]",			"from dry-run",					STORE,		"store spans that flatspan or other programs exported") \
	X(index,	"index",	"[DAY...]",			"dry-run",					STORE,		"build the index of days, which is a cache") \
	X(verify,	"verify",	"[DAY...]",			"salvage tsv table",					STORE,		"read all lines and indexes and tell what is damaged") \
	X(dump_index,	"dump-index",	"DAY",				"",						STORE,		"print what the index of a day holds, for diff") \
	X(seal,		"seal",		"[DAY...]",			"dry-run",					STORE,		"compress days that are over, one file each") \
	X(prune,	"prune",	"",				"dry-run",					STORE,		"remove the oldest days, as the settings of workspaces say") \
	X(compact,	"compact",	"[DAY...]",			"",						STORE,		"take out of past days what later ones replace or delete") \
	X(erase,	"erase",	"",				"user where kind errors since until label proof no-wait", STORE,		"remove spans for good, from all days that are over") \
	X(backup,	"backup",	"DIR",				"",						STORE,		"copy the data, also while it is written") \
	X(restore,	"restore",	"BACKUP DIR",			"",						CONF,		"copy a backup to a new place and prove it") \
	X(cron,		"cron",		"",				"no-wait",						STORE,		"do what is due: for the crontab") \
	X(doctor,	"doctor",	"",				"web url key key-file tsv table",			CONF,		"look for what is wrong with this installation, or with the service at a URL") \
	X(send_test,	"send-test",	"",				"url key key-file",				CONF,		"send a span to a service and read it back") \
	X(du,		"du",		"",				"tsv table",						STORE,		"print what workspaces, or the days of one, take on the disk") \
	X(demo,		"demo",		"",				"",						STORE,		"store some traces to look at") \
	X(serve,		"serve",	"",				"listen workers",				STORE,		"answer HTTP on this machine, for development") \
	X(mcp,		"mcp",		"",				"",						STORE,		"serve traces to coding agents on standard input and output (MCP)") \
	X(routes,	"routes",	"",				"tsv table",						NOTHING,	"print what the APIs serve, and the role of a key it needs") \
	X(help,		"help",		"[VERB]",			"",						NOTHING,	"say what the verbs do") \
	X(version,	"version",	"",				"",						NOTHING,	"print the version")
/* clang-format on */
