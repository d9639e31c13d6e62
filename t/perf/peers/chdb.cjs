// ClickHouse in process (chdb) on the same lines, 2 threads.
//
//	node chdb.cjs LINES DIRECTORY
//
// Prints "name<TAB>figure" lines: milliseconds (median; searches: the first run, because ClickHouse
// remembers what a condition found), spans a second, bytes a span.
const { Session } = require('chdb');
const fs = require('fs');

const [lines, dir] = process.argv.slice(2);
fs.rmSync(dir, { recursive: true, force: true });
fs.mkdirSync(dir, { recursive: true });
const db = new Session(dir);
const ask = (sql, format) => db.query(sql, format || 'TSV');
const say = (name, figure, digits) => console.log(`${name}\t${figure.toFixed(digits)}`);

function measure(name, times, ...questions) {
	const took = [];
	for (let i = 0; i < times; i++) {
		const began = process.hrtime.bigint();
		for (const q of questions) ask(typeof q === 'function' ? q(i) : q, 'JSONEachRow');
		took.push(Number(process.hrtime.bigint() - began) / 1e6);
	}
	say(name, took.sort((a, b) => a - b)[times >> 1], 3);
}

const few = ['session_id', 'kind', 'status', 'name', 'source', 'environment', 'project', 'provider', 'model',
	'tool_name', 'agent_name', 'prompt_name', 'error_type'];
const many = ['span_id', 'trace_id', 'parent_span_id', 'error_message'];
const bodies = ['attributes', 'input', 'output'];
const counts = ['input_tokens', 'output_tokens', 'cached_tokens', 'total_tokens'];
const costs = ['cost_total_usd', 'cost_input_usd', 'cost_output_usd'];
const times = ['started_at', 'ended_at', 'ingested_at'];
const list = (names, type) => names.map((c) => `${c} ${type}`);
const stored = [...list(few, 'LowCardinality(String)'), ...list(many, 'String'),
	...list(bodies, 'String CODEC(ZSTD(1))'), ...list(counts, 'UInt32'), ...list(costs, 'Float64'),
	...list(times, "DateTime64(6, 'UTC')"), 'index a span_id type bloom_filter(0.01) granularity 1',
	'index b trace_id type bloom_filter(0.01) granularity 1'];
const sent = [...list([...few, ...many, ...bodies], 'String'), ...list(counts, 'UInt32'), ...list(costs, 'Float64'),
	...list(times, "DateTime64(6, 'UTC')")];
const names = [...few, ...many, ...bodies, ...counts, ...costs, ...times].join(', ');

ask('create database d');
ask('set max_threads=2');
ask(`create table d.spans (${stored.join(', ')}) engine=MergeTree partition by toDate(started_at)
	order by (started_at, span_id) settings index_granularity=1024`);
const began = Date.now();
ask(`insert into d.spans (${names}) select ${names} from file('${lines}', 'JSONEachRow', '${sent.join(', ').replace(/'/g, "\\'")}')
	settings date_time_input_format='best_effort', input_format_skip_unknown_fields=1,
	input_format_json_read_objects_as_strings=1, input_format_json_read_arrays_as_strings=1`);
const seconds = (Date.now() - began) / 1e3;
const n = Number(ask('select count() from d.spans'));
say('load', n / seconds, 0);
say('bytes', Number(ask("select sum(bytes_on_disk) from system.parts where active and table='spans'")) / n, 0);

const ids = ask('select span_id from d.spans order by cityHash64(span_id) limit 300').trim().split('\n');
const twoDays = "started_at between '2026-01-08 00:00:00' and '2026-01-10 00:00:00'";
const filtered = `from d.spans where status='error' and kind='LLM' and ${twoDays}`;
measure('get', 60, (i) => `select * from d.spans where span_id='${ids[i % ids.length]}'`);
measure('miss', 60, (i) => `select * from d.spans where span_id='no-${i}'`);
measure('filtered', 9, `select * ${filtered} order by started_at desc limit 100`, `select count() ${filtered}`);
measure('newest', 9, 'select * from d.spans order by started_at desc limit 100');
measure('deep', 5, `select * from d.spans order by started_at desc limit 100 offset ${Math.min(99900, n - 100)}`);
measure('traces', 9, `with r as (select trace_id, name, started_at from d.spans where parent_span_id=''
	order by started_at desc limit 50) select trace_id, any(r.name), any(r.started_at) a, max(s.ended_at), count(),
	countIf(s.status='error'), sum(s.input_tokens), sum(s.output_tokens), sum(s.total_tokens), sum(s.cost_total_usd)
	from d.spans s inner join r on s.trace_id=r.trace_id group by trace_id order by a desc`,
	"select count() from d.spans where parent_span_id=''");
measure('groups', 9, 'select trace_id, count() n, count() over () from d.spans group by trace_id order by n desc limit 10');
measure('groups_day', 9, `select session_id, trace_id, count() n from d.spans
	where started_at between '2026-01-08 00:00:00' and '2026-01-09 00:00:00' group by 1, 2 order by n desc`);
for (const [name, word] of [['rare', 'xylophonist'], ['frequent', 'database'], ['absent', 'zyxwvutsrq']])
	measure(name, 1, `select span_id from d.spans where input like '%${word}%' or output like '%${word}%'
		order by started_at desc limit 100`);
