// Published OpenTelemetry exporters, unmodified, against a running flatspan: 10,000 spans in four encodings go in by
// OTLP and every one is read back by the NeMo list and compared field by field.
//
//	node otel.mjs http://127.0.0.1:PORT [SPANS]
import { SpanStatusCode, context, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const base = process.argv[2];
const total = Number(process.argv[3] ?? 10000);
const run = `run-${process.pid}-${Date.now()}`;
let passed = 0, failed = 0;

function check(name, ok, detail = '') {
	if (ok)
		passed++;
	else if (failed++ < 20)
		console.log(`FAILED ${name} ${detail}`);
}

const KINDS = [
	{ kind: 'LLM', attributes: (i) => ({ 'openinference.span.kind': 'LLM', 'gen_ai.request.model': `model-${i % 7}`,
		'gen_ai.provider.name': 'openai', 'gen_ai.usage.input_tokens': 100 + i, 'gen_ai.usage.output_tokens': i % 50,
		'gen_ai.usage.total_tokens': 100 + i + i % 50, 'input.value': `question ${i} "quoted" \n größer 🚀`,
		'output.value': JSON.stringify({ answer: i }) }) },
	{ kind: 'TOOL', attributes: (i) => ({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': `tool-${i % 5}`,
		'gen_ai.tool.call.arguments': `{"n":${i}}`, 'gen_ai.tool.call.result': `result ${i}` }) },
	{ kind: 'RETRIEVER', attributes: (i) => ({ 'openinference.span.kind': 'RETRIEVER', 'input.value': `query ${i}`,
		'custom.number': i, 'custom.flag': i % 2 === 0 }) },
];

const sent = new Map();

async function send(encoding, count) {
	const Exporter = encoding.startsWith('proto') ? ProtoExporter : JsonExporter;
	const exporter = new Exporter({ url: `${base}/v1/traces`, timeoutMillis: 30000,
		compression: encoding.endsWith('gzip') ? 'gzip' : 'none', concurrencyLimit: 8 });
	const results = [];
	const original = exporter.export.bind(exporter);
	exporter.export = (spans, done) => original(spans, (r) => { results.push(r); done(r); });
	const provider = new NodeTracerProvider({
		resource: resourceFromAttributes({ 'service.name': `svc-${encoding}` }),
		spanProcessors: [new BatchSpanProcessor(exporter, { maxExportBatchSize: 500, maxQueueSize: count + 1,
			scheduledDelayMillis: 50 })],
	});
	const tracer = provider.getTracer('flatspan-test', '1.0');
	const epoch = Date.now() * 1000 - 60e6;
	for (let i = 0; i < count;) {
		const session = `${run}-${encoding}-${Math.floor(i / 500)}`;
		const rootStart = epoch + i * 10;
		const root = tracer.startSpan(`agent ${i}`, { startTime: hr(rootStart), attributes: {
			'openinference.span.kind': 'AGENT', 'session.id': session, 'agent.name': 'tester' } });
		const inRoot = trace.setSpan(context.active(), root);
		remember(root, null, 'AGENT', session, rootStart, rootStart + 9000, {}, `agent ${i}`, 'success');
		for (let k = 0; k < 9 && ++i < count; k++) {
			const { kind, attributes } = KINDS[i % KINDS.length];
			const start = rootStart + k * 7, end = start + 3 + k;
			const values = attributes(i);
			const span = tracer.startSpan(`${kind} ${i}`, { startTime: hr(start),
				attributes: { ...values, 'session.id': session } }, inRoot);
			if (i % 10 === 3)
				span.setStatus({ code: SpanStatusCode.ERROR, message: `broke ${i}` });
			span.end(hr(end));
			remember(span, root, kind, session, start, end, values, `${kind} ${i}`, i % 10 === 3 ? 'error' : 'success');
		}
		root.end(hr(rootStart + 9000));
		i++;
	}
	await provider.forceFlush();
	await provider.shutdown();
	check(`${encoding}: every export succeeds`, results.length > 0 && results.every((r) => r.code === 0),
		JSON.stringify(results.filter((r) => r.code !== 0).slice(0, 2).map((r) => String(r.error))));
}

function hr(micros) {
	return [Math.floor(micros / 1e6), (micros % 1e6) * 1000];
}

function remember(span, parent, kind, session, start, end, values, name, status) {
	const c = span.spanContext();
	sent.set(c.spanId, { trace: c.traceId, parent: parent?.spanContext().spanId, kind, session, start, end, values, name,
		status });
}

function micros(text) {
	const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text);
	return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

async function readBack() {
	const seen = new Map();
	for (let page = 1, pages = 1; page <= pages; page++) {
		const r = await fetch(`${base}/apis/intake/v2/workspaces/default/spans?page=${page}&page_size=1000&sort=started_at`);
		check('list answers 200', r.status === 200, String(r.status));
		if (r.status !== 200)
			return seen;
		const body = await r.json();
		pages = body.pagination.total_pages;
		for (const s of body.data)
			if (s.session_id.startsWith(run)) {
				check('no span is listed twice', !seen.has(s.span_id), s.span_id);
				seen.set(s.span_id, s);
			}
	}
	return seen;
}

function compare(id, want, got) {
	const v = want.values;
	const expect = {
		trace_id: want.trace, parent_span_id: want.parent, kind: want.kind, session_id: want.session, name: want.name,
		status: want.status, source: 'otel',
		model: v['gen_ai.request.model'], provider: v['gen_ai.provider.name'], tool_name: v['gen_ai.tool.name'],
		input_tokens: v['gen_ai.usage.input_tokens'], output_tokens: v['gen_ai.usage.output_tokens'],
		total_tokens: v['gen_ai.usage.total_tokens'],
		input: v['input.value'] ?? v['gen_ai.tool.call.arguments'], output: v['output.value'] ?? v['gen_ai.tool.call.result'],
	};
	const wrong = Object.entries(expect).filter(([key, value]) => got[key] !== value).map(([key, value]) =>
		`${key}: sent ${JSON.stringify(value)}, read ${JSON.stringify(got[key])}`);
	if (micros(got.started_at) !== want.start)
		wrong.push(`started_at ${got.started_at}, sent ${want.start}`);
	if (micros(got.ended_at) !== want.end)
		wrong.push(`ended_at ${got.ended_at}, sent ${want.end}`);
	check(`span ${id}`, wrong.length === 0, wrong.join('; '));
}

const encodings = ['proto', 'json', 'proto-gzip', 'json-gzip'];
for (const encoding of encodings)
	await send(encoding, total / encodings.length);
const seen = await readBack();
check('every span is read back', seen.size === sent.size, `${seen.size} of ${sent.size}`);
for (const [id, want] of sent)
	if (seen.has(id))
		compare(id, want, seen.get(id));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
