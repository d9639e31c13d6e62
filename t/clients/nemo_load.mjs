// The requests that NVIDIA's own clients of NeMo Intake make, in their shapes and concurrency: its load generator (a
// matrix of OTLP requests), its read generator (trace lists, the trace page with three requests at once), a loader that
// trusts no page, the analyst's counts, Studio's notes. Nothing may be answered unexpectedly.
//
//	node nemo_load.mjs http://127.0.0.1:PORT [REQUESTS PER CELL]
import { createHash } from 'node:crypto';

const base = process.argv[2].replace(/\/$/, '');
const perCell = Number(process.argv[3] ?? 12);
const workspace = 'load-testing';
const root = `${base}/apis/intake/v2/workspaces/${workspace}`;
const run = `${Date.now().toString(36)}-${process.pid}`;
let passed = 0, failed = 0;

function check(name, ok, detail = '') {
	if (ok)
		passed++;
	else if (failed++ < 20)
		console.log(`FAILED ${name} ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`.slice(0, 600));
}

async function call(method, url, { body, type = 'application/json', want = 200 } = {}) {
	const answer = await fetch(url, { method, headers: body === undefined ? {} : { 'Content-Type': type },
		body: body instanceof Uint8Array || body === undefined ? body : JSON.stringify(body) });
	const text = await answer.text();
	const allowed = Array.isArray(want) ? want : [want];
	check(`${method} ${url.slice(base.length)}`, allowed.includes(answer.status), `${answer.status} ${text}`);
	try {
		return text ? JSON.parse(text) : null;
	} catch {
		check(`${method} ${url}`, false, `no JSON: ${text}`);
		return null;
	}
}

// Brackets are encoded, as the generated SDK does.
const query = (params) => '?' + Object.entries(params).map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).join('&');
const get = (path, params = {}) => call('GET', root + path + query(params));

// ---- OTLP in protobuf, by hand ----

function varint(n) {
	const out = [];
	for (let v = BigInt(n); ; v >>= 7n) {
		if (v < 128n)
			return Buffer.from([...out, Number(v)]);
		out.push(Number(v & 127n) | 128);
	}
}
const field = (number, wire, bytes) => Buffer.concat([varint(number << 3 | wire), bytes]);
const message = (number, bytes) => field(number, 2, Buffer.concat([varint(bytes.length), bytes]));
const text = (number, s) => message(number, Buffer.from(s));
function fixed64(number, v) {
	const b = Buffer.alloc(8);
	b.writeBigUInt64LE(BigInt(v));
	return field(number, 1, b);
}
function anyValue(v) {
	if (typeof v === 'string')
		return text(1, v);
	if (Number.isInteger(v))
		return field(3, 0, varint(v));
	const b = Buffer.alloc(8);
	b.writeDoubleLE(v);
	return field(4, 1, b);
}
const attributes = (number, values) => Object.entries(values).map(([k, v]) =>
	message(number, Buffer.concat([text(1, k), message(2, anyValue(v))])));
const digest = (s, n) => createHash('sha256').update(s).digest().subarray(0, n);

// One trace a request: an agent, and below it calls of a model, of a tool and of a guardrail in turn.
function payload(index, count, startMs = Date.now()) {
	const session = `load-testing-${run}-${String(index).padStart(12, '0')}`;
	const traceId = digest(`${run}:trace:${index}`, 16);
	const spans = [];
	let rootId;
	for (let i = 0; i < count; i++) {
		const id = digest(`${run}:trace:${index}:span:${i}`, 8);
		rootId ??= id;
		const kind = i === 0 ? 'AGENT' : ['GUARDRAIL', 'LLM', 'TOOL'][i % 3];
		const values = { 'gen_ai.conversation.id': session, 'load_test.span_index': i, 'openinference.span.kind': kind };
		if (i === 0)
			Object.assign(values, { 'gen_ai.agent.name': 'intake-load-test-agent', 'input.value': '{"q":"load test"}', 'output.value': '{"a":"ok"}' });
		if (kind === 'LLM')
			Object.assign(values, { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'load-test-model',
				'gen_ai.usage.input_tokens': 128 + i, 'gen_ai.usage.output_tokens': 32 + i, 'llm.cost.total': 0.001 + i / 1e6,
				'input.value': JSON.stringify({ prompt: 'x'.repeat(256) }), 'output.value': JSON.stringify({ completion: 'y'.repeat(128) }) });
		if (kind === 'TOOL')
			Object.assign(values, { 'gen_ai.tool.name': 'load_test_tool', 'input.value': JSON.stringify({ argument: i }) });
		const start = BigInt(startMs) * 1000000n + BigInt(i) * 1000000n;
		spans.push(message(2, Buffer.concat([message(1, traceId), message(2, id), ...(i ? [message(4, rootId)] : []),
			text(5, `load-test-${kind.toLowerCase()}`), fixed64(7, start), fixed64(8, start + 10000000n),
			...attributes(9, values), message(15, field(3, 0, varint(1)))])));
	}
	const scope = message(1, Buffer.concat([text(1, 'benchmarks'), text(2, '1.0.0')]));
	const resource = message(1, Buffer.concat(attributes(1, { 'service.name': 'load-test', 'load_test.run_id': run })));
	const body = message(1, Buffer.concat([resource, message(2, Buffer.concat([scope, ...spans]))]));
	return { body, session, trace: traceId.toString('hex'), count };
}

async function send(p) {
	const answer = await call('POST', `${root}/ingest/otlp/v1/traces`, { body: p.body, type: 'application/x-protobuf' });
	check('no errors', Array.isArray(answer?.errors) && answer.errors.length === 0, answer);
	return p;
}

// ---- the load generator ----

let next = 0;
const sent = [];

async function cell(count, concurrency) {
	let left = Math.max(perCell, concurrency);
	const worker = async () => {
		while (left-- > 0)
			sent.push(await send(payload(next++, count)));
	};
	await Promise.all(Array.from({ length: concurrency }, worker));
	const last = sent.at(-1);
	const page = await get('/spans', { 'filter[session_id]': last.session, mode: 'summary', page: 1, page_size: 1 });
	check(`${count} spans by ${concurrency}: a session is there`, page?.data?.[0]?.session_id === last.session, page);
}

await call('GET', `${base}/health/ready`);
await call('POST', `${base}/apis/entities/v2/workspaces`, { body: { name: workspace }, want: [201, 409] });
await call('POST', `${base}/apis/entities/v2/workspaces`, { body: { name: workspace }, want: 409 });
const windowStart = new Date(Date.now() - 1000).toISOString();
for (const [count, concurrencies] of [[1, [1, 10, 50]], [10, [1, 10, 50]], [100, [1, 5, 10, 25]]])
	for (const concurrency of concurrencies)
		await cell(count, concurrency);
const big = await send(payload(next++, 2000));
sent.push(big);
// Sent again, nothing changes.
await send(payload(0, sent[0].count));
const windowEnd = new Date(Date.now() + 5000).toISOString();

// ---- the read generator ----

function checkPage(name, page, params) {
	const p = page?.pagination;
	const ok = p && p.page === params.page && p.page_size === params.page_size && p.current_page_size === page.data.length &&
		p.total_pages === Math.ceil(p.total_results / p.page_size);
	check(name, ok, p ?? page);
}

for (const mode of ['summary', 'preview', 'detailed']) {
	const params = { mode, sort: '-started_at', page: 1, page_size: 50 };
	const page = await get('/traces', params);
	checkPage(`traces ${mode}`, page, params);
	check(`traces ${mode}: all are there`, page?.pagination.total_results === sent.length, page?.pagination);
	check(`traces ${mode}: roll-ups`, page?.data.every((t) => (mode === 'summary') === (t.span_count === undefined)), page?.data[0]);
}

async function tracePage(p) {
	const spansQuery = { 'filter[trace_id]': p.trace, mode: 'summary', sort: 'started_at', page: 1, page_size: 1000 };
	const [trace, spans, notes] = await Promise.all([
		get(`/traces/${p.trace}`, { mode: 'detailed' }),
		get('/spans', spansQuery),
		get('/annotations', { 'filter[session_id]': p.session, sort: '-created_at', page: 1, page_size: 1000 }),
	]);
	check('the trace', trace?.id === p.trace && trace.span_count === p.count && trace.session_id === p.session, trace);
	checkPage('its spans', spans, spansQuery);
	check('all its spans', spans?.pagination.total_results === p.count && spans.data.length === Math.min(1000, p.count), spans?.pagination);
	check('in order', spans?.data.every((s, i, all) => !i || Date.parse(all[i - 1].started_at) <= Date.parse(s.started_at)));
	check('its notes', Array.isArray(notes?.data), notes);
	return trace;
}

const trace = await tracePage(big);
const llms = Array.from({ length: 2000 }, (_, i) => i).filter((i) => i && i % 3 === 1);
check('sums', trace?.input_tokens === llms.reduce((n, i) => n + 128 + i, 0) &&
	trace.output_tokens === llms.reduce((n, i) => n + 32 + i, 0) &&
	Math.abs(trace.cost_usd - llms.reduce((n, i) => n + 0.001 + i / 1e6, 0)) < 1e-9, trace);
await Promise.all([0, 1, 2, 3].map(() => tracePage(sent[Math.floor(Math.random() * sent.length)])));

// ---- the loader that trusts no page, while others write ----

let isWriting = true;
const later = Date.now() + 3600e3;
const writer = (async () => {
	for (let i = 0; isWriting; i++)
		await send(payload(1e6 + i, 3, later + i));
})();
const seen = new Map();
let total, pages;
for (let page = 1; !pages || page <= pages; page++) {
	const params = { 'filter[started_at][gte]': windowStart, 'filter[started_at][lte]': windowEnd, sort: 'started_at', mode: 'detailed', page, page_size: 100 };
	const answer = await get('/traces', params);
	checkPage('loader', answer, params);
	total ??= answer.pagination.total_results;
	pages ??= answer.pagination.total_pages;
	check('loader: totals stay', answer.pagination.total_results === total && answer.pagination.total_pages === pages, answer.pagination);
	check('loader: no empty page', answer.data.length > 0 || total === 0, answer.pagination);
	for (const t of answer.data)
		seen.set(t.id, t);
}
isWriting = false;
await writer;
check('loader: every trace once', seen.size === total && total === sent.length, `${seen.size} of ${total}, ${sent.length} sent`);
for (const p of sent.slice(0, 5)) {
	const spans = await get('/spans', { 'filter[trace_id]': p.trace, sort: 'started_at', mode: 'detailed' });
	check('loader: spans', spans?.pagination.total_results === p.count, spans?.pagination);
	const results = await get('/evaluator-results', { 'filter[session_id]': p.session, sort: 'created_at' });
	check('loader: results', results?.data.length === 0, results);
}

// ---- the analyst ----

const sessions = await get('/spans/groups', { by: 'session_id', 'filter[agent_name]': 'intake-load-test-agent',
	'filter[started_at][gte]': windowStart, 'filter[started_at][lte]': windowEnd, page: 1, page_size: 1, sort: '-span_count' });
check('analyst: sessions', sessions?.pagination.total_results === sent.length && sessions.grouped_by[0] === 'session_id', sessions);
const groups = await get('/spans/groups', { by: 'session_id,trace_id', filter: JSON.stringify({ kind: 'LLM', started_at: { $gte: windowStart, $lte: windowEnd } }), page: 1, page_size: 1000 });
check('analyst: the largest first', groups?.data[0].group.trace_id === big.trace && groups.data[0].span_count === llms.length, groups?.data[0]);
let drained = 0;
for (let page = 1, last = 1; page <= last; page++) {
	const answer = await get('/spans', { 'filter[session_id]': sent.find((p) => p.count === 100).session, page, page_size: 30 });
	last = answer.pagination.total_pages;
	drained += answer.data.length;
}
check('analyst: drains', drained === 100, String(drained));
const metrics = await get('/traces/metrics', { bucket: 'total', 'filter[started_at][gte]': windowStart, 'filter[started_at][lte]': windowEnd });
check('metrics', metrics?.data[0].run_count === sent.length && metrics.data[0].failed_run_count === 0, metrics);
const session = await get(`/sessions/${big.session}`);
check('session', session?.span_count === 2000 && session.trace_count === 1 && session.status === 'success', session);

// ---- importers, notes ----

const imported = { source: 'langsmith', spans: Array.from({ length: 500 }, (_, i) => ({ span_id: `${run}-${i}`, trace_id: `import-${run}`,
	...(i ? { parent_span_id: `${run}-0` } : {}), started_at: new Date(later + i).toISOString(), attributes: { 'llm.token_count.prompt': i } })) };
for (let again = 0; again < 2; again++)
	await call('POST', `${root}/ingest/spans`, { body: imported, want: 201 });
const importedTrace = await get(`/traces/import-${run}`);
check('import', importedTrace?.span_count === 500 && importedTrace.input_tokens === 499 * 250, importedTrace);
const chat = await call('POST', `${root}/ingest/chat-completions`, { want: 201, body: { request: { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
	response: { id: `chatcmpl-${run}`, choices: [{ index: 0, message: { role: 'assistant', content: 'ho' }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 2 } }, session_id: `chat-${run}` } });
check('chat', chat?.span_id === `chatcmpl-${run}` && chat.session_id === `chat-${run}`, chat);
await call('POST', `${root}/ingest/atif`, { want: 201, body: { schema_version: 'ATIF-v1.7', session_id: `atif-${run}`, agent: { name: 'a', version: '1' },
	steps: [{ step_id: 1, source: 'user', message: 'q' }, { step_id: 2, source: 'agent', message: 'a', tool_calls: [{ tool_call_id: 'c', function_name: 'f' }] }],
	extra: { verifier_result: { rewards: { reward: 1 } } } } });
const atif = await get(`/traces/atif-${run}`);
check('atif', atif?.span_count === 5, atif);
const note = await call('POST', `${root}/annotations`, { want: 201, body: { span_id: chat.span_id, session_id: chat.session_id, kind: 'feedback', value: 'positive' } });
const listed = await get('/annotations', { 'filter[session_id]': chat.session_id, sort: '-created_at', page: 1, page_size: 1000 });
check('annotation', listed?.data[0]?.annotation_id === note?.annotation_id, listed);
await call('DELETE', `${root}/annotations/${note?.annotation_id}`, { want: 204 });
await call('GET', `${root}/annotations/${note?.annotation_id}`, { want: 404 });
await call('POST', `${root}/evaluator-results`, { want: 201, body: { span_id: chat.span_id, session_id: chat.session_id, name: 'n', data_type: 'NUMERIC', value: 1 } });
const results = await get(`/spans/${chat.span_id}/evaluator-results`);
check('results of a span', results?.length === 1 && results[0].value === 1, results);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
