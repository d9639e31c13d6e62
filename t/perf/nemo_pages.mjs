// How long the pages of NeMo's Studio take over HTTP: the list of traces with sums, the page of one trace (three requests
// at once), a session. Puts its corpus into an empty workspace first: SPANS spans (200,000) of seven days, among them a
// trace of 2,000 spans and a session of 10,000 traces.
//
//	node t/perf/nemo_pages.mjs HOST PORT [SPANS [ROUNDS]]
import net from 'node:net';

const [host, port] = [process.argv[2], Number(process.argv[3])];
const wanted = Number(process.argv[4] ?? 200000);
const rounds = Number(process.argv[5] ?? 200);
const root = '/apis/intake/v2/workspaces/pages';
const BIG = 2000, SESSION = 10000, IN_SESSION = 4, USUAL = 24, BATCH = 500;

const lastChunk = Buffer.from('\r\n0\r\n\r\n');

// One connection that is kept while the server keeps it, one request at a time.
class Connection {
	connect() {
		this.chunks = [];
		this.size = 0;
		const socket = net.connect({ host, port, noDelay: true });
		this.socket = socket;
		socket.on('data', (d) => { this.chunks.push(d); this.look(); });
		socket.on('error', (e) => { throw e; });
		socket.on('end', () => {
			if (this.socket === socket)
				this.socket = null;
		});
	}
	look() {
		this.size += this.chunks.at(-1).length;
		if (this.start === undefined) {
			this.chunks = [Buffer.concat(this.chunks)];
			const end = this.chunks[0].indexOf('\r\n\r\n');
			if (end < 0)
				return;
			const head = this.chunks[0].toString('latin1', 0, end);
			const length = /\r\ncontent-length: (\d+)/i.exec(head);
			this.start = end + 4;
			this.need = length && this.start + Number(length[1]);
			this.status = Number(head.slice(9, 12));
			this.isLast = /\r\nconnection: close/i.test(head);
		}
		const isEnd = this.need ? this.size >= this.need : this.tail().equals(lastChunk);
		if (!isEnd)
			return;
		const body = Buffer.concat(this.chunks).subarray(this.start);
		const { done, status } = this;
		this.chunks = [];
		this.size = 0;
		this.start = undefined;
		// A server ends a kept connection after so many requests (nginx: 1,000) and says so before.
		if (this.isLast) {
			this.socket.destroy();
			this.socket = null;
		}
		done({ status, body });
	}
	// The last bytes so far: the end of a chunked body may come in pieces.
	tail() {
		while (this.chunks.length > 1 && this.chunks.at(-1).length < lastChunk.length)
			this.chunks.push(Buffer.concat(this.chunks.splice(-2)));
		return this.chunks.at(-1).subarray(-lastChunk.length);
	}
	ask(method, path, body) {
		if (!this.socket)
			this.connect();
		const answer = new Promise((done) => { this.done = done; });
		const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
		this.socket.write(body === undefined ? head + '\r\n'
			: `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
		return answer;
	}
}

const connections = Array.from({ length: 3 }, () => new Connection());
async function get(path, connection = connections[0]) {
	const { status, body } = await connection.ask('GET', path);
	if (status !== 200)
		throw new Error(`${path}: ${status} ${body}`);
	return body;
}

// ---- the corpus ----

let state = 12345;
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
const start = Date.now() - 7 * 86400e3;
const words = 'the agent reads a file and asks a model what it should do with it before it answers '.repeat(12);
let next = 0;
const hex = (n, digits) => n.toString(16).padStart(digits, '0');

function* traceOf(session, spans) {
	const trace = hex(++next, 32);
	const from = start + Math.floor(random() * 6.9 * 86400e3);
	for (let i = 0; i < spans; i++) {
		const isModel = i % 3 === 1;
		yield {
			trace_id: trace, span_id: hex(next, 10) + hex(i, 6), session_id: session,
			...(i && { parent_span_id: hex(next, 10) + hex(Math.floor((i - 1) / 4), 6) }),
			name: i ? (isModel ? 'chat gpt-4o' : `tool ${i % 7}`) : 'agent', kind: i ? (isModel ? 'LLM' : 'TOOL') : 'AGENT',
			status: random() < 0.1 ? 'error' : 'success',
			started_at: new Date(from + i * 50).toISOString(), ended_at: new Date(from + i * 50 + 40).toISOString(),
			input: words.slice(0, 300 + Math.floor(random() * 700)), output: words.slice(0, 100 + Math.floor(random() * 400)),
			attributes: isModel ? { 'gen_ai.request.model': 'gpt-4o', 'gen_ai.usage.input_tokens': 100 + i, 'gen_ai.usage.output_tokens': 30,
				'gen_ai.usage.cost': 0.001 } : { 'user.id': `user ${next % 100}` },
		};
	}
}

function* corpus() {
	yield* traceOf('big', BIG);
	for (let i = 0; i < SESSION; i++)
		yield* traceOf('long', IN_SESSION);
	for (let n = BIG + SESSION * IN_SESSION; n < wanted; n += USUAL)
		yield* traceOf(`session ${Math.floor(next / 5)}`, USUAL);
}

// A workspace is there from its first write on.
const isEmpty = (await connections[0].ask('GET', `${root}/spans?page_size=1&mode=summary`)).status === 404;
if (isEmpty) {
	const began = performance.now();
	let batch = [], n = 0;
	const free = [...connections];
	const running = new Set();
	const send = async () => {
		if (!free.length)
			await Promise.race(running);
		const connection = free.pop();
		const body = JSON.stringify({ source: 'otel', spans: batch });
		const one = connection.ask('POST', `${root}/ingest/spans`, body).then(({ status, body: text }) => {
			if (status !== 201)
				throw new Error(`ingest: ${status} ${text}`);
			free.push(connection);
			running.delete(one);
		});
		running.add(one);
		n += batch.length;
		batch = [];
	};
	for (const span of corpus())
		if (batch.push(span) === BATCH)
			await send();
	if (batch.length)
		await send();
	await Promise.all(running);
	console.log(`${n} spans sent in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

// ---- the pages ----

async function measure(name, ask) {
	let size = 0;
	const times = [];
	const until = performance.now() + 20000;
	for (let i = 0; i < rounds + 5 && (i < 8 || performance.now() < until); i++) {
		const began = performance.now();
		size = (await ask()).reduce((sum, body) => sum + body.length, 0);
		if (i >= 5)
			times.push(performance.now() - began);
	}
	times.sort((a, b) => a - b);
	const at = (p) => times[Math.min(times.length - 1, Math.floor(times.length * p))].toFixed(2).padStart(9);
	console.log(`${name.padEnd(48)} ${at(0.5)} ms p50 ${at(0.95)} ms p95 ${String(size).padStart(9)} bytes`);
}

const window = `filter%5Bstarted_at%5D%5Bgte%5D=${new Date(start + 2 * 86400e3).toISOString()}` +
	`&filter%5Bstarted_at%5D%5Blte%5D=${new Date(start + 4 * 86400e3).toISOString()}`;
const list = (query) => async () => [await get(`${root}/traces?sort=-started_at&page_size=50&${query}`)];
const page = (trace, session) => () => Promise.all([
	get(`${root}/traces/${trace}?mode=detailed`, connections[0]),
	get(`${root}/spans?filter%5Btrace_id%5D=${trace}&mode=summary&sort=started_at&page=1&page_size=1000`, connections[1]),
	get(`${root}/annotations?filter%5Bsession_id%5D=${encodeURIComponent(session)}&sort=-created_at&page=1&page_size=1000`, connections[2]),
]);

const first = JSON.parse(await get(`${root}/spans?page_size=1&mode=summary`));
console.log(`${first.pagination.total_results} spans`);
await measure('floor: /health/live', async () => [await get('/health/live')]);
await measure('traces, 50 with sums', list('mode=preview'));
await measure('traces, 50 with sums, full texts', list('mode=detailed'));
await measure('traces of two days, 50 with sums', list(`mode=preview&${window}`));
await measure('traces of the session of 10,000, 50 with sums', list('mode=preview&filter%5Bsession_id%5D=long'));
await measure('page of the trace of 2,000 spans', page(hex(1, 32), 'big'));
await measure('page of a trace of the session of 10,000', page(hex(5000, 32), 'long'));
const usual = SESSION + 1 + Math.ceil((wanted - BIG - SESSION * IN_SESSION) / USUAL / 2);
await measure('page of a trace of 24 spans', page(hex(usual, 32), `session ${Math.floor((usual - 1) / 5)}`));
await measure('the session of 10,000 traces', async () => [await get(`${root}/sessions/long`)]);
await measure('groups by session_id,trace_id of two days', async () =>
	[await get(`${root}/spans/groups?by=session_id,trace_id&${window}`)]);
for (const connection of connections)
	connection.socket?.destroy();
