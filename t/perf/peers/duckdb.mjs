// DuckDB on the same lines, in process, 2 threads.
//
//	node duckdb.mjs LINES DATABASE
//
// Prints "name<TAB>figure" lines: milliseconds (median), spans a second, bytes a span.
import { DuckDBInstance } from '@duckdb/node-api';
import fs from 'node:fs';

const [lines, file] = process.argv.slice(2);
for (const f of [file, file + '.wal']) fs.rmSync(f, { force: true });
const instance = await DuckDBInstance.create(file, { threads: '2' });
const db = await instance.connect();
const ask = async (sql) => (await db.runAndReadAll(sql)).getRows();
const say = (name, figure, digits) => console.log(`${name}\t${figure.toFixed(digits)}`);

async function measure(name, times, ...questions) {
	const took = [];
	for (let i = 0; i < times; i++) {
		const began = process.hrtime.bigint();
		for (const q of questions) await ask(typeof q === 'function' ? q(i) : q);
		took.push(Number(process.hrtime.bigint() - began) / 1e6);
	}
	say(name, took.sort((a, b) => a - b)[times >> 1], 3);
}

const text = ['span_id', 'trace_id', 'parent_span_id', 'session_id', 'kind', 'status', 'name', 'source', 'environment',
	'project', 'provider', 'model', 'tool_name', 'agent_name', 'prompt_name', 'error_type', 'error_message',
	'attributes', 'input', 'output'].map((c) => `${c}:'VARCHAR'`);
const number = ['input_tokens', 'output_tokens', 'cached_tokens', 'total_tokens'].map((c) => `${c}:'BIGINT'`);
const cost = ['cost_total_usd', 'cost_input_usd', 'cost_output_usd'].map((c) => `${c}:'DOUBLE'`);
const time = ['started_at', 'ended_at', 'ingested_at'].map((c) => `${c}:'TIMESTAMP'`);
const columns = [...text, ...number, ...cost, ...time].join(', ');

const began = Date.now();
await ask(`create table spans as select * from read_json('${lines}', format='newline_delimited',
	maximum_object_size=16000000, columns={${columns}})`);
await ask('checkpoint');
const seconds = (Date.now() - began) / 1e3;
const n = Number((await ask('select count(*) from spans'))[0][0]);
say('load', n / seconds, 0);
say('bytes', fs.statSync(file).size / n, 0);
await ask('create index by_id on spans(span_id)');

const ids = (await ask('select span_id from spans using sample 300 rows')).map((r) => r[0]);
const twoDays = "started_at between '2026-01-08' and '2026-01-10'";
const filtered = `from spans where status='error' and kind='LLM' and ${twoDays}`;
await measure('get', 60, (i) => `select * from spans where span_id='${ids[i % ids.length]}'`);
await measure('miss', 60, (i) => `select * from spans where span_id='no-${i}'`);
await measure('filtered', 9, `select * ${filtered} order by started_at desc limit 100`, `select count(*) ${filtered}`);
await measure('newest', 9, 'select * from spans order by started_at desc limit 100');
await measure('deep', 5, `select * from spans order by started_at desc limit 100 offset ${Math.min(99900, n - 100)}`);
await measure('traces', 9, `select r.trace_id, r.name, r.started_at, max(s.ended_at), count(*),
	count(*) filter (s.status='error'), sum(s.input_tokens), sum(s.output_tokens), sum(s.total_tokens),
	sum(s.cost_total_usd) from (select trace_id, name, started_at from spans where parent_span_id is null
	order by started_at desc limit 50) r join spans s on s.trace_id=r.trace_id group by all order by r.started_at desc`,
	'select count(*) from spans where parent_span_id is null');
await measure('groups', 9, 'select trace_id, count(*) n, count(*) over () from spans group by 1 order by n desc limit 10');
await measure('groups_day', 9, `select session_id, trace_id, count(*) n from spans
	where started_at between '2026-01-08' and '2026-01-09' group by 1, 2 order by n desc`);
for (const [name, word] of [['rare', 'xylophonist'], ['frequent', 'database'], ['absent', 'zyxwvutsrq']])
	await measure(name, 3, `select span_id from spans where contains(input, '${word}') or contains(output, '${word}')
		order by started_at desc limit 100`);
