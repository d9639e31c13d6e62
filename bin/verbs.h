/* The verbs and options of the command line, one row each.  The help, the check of the man page and
 * the completions are derived from them. */
/* clang-format off */

/*	name		letter	value		help */
#define CLI_OPTION_LIST(X) \
	X("conf",	'C',	"FILE",		"read settings from FILE") \
	X("root",	0,	"DIR",		"use the data directory DIR") \
	X("workspace",	'w',	"NAME",		"the workspace; by default that of the settings") \
	X("json",	0,	NULL,		"print JSON, one object a line") \
	X("help",	'h',	NULL,		"describe the command") \
	X("version",	0,	NULL,		"print the version") \
	X("ndjson",	0,	NULL,		"an alias of --json") \
	X("tsv",		0,	NULL,		"print tab-separated values, with the names of columns first") \
	X("table",	0,	NULL,		"print aligned columns") \
	X("expires",	0,	"TIME",		"when the key ends: a date, or 90d from now") \
	X("label",	0,	"TEXT",		"a note for people") \
	X("role",	0,	"ROLES",	"ingest, read or admin, or several separated by commas") \
	X("keep",	0,	"TIME",		"how long prune keeps days (for example 90d, or forever)") \
	X("max-size",	0,	"SIZE",		"maximum size kept by prune (for example 2G, or none)") \
	X("web",	0,	"DIR",		"set up the directory DIR of a document root: program, .htaccess") \
	X("url",	0,	"URL",		"the URL of the service") \
	X("probe",	0,	NULL,		"leave out of .htaccess what the host forbids, by trying until --url answers") \
	X("key",	0,	"KEY",		"the API key; safer in a file or in FLATSPAN_KEY, which other users do not see") \
	X("key-file",	0,	"FILE",		"a file that holds the API key; - is standard input") \
	X("since",	0,	"TIME",		"only what began at TIME or later: 2026-11-21, 2h (ago)") \
	X("until",	0,	"TIME",		"only what began before TIME") \
	X("limit",	'n',	"N",		"at most N rows") \
	X("kind",	0,	"KIND",		"only spans of this kind: LLM, TOOL, AGENT, ...") \
	X("errors",	0,	NULL,		"only spans that failed") \
	X("where",	0,	"COND",		"only spans with FIELD=VALUE; also != < <= > >= ~ (contains); may be repeated") \
	X("from",	0,	"FORMAT",	"flatspan, otlp-json, otlp-proto, atif, opik, langfuse, phoenix, claude-code, codex or chat; recognised by default") \
	X("listen",	0,	"ADDRESS",	"listen on ADDRESS, such as 127.0.0.1:4318 or [::1]:0") \
	X("workers",	0,	"N",		"serve N requests at once") \
	X("by",		0,	"FIELDS",	"group by up to four of day, model, kind, name, ..., separated by commas") \
	X("metric",	0,	"NAMES",	"only some of spans, errors, p50, p95, tokens, cost, separated by commas") \
	X("sort",	0,	"WHAT",		"sort by duration (the sum), p95, cost, tokens, errors or spans, the most first") \
	X("follow",	'f',	NULL,		"continue with what arrives") \
	X("no-wait",	0,	NULL,		"leave replaced files to the next run") \
	X("notes",	0,	NULL,		"also scores, comments and annotations") \
	X("tree",	0,	NULL,		"print a trace as a tree, on a terminal too without bars") \
	X("waterfall",	0,	NULL,		"print a trace as a tree with bars that show when spans ran, as on a terminal") \
	X("md",		0,	NULL,		"print a trace as Markdown, with inputs and outputs") \
	X("otlp",	0,	NULL,		"print OTLP requests in JSON, one a line, that can be sent again") \
	X("gzip",	0,	NULL,		"compress with gzip") \
	X("hive",	0,	NULL,		"write a file a day: workspace=NAME/date=DAY/part-0.jsonl") \
	X("dir",	0,	"DIR",		"where to write; by default the current directory") \
	X("cut",	0,	"SIZE",		"cut each body after SIZE; by default 2000 bytes, with --max-tokens no limit") \
	X("max-tokens",	0,	"N",		"with --md: cut to about N tokens, long inputs and outputs first") \
	X("user",	0,	"ID",		"only spans of this user, like --where user_id=ID") \
	X("proof",	0,	NULL,		"read all that is left, and print what was done to which file") \
	X("salvage",	0,	NULL,		"store sound lines that are inside of damaged ones again") \
	X("dry-run",	0,	NULL,		"print what would be done, and do nothing")

/* Options that every verb takes. */
#define CLI_COMMON_OPTIONS "conf root workspace json ndjson help version"

/*	function	name		words				options						needs		summary */
#define CLI_VERB_LIST(X) \
	X(init,		"init",		"",				"web url probe dry-run",				CONF,		"set up a data directory and a key, and print the next steps") \
	X(key,		"key",		"add|list|revoke|rotate [WORKSPACE|ID]",	"role expires label tsv table",				CONF,		"add, list, revoke and rotate API keys") \
	X(workspace,	"workspace",	"add|list|set|remove [NAME] [SETTING=VALUE...]", "keep max-size dry-run tsv table",		STORE,		"manage workspaces and their settings") \
	X(pin,		"pin",		"TRACE...",			"",						STORE,		"exempt traces from pruning") \
	X(list,		"list",		"[spans|traces|sessions]",	"since until limit kind errors where tsv table",		STORE,		"list spans, traces or sessions, newest first") \
	X(show,		"show",		"ID",				"tree waterfall md max-tokens cut otlp tsv table",		STORE,		"show a trace as a tree, or a span") \
	X(diff,		"diff",		"TRACE TRACE",			"",						STORE,		"show two traces side by side") \
	X(tail,		"tail",		"",				"follow url key key-file since until limit kind errors where tsv table", CONF,	"print the spans that arrived last, here or at a URL") \
	X(grep,		"grep",		"TEXT",				"since until limit kind errors where tsv table",		STORE,		"find spans by text in name, input, output or metadata") \
	X(stats,		"stats",	"",				"by metric sort since until limit kind errors where tsv table",	STORE,		"sum up counts, durations, tokens and costs") \
	X(top,		"top",		"",				"follow by sort limit since until kind errors where tsv table",	STORE,		"print what takes the most time, money or tokens, or fails most, in the last hour") \
	X(explain,	"explain",	"",				"since until limit kind errors where",		STORE,		"explain how a list of spans is found") \
	X(export,	"export",	"",				"since until kind errors where notes otlp gzip hive dir",	STORE,		"print spans as lines") \
	X(import,	"import",	"[FILE...]",			"from dry-run",					STORE,		"store spans that flatspan or other programs exported") \
	X(index,	"index",	"[DAY...]",			"dry-run",					STORE,		"rebuild the index of days, which is a cache") \
	X(verify,	"verify",	"[DAY...]",			"salvage tsv table",					STORE,		"read all lines and indexes and print what is damaged") \
	X(dump_index,	"dump-index",	"DAY",				"",						STORE,		"print what the index of a day holds, for diff") \
	X(seal,		"seal",		"[DAY...]",			"dry-run",					STORE,		"compress days that are over, one file each") \
	X(quarantine,	"quarantine",	"DAY...",			"",						STORE,		"put a damaged day aside and keep the sound spans of it") \
	X(prune,	"prune",	"",				"dry-run",					STORE,		"remove the oldest days, according to the settings of workspaces") \
	X(compact,	"compact",	"[DAY...]",			"",						STORE,		"remove lines from past days that later ones replace or delete") \
	X(erase,	"erase",	"",				"user where kind errors since until label proof no-wait", STORE,		"remove spans permanently, from all days that are over") \
	X(backup,	"backup",	"DIR",				"",						STORE,		"back up the data, also while it is written") \
	X(restore,	"restore",	"BACKUP DIR",			"",						CONF,		"restore a backup to a new directory and verify it") \
	X(cron,		"cron",		"",				"no-wait",						STORE,		"run all maintenance that is due, for the crontab") \
	X(doctor,	"doctor",	"",				"web url key key-file tsv table",			CONF,		"find problems of this installation, or of the service at a URL") \
	X(send_test,	"send-test",	"",				"url key key-file",				CONF,		"send a span to a service and read it back") \
	X(du,		"du",		"",				"tsv table",						STORE,		"print the disk usage of workspaces, or of the days of one") \
	X(demo,		"demo",		"",				"",						STORE,		"store some sample traces") \
	X(serve,		"serve",	"",				"listen workers",				STORE,		"serve HTTP on this machine, for development") \
	X(mcp,		"mcp",		"",				"",						STORE,		"serve traces to coding agents on standard input and output (MCP)") \
	X(routes,	"routes",	"",				"tsv table",						NOTHING,	"print the routes of the APIs, and the role that each needs") \
	X(help,		"help",		"[VERB]",			"",						NOTHING,	"describe the commands") \
	X(version,	"version",	"",				"",						NOTHING,	"print the version")
/* clang-format on */
