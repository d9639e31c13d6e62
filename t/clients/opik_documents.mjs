// npm's opik, unmodified: datasets, evaluate(), prompts, threads, metrics, attachments, and how many of its endpoints
// are served.
//
//	node opik_documents.mjs http://127.0.0.1:PORT
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';

const base = process.argv[2];
const talk = `talk ${process.pid} ${Date.now()}`;
const project = `documents ${process.pid} ${Date.now()}`;
process.env.OPIK_URL_OVERRIDE = `${base}/api`;
process.env.OPIK_PROJECT_NAME = project;
process.env.OPIK_BATCH_DELAY_MS = '20';
const { Opik, disableLogger, evaluate, generateId, BaseMetric, ExactMatch, Contains } = await import('opik');
disableLogger();

let passed = 0, failed = 0;

function check(name, ok, detail) {
	if (ok)
		passed++;
	else if (failed++ < 20)
		console.log(`FAILED ${name} ${detail === undefined ? '' : JSON.stringify(detail).slice(0, 2000)}`);
}

function has(value, want) {
	if (Array.isArray(want))
		return Array.isArray(value) && value.length === want.length && want.every((w, i) => has(value[i], w));
	if (want && typeof want === 'object')
		return value && typeof value === 'object' && Object.entries(want).every(([k, w]) => has(value[k], w));
	return isDeepStrictEqual(value, want);
}

const is = (name, value, want) => check(name, has(value, want), { got: value, want });
const status = (promise) => promise.then(() => 200, (e) => e.statusCode);
const client = new Opik({ apiUrl: `${base}/api`, projectName: project, workspaceName: 'default' });
const api = client.api;

// A dataset made of spans, and evaluate() over it.
async function datasetTests() {
	const name = `set ${project}`;
	const trace = client.trace({ name: 'source', input: { q: 'x' }, output: { a: 'y' }, threadId: talk });
	const spans = ['one', 'two', 'three'].map((w) => {
		const s = trace.span({ name: w, type: 'llm', input: { question: w }, output: { answer: w.toUpperCase() } });
		s.end();
		return s;
	});
	trace.end();
	await client.flush();

	const dataset = await client.getOrCreateDataset(name, 'made by a test');
	await dataset.insert([{ a: 1 }, { a: 2 }, { a: 1 }]);
	is('equal items are inserted once', (await dataset.getItems()).length, 2);
	await dataset.insert([{ a: 1 }, { a: 2 }]);
	is('and not again', (await dataset.getItems()).length, 2);
	const again = await client.getOrCreateDataset(name);
	check('the dataset is there once', again.id === dataset.id, [again.id, dataset.id]);
	is('by its name', await client.getDataset(name), { id: dataset.id });
	await dataset.clear();
	is('cleared', (await dataset.getItems()).length, 0);

	await api.datasets.createDatasetItemsFromSpans(dataset.id,
		{ spanIds: spans.map((s) => s.data.id), enrichmentOptions: {} });
	const items = await dataset.getItems();
	is('items of spans', items.map((i) => i.input.question).sort(), ['one', 'three', 'two']);

	const result = await evaluate({ dataset, client, projectName: project, experimentName: `run ${project}`,
		task: async (item) => {
			const answer = item.input.question.toUpperCase();
			return { output: answer, expected: item.expected_output.answer, substring: answer.slice(1) };
		},
		scoringMetrics: [new ExactMatch(), new Contains()] });
	await client.flush();
	check('an experiment', !!result.experimentId, result);
	const experiment = await client.getExperiment(`run ${project}`);
	const rows = await experiment.getItems();
	is('an item for each', rows.length, 3);
	check('with output and two scores each', rows.every((r) => r.evaluationTaskOutput?.output && r.feedbackScores.length === 2),
		rows);
	is('the experiment', await api.experiments.getExperimentById(result.experimentId),
		{ datasetName: name, traceCount: 3, feedbackScores: [{ value: 1 }, { value: 1 }] });
	is('of its dataset', (await api.experiments.findExperiments({ datasetId: dataset.id })).content.length, 1);
	is('versions', (await api.datasets.listDatasetVersions(dataset.id)).content[0], { isLatest: true, itemsTotal: 3 });
	await client.deleteDataset(name);
	await client.flush();
	check('deleted', await status(api.datasets.getDatasetByIdentifier({ datasetName: name })) === 404);
}

async function promptTests() {
	const name = `prompt ${project}`;
	const first = await client.createPrompt({ name, prompt: 'Hello {{name}}', metadata: { a: 1 }, description: 'greets', tags: ['t'] });
	const same = await client.createPrompt({ name, prompt: 'Hello {{name}}', metadata: { a: 1 } });
	check('the same text is the same version', first.commit === same.commit, [first.commit, same.commit]);
	const second = await client.createPrompt({ name, prompt: 'Hi {{name}}' });
	check('another text is another version', second.commit !== first.commit);
	const found = await client.getPrompt({ name, commit: first.commit });
	check('a version by its commit', found?.prompt === 'Hello {{name}}' && found.format({ name: 'x' }) === 'Hello x', found);
	check('the newest without one', (await client.getPrompt({ name }))?.prompt === 'Hi {{name}}');
	const version = await api.prompts.retrievePromptVersion({ name, commit: first.commit });
	await api.prompts.restorePromptVersion(first.id, version.id);
	const { content } = await api.prompts.getPromptVersions(first.id, { page: 1, size: 10 });
	is('restoring makes one more', content.map((v) => v.template), ['Hello {{name}}', 'Hi {{name}}', 'Hello {{name}}']);
	check('no prompt of that name', await client.getPrompt({ name: `${name} not` }) === null);
	is('searched', (await client.searchPrompts(`name = "${name}"`)).length, 1);
	await client.deletePrompts([first.id]);
	check('a prompt deleted', await client.getPrompt({ name }) === null);
}

async function otherTests() {
	const thread = await api.traces.getTraceThread({ projectName: project, threadId: talk });
	await api.traces.addThreadComment(thread.threadModelId, { body: { text: 'said' } }).catch((e) => check('comment', false, String(e)));
	await api.traces.updateThread(thread.threadModelId, { body: { tags: ['x'] } });
	await api.traces.closeTraceThread({ projectName: project, threadId: talk });
	is('a thread closed', (await client.searchThreads({ projectName: project }))[0], { id: talk, status: 'inactive', tags: ['x'], comments: [{ text: 'said' }] });
	await api.traces.openTraceThread({ projectName: project, threadId: talk });
	is('and opened', (await client.searchThreads({ projectName: project, filterString: 'status = "active"' })).length, 1);
	await api.feedbackDefinitions.createFeedbackDefinition({ type: 'numerical', name: `f ${project}`, details: { min: 0, max: 1 } });
	is('a feedback definition', (await api.feedbackDefinitions.findFeedbackDefinitions({ name: project })).content, [{ type: 'numerical' }]);
	const p = await api.projects.retrieveProject({ name: project });
	const start = new Date(Date.now() - 3600e3), end = new Date(Date.now() + 3600e3);
	const metrics = await api.projects.getProjectMetrics(p.id, { metricType: 'TRACE_COUNT', interval: 'HOURLY',
		intervalStart: start, intervalEnd: end });
	const total = metrics.results[0].data.reduce((n, d) => n + (d.value ?? 0), 0);
	check('traces by the hour', total === 4 && metrics.results[0].data.length >= 2, metrics);
	is('key figures', (await api.projects.getProjectKpiCards(p.id, { entityType: 'traces', intervalStart: start,
		intervalEnd: end })).stats[0], { type: 'count', currentValue: 4 });
	const environment = { id: generateId(), name: `env ${project}` };
	await api.environments.createEnvironment(environment);
	is('an environment', await api.environments.getEnvironmentById(environment.id), { name: environment.name });
	check('its name is taken', await status(api.environments.createEnvironment({ name: environment.name })) === 409);
	const refused = await api.guardrails.createGuardrails({ guardrails: [] }).catch((e) => e);
	check('what is not served is said', String(refused).includes('flatspan does not serve guardrails') && refused.statusCode === 404, String(refused));
}

// A MiB that goes up by the URL that the API gives and comes down by the link of the list.
async function attachmentTests() {
	const trace = client.trace({ name: 'with a file' });
	const span = trace.span({ name: 'with a file' });
	await client.flush();
	const p = await api.projects.retrieveProject({ name: project });
	const bytes = randomBytes(1 << 20);
	const about = { entityType: 'span', entityId: span.data.id, path: Buffer.from(`${base}/api`).toString('base64url') };
	const file = { fileName: '../../etc/passwd', mimeType: 'application/x-test', projectName: project, ...about };
	const { uploadId, preSignUrls } = await api.attachments.startMultiPartUpload({ numOfFileParts: 1, ...file });
	const put = await fetch(preSignUrls[0], { method: 'PUT', body: bytes });
	check('an upload', put.status === 204, put.status);
	await api.attachments.completeMultiPartUpload({ ...file, fileSize: bytes.length, uploadId,
		uploadedFileParts: [{ eTag: 'x', partNumber: 1 }] });
	const list = () => api.attachments.attachmentList({ projectId: p.id, ...about });
	const [one] = (await list()).content;
	is('is listed', one, { fileName: file.fileName, fileSize: bytes.length, mimeType: file.mimeType });
	const got = await fetch(one.link);
	check('and comes back', got.headers.get('content-type') === file.mimeType &&
		bytes.equals(Buffer.from(await got.arrayBuffer())), [...got.headers]);
	await api.spans.deleteSpanById(span.data.id);
	is('deleting the span deletes it', (await list()).content, []);
}

// The client's own source names method and path of each endpoint.
async function endpointTests() {
	const source = readFileSync(createRequire(import.meta.url).resolve('opik'), 'utf8');
	const plain = (path) => path.replace(/\{[^}]*\}/g, '{}');
	const all = new Set([...source.matchAll(/"(GET|POST|PUT|PATCH|DELETE)","(\/(?:v1|is-alive)[^"]*)"/g)]
		.map((m) => `${m[1]} ${plain(m[2])}`));
	const { paths } = await (await fetch(`${base}/openapi.json`)).json();
	const served = new Set(Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods).map((m) => `${m.toUpperCase()} ${plain(path)}`)));
	const n = [...all].filter((x) => served.has(x)).length;
	console.log(`${n} of ${all.size} endpoints of the SDK are served`);
	check('half of the endpoints are served', all.size > 200 && n >= 130, [n, all.size]);
}

for (const tests of [datasetTests, promptTests, otherTests, attachmentTests, endpointTests])
	await tests().catch((e) => check(tests.name, false, String(e.stack)));
console.log(`${passed} passed, ${failed} failed`);
