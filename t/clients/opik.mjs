// npm's opik, unmodified, against a running flatspan: what its client, its decorator, opik-openai and opik-vercel
// write is what is read back, by the same client.
//
//	node opik.mjs http://127.0.0.1:PORT
import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { NodeTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { context, trace as otel } from '@opentelemetry/api';

const base = process.argv[2];
const project = `project ${process.pid} ${Date.now()}`;
process.env.OPIK_URL_OVERRIDE = `${base}/api`;
process.env.OPIK_PROJECT_NAME = project;
process.env.OPIK_BATCH_DELAY_MS = '20';
const { Opik, disableLogger, flushAll, generateId, track } = await import('opik');
const { trackOpenAI } = await import('opik-openai');
const { OpikExporter } = await import('opik-vercel');
const { default: OpenAI } = await import('openai');
disableLogger();

let passed = 0, failed = 0;

function check(name, ok, detail) {
	if (ok)
		passed++;
	else if (failed++ < 20)
		console.log(`FAILED ${name} ${detail === undefined ? '' : JSON.stringify(detail).slice(0, 2000)}`);
}

// Is all of want in value?
function has(value, want) {
	if (want instanceof Date)
		return value instanceof Date && value.getTime() === want.getTime();
	if (Array.isArray(want))
		return Array.isArray(value) && value.length === want.length && want.every((w, i) => has(value[i], w));
	if (want && typeof want === 'object')
		return value && typeof value === 'object' && Object.entries(want).every(([k, w]) => has(value[k], w));
	return isDeepStrictEqual(value, want);
}

const is = (name, value, want) => check(name, has(value, want), { got: value, want });
const scores = (x) => Object.fromEntries((x.feedbackScores ?? []).map((s) => [s.name, s.value]));
const ids = (list) => list.map((x) => x.id).sort();
const now = (ms) => new Date(Date.parse('2026-11-20T22:54:59.500Z') + ms);

async function status(promise) {
	return promise.then(() => 200, (e) => e.statusCode);
}

async function clientTests() {
	const client = new Opik({ apiUrl: `${base}/api`, projectName: project, workspaceName: 'default' });
	const t = client.trace({ name: 'agent-run', input: { prompt: 'hi "quoted" \n größer 🚀' }, metadata: { a: 1 },
		tags: ['t1'], threadId: 'thread-1', startTime: now(0) });
	const s = t.span({ name: 'llm-call', type: 'llm', model: 'gpt-4o-mini', provider: 'openai', startTime: now(1),
		input: { messages: [{ role: 'user', content: 'hi' }] },
		usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } });
	const child = s.span({ name: 'tool-call', type: 'tool', input: { q: 1 }, tags: ['x', 'y'], startTime: now(2) });
	child.update({ output: { r: [1, 2.5, null] }, endTime: now(3) });
	s.update({ output: { content: 'hello' }, metadata: { finish: 'stop' }, endTime: now(601) });
	t.update({ output: { text: 'hello' }, endTime: now(700) });
	await client.flush();

	const span = await client.api.spans.getSpanById(s.data.id);
	is('a span', span, { id: s.data.id, traceId: t.data.id, name: 'llm-call', type: 'llm', model: 'gpt-4o-mini',
		provider: 'openai', usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }, projectName: project,
		input: { messages: [{ role: 'user', content: 'hi' }] }, output: { content: 'hello' }, duration: 600,
		startTime: now(1), endTime: now(601), source: 'sdk' });
	check('a span at the top has no parent', span.parentSpanId === undefined);
	is('its child', await client.api.spans.getSpanById(child.data.id), { parentSpanId: s.data.id, type: 'tool',
		input: { q: 1 }, output: { r: [1, 2.5, null] }, tags: ['x', 'y'], startTime: now(2), endTime: now(3) });
	is('the trace', await client.api.traces.getTraceById(t.data.id), { name: 'agent-run', metadata: { a: 1 },
		input: { prompt: 'hi "quoted" \n größer 🚀' }, output: { text: 'hello' }, tags: ['t1'],
		threadId: 'thread-1', startTime: now(0), endTime: now(700), duration: 700, spanCount: 2, llmSpanCount: 1,
		usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } });

	// Updates after the flush go as PATCH.
	s.update({ output: { content: 'v2' }, tags: ['late'] });
	child.update({ errorInfo: { exceptionType: 'ValueError', message: 'boom', traceback: 'tb' } });
	t.update({ output: { text: 'v2' } });
	await client.flush();
	is('an updated span', await client.api.spans.getSpanById(s.data.id), { output: { content: 'v2' }, tags: ['late'],
		name: 'llm-call', usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }, endTime: now(601) });
	is('an error', await client.api.spans.getSpanById(child.data.id), {
		errorInfo: { exceptionType: 'ValueError', message: 'boom', traceback: 'tb' }, parentSpanId: s.data.id });
	is('an updated trace', await client.api.traces.getTraceById(t.data.id), { output: { text: 'v2' } });

	t.score({ name: 'quality', value: 0.9, reason: 'good' });
	s.score({ name: 'accuracy', value: 1, categoryName: 'yes' });
	client.logTracesFeedbackScores([{ id: t.data.id, name: 'q2', value: 0.5 }]);
	client.logSpansFeedbackScores([{ id: s.data.id, name: 's2', value: 0.25, reason: 'r' },
		{ id: child.data.id, name: 's2', value: 0.75 }]);
	await client.flush();
	is('scores of a trace', scores(await client.api.traces.getTraceById(t.data.id)), { quality: 0.9, q2: 0.5 });
	is('scores of a span', scores(await client.api.spans.getSpanById(s.data.id)), { accuracy: 1, s2: 0.25 });
	await client.api.spans.deleteSpanFeedbackScore(s.data.id, { body: { name: 'accuracy' } });
	is('a score taken back', Object.keys(scores(await client.api.spans.getSpanById(s.data.id))), ['s2']);

	const search = (what, filterString, more) => client[what]({ projectName: project, filterString, ...more });
	is('all spans', ids(await search('searchSpans', '')), [s.data.id, child.data.id].sort());
	is('all traces', ids(await search('searchTraces', '')), [t.data.id]);
	is('threads', (await search('searchThreads', '')).map((x) => x.id), ['thread-1']);
	is('a thread by status', (await search('searchThreads', 'status = "active"')).length, 1);
	is('traces by many', ids(await search('searchTraces',
		'name contains "AGENT" AND feedback_scores.quality > 0.5 AND tags contains "t1" AND metadata.a = 1 AND ' +
		'start_time > "2024-01-01T00:00:00Z" AND usage.total_tokens > 3', { exclude: ['feedback_scores'] })), [t.data.id]);
	is('spans by many', ids(await search('searchSpans',
		'type = "llm" AND model = "GPT-4o-mini" AND duration >= 0.5 AND metadata.finish = "stop" AND feedback_scores.s2 ' +
		'is_not_empty')), [s.data.id]);
	is('a span with an error', ids(await search('searchSpans', `error_info is_not_empty AND trace_id = "${t.data.id}"`)),
		[child.data.id]);
	is('none', ids(await search('searchSpans', 'name = "nothing"')), []);
	is('one of two', (await search('searchSpans', '', { maxResults: 1 })).length, 1);
	is('a search waits', ids(await search('searchSpans', '', { waitForAtLeast: 2, waitForTimeout: 5 })).length, 2);
	return { client, t, s, child };
}

async function restTests({ client, t, s, child }) {
	const api = client.api;
	const page = await api.spans.getSpansByProject({ projectName: project, size: 5, sorting:
		JSON.stringify([{ field: 'start_time', direction: 'DESC' }]), exclude: JSON.stringify(['input']),
		filters: JSON.stringify([{ field: 'name', operator: 'contains', value: 'call' }]) });
	is('a page', page, { page: 1, size: 2, total: 2, content: [{ id: child.data.id }, { id: s.data.id }] });
	check('without what was left out', page.content.every((x) => x.input === undefined));
	check('what can be sorted by', page.sortableBy?.includes('duration'), page.sortableBy);
	const { stats } = await api.spans.getSpanStats({ projectName: project });
	is('statistics', stats.find((x) => x.name === 'span_count'), { value: 2 });
	is('more of them', stats.find((x) => x.name === 'error_count'), { value: 1 });
	check('a span that is not there', await status(api.spans.getSpanById(generateId())) === 404);
	const found = await api.projects.retrieveProject({ name: project.toUpperCase() });
	is('the project', found, { name: project });
	is('names of scores', (await api.spans.findFeedbackScoreNames1({ projectId: found.id })).scores, [{ name: 's2' }]);
	is('projects', (await api.projects.findProjects({ name: project })).content, [{ id: found.id }]);

	await api.spans.addSpanComment(s.data.id, { body: { text: 'first' } });
	const [comment] = (await api.spans.getSpanById(s.data.id)).comments;
	is('a comment', comment, { text: 'first' });
	await api.spans.updateSpanComment(comment.id, { body: { text: 'second' } });
	is('a comment changed', await api.spans.getSpanComment(s.data.id, comment.id), { text: 'second' });
	await api.spans.deleteSpanComments({ ids: [comment.id] });
	check('a comment deleted', await status(api.spans.getSpanComment(s.data.id, comment.id)) === 404);
	await api.traces.addTraceComment(t.data.id, { body: { text: 'of the trace' } });
	is('a comment on a trace', (await api.traces.getTraceById(t.data.id)).comments, [{ text: 'of the trace' }]);

	const id = generateId();
	await api.spans.createSpan({ id, traceId: t.data.id, startTime: now(5), name: 'single', projectName: project });
	await api.spans.updateSpan(id, { body: { traceId: t.data.id, endTime: now(1338), totalEstimatedCost: 0.001,
		projectName: project } });
	is('one span by itself', await api.spans.getSpanById(id), { duration: 1333, totalEstimatedCost: 0.001 });
	await api.spans.batchUpdateSpans({ ids: [id, s.data.id], mergeTags: true,
		update: { traceId: t.data.id, tags: ['n'] } });
	is('tags of two', (await api.spans.getSpanById(s.data.id)).tags, ['late', 'n']);
	is('a thread', await api.traces.getTraceThread({ projectName: project, threadId: 'thread-1' }),
		{ id: 'thread-1', numberOfMessages: 2 });
	await api.check.access({});
	is('where we are', await api.check.getWorkspaceName(), { workspaceName: 'default' });

	await api.spans.deleteSpanById(id);
	check('a span deleted', await status(api.spans.getSpanById(id)) === 404);
	client.spanBatchQueue.delete(child.data.id);
	await client.flush();
	check('a span deleted by itself', await status(api.spans.getSpanById(child.data.id)) === 404);
	client.traceBatchQueue.delete(t.data.id);
	await client.flush();
	check('a trace deleted', await status(api.traces.getTraceById(t.data.id)) === 404);
	check('with its spans', await status(api.spans.getSpanById(s.data.id)) === 404);
	is('nothing of them is found', await client.searchSpans({ projectName: project }), []);
}

// end() before the flush is part of what is created, after it an update.
async function endTests(client) {
	const before = Date.now();
	const t = client.trace({ name: 'ends' });
	const first = t.span({ name: 'first', type: 'llm' });
	first.end();
	const second = t.span({ name: 'second', type: 'tool' });
	await client.flush();
	const open = await client.api.spans.getSpanById(second.data.id);
	check('an open span has neither end nor duration', open.endTime === undefined && open.duration === undefined, open);
	second.end();
	t.end();
	await client.flush();
	for (const [name, x] of [['first', await client.api.spans.getSpanById(first.data.id)],
		['second', await client.api.spans.getSpanById(second.data.id)],
		['a trace', await client.api.traces.getTraceById(t.data.id)]])
		check(`${name} ended`, x.endTime >= x.startTime && x.endTime.getTime() >= before && x.duration >= 0, x);
	await client.api.traces.deleteTraces({ ids: [t.data.id] });
	check('several traces deleted at once', await status(client.api.traces.getTraceById(t.data.id)) === 404);
}

async function trackTests(client) {
	const inner = track({ name: 'inner', type: 'tool' }, async (n) => n + 1);
	const outer = track({ name: 'outer' }, async (n) => ({ result: (await inner(n)) * 2 }));
	const bad = track({ name: 'bad' }, async () => { throw new Error('kaboom'); });
	is('what a tracked function gives', await outer(20), { result: 42 });
	await bad().catch(() => {});
	await flushAll();
	const spans = await client.searchSpans({ projectName: project, waitForAtLeast: 3, waitForTimeout: 10 });
	const one = (name) => spans.find((x) => x.name === name);
	is('tracked spans', spans.map((x) => x.name).sort(), ['bad', 'inner', 'outer']);
	is('one in the other', one('inner'), { parentSpanId: one('outer')?.id, traceId: one('outer')?.traceId, type: 'tool',
		input: { arguments: [20] }, output: { result: 21 } });
	is('a tracked error', one('bad'), { errorInfo: { message: 'kaboom', exceptionType: 'Error' } });
	is('its trace', await client.api.traces.getTraceById(one('bad').traceId), { errorInfo: { message: 'kaboom' } });
}

// As much of OpenAI's API as one call needs.
async function withOpenAI(test) {
	const common = { id: 'chatcmpl-1', created: 1, model: 'gpt-4o-mini-2024-07-18' };
	const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12,
		prompt_tokens_details: { cached_tokens: 4 } };
	const whole = { ...common, object: 'chat.completion', usage,
		choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hello' } }] };
	const chunk = (choices, more) => `data: ${JSON.stringify({ ...common, object: 'chat.completion.chunk', choices,
		...more })}\n\n`;
	const server = createServer(async (q, r) => {
		let body = '';
		for await (const piece of q)
			body += piece;
		const { stream } = JSON.parse(body);
		r.setHeader('content-type', stream ? 'text/event-stream' : 'application/json');
		r.end(stream ? chunk([{ index: 0, delta: { role: 'assistant', content: 'stre' } }]) +
			chunk([{ index: 0, delta: { content: 'amed' }, finish_reason: 'stop' }]) +
			chunk([], { usage }) + 'data: [DONE]\n\n' : JSON.stringify(whole));
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	try {
		await test(`http://127.0.0.1:${server.address().port}/v1`);
	} finally {
		server.close();
		server.closeAllConnections();
	}
}

async function openaiTests(client) {
	await withOpenAI(async (baseURL) => {
		const openai = trackOpenAI(new OpenAI({ apiKey: 'x', baseURL }), { client, generationName: 'openai-call' });
		await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
		const stream = await openai.chat.completions.create({ model: 'gpt-4o-mini', stream: true,
			stream_options: { include_usage: true }, messages: [{ role: 'user', content: 'stream' }] });
		for await (const part of stream)
			void part;
		await openai.flush();
	});
	const found = await client.searchSpans({ projectName: project, filterString: 'provider = "openai"',
		waitForAtLeast: 2, waitForTimeout: 10 });
	const of = (content) => found.find((x) => x.input.messages[0].content === content);
	const span = of('hi');
	is('a span of opik-openai', span, { name: 'openai-call', type: 'general', model: 'gpt-4o-mini-2024-07-18',
		input: { messages: [{ role: 'user', content: 'hi' }] } });
	is('its usage', span.usage, { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12,
		'original_usage.prompt_tokens_details.cached_tokens': 4 });
	is('a streamed answer', of('stream'), { output: { message: 'streamed' }, usage: { total_tokens: 12 } });
}

async function vercelTests(client) {
	const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OpikExporter({ client }))] });
	const tracer = provider.getTracer('ai');
	const root = tracer.startSpan('ai.generateText', { attributes: { 'ai.operationId': 'ai.generateText',
		'ai.prompt': '{"prompt":"hi"}', 'ai.response.text': 'Hello' } });
	const inRoot = otel.setSpan(context.active(), root);
	tracer.startSpan('ai.generateText.doGenerate', { attributes: { 'ai.operationId': 'ai.generateText.doGenerate',
		'ai.model.id': 'gpt-4o', 'ai.model.provider': 'openai.chat', 'ai.usage.promptTokens': 4,
		'ai.usage.completionTokens': 6, 'gen_ai.system': 'openai' } }, inRoot).end();
	root.end();
	await provider.forceFlush();
	await client.flush();
	const [found] = await client.searchTraces({ projectName: project, filterString: 'name = "ai.generateText"',
		waitForAtLeast: 1, waitForTimeout: 10 });
	is('a trace of opik-vercel', found, { name: 'ai.generateText', spanCount: 1 });
	const spans = await client.searchSpans({ projectName: project, filterString: `trace_id = "${found?.id}"` });
	is('its span', spans.map((x) => x.name), ['ai.generateText.doGenerate']);
}

// More than a batch, in several.
async function bulkTests(client) {
	const t = client.trace({ name: 'bulk' });
	for (let i = 0; i < 500; i++)
		t.span({ name: `s${i}`, type: 'general', input: { i }, endTime: new Date() });
	await client.flush();
	const page = await client.api.spans.getSpansByProject({ projectName: project, traceId: t.data.id, size: 1000 });
	is('500 spans', page.content.map((x) => x.input.i).sort((a, b) => a - b), [...Array(500).keys()]);
}

try {
	const all = await clientTests();
	await restTests(all);
	await endTests(all.client);
	await trackTests(all.client);
	await openaiTests(all.client);
	await vercelTests(all.client);
	await bulkTests(all.client);
} catch (e) {
	check(`no exception: ${e.stack}`, false);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
