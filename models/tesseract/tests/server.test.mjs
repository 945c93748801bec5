/**
 * The package as a driver meets it: a real process, a real engine, real images, over loopback.
 * Run with `node --test "tests/*.test.mjs"` once the lock is installed.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { PNG } from 'pngjs';
import { startServer } from './running-server.mjs';

const LINE = readFileSync(new URL('./line.png', import.meta.url));
const LINE_TEXT = 'The quiet harbour, 14 March 2019';

let server;
before(async () => {
  server = await startServer();
});
after(() => server.child.kill('SIGKILL'));

const dataUrl = (bytes) => `data:image/png;base64,${bytes.toString('base64')}`;
const messages = (...urls) => [
  { role: 'user', content: [{ type: 'text', text: 'Transcribe.' }, ...urls.map((url) => ({ type: 'image_url', image_url: { url } }))] },
];
const lineRequest = (more = {}) => ({ model: 'tesseract', messages: messages(dataUrl(LINE)), seed: 7, ...more });

function post(path, body) {
  return fetch(server.url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

/** Asks for the health until it is busy; gives up after as many answers as a server that works never needs. */
async function untilBusy() {
  for (let asked = 0; asked < 1_000; asked++) {
    const { status } = await (await fetch(`${server.url}/health`)).json();
    if (status === 'busy') return;
  }
  assert.fail('the server was never busy');
}

async function assertRefused(body, status, code) {
  const response = await post('/v1/chat/completions', body);
  const { error } = await response.json();
  assert.deepEqual({ status: response.status, code: error.code }, { status, code });
  assert.equal(typeof error.message, 'string');
  return error.message;
}

test('says what it is once it is ready, and 503 until then', async () => {
  const response = await fetch(`${server.url}/health`);

  const body = await response.json();
  assert.equal(response.status, 200);
  assert.deepEqual([body.status, body.model, body.version, body.instance], ['ready', 'tesseract', '1.0.0', 'token-1']);
  assert.ok(body.setupSeconds > 0);
  for (const { status, body: starting } of server.early) assert.deepEqual([status, starting.status], [503, 'starting']);
});

test('lists its one model', async () => {
  const body = await (await fetch(`${server.url}/v1/models`)).json();

  assert.deepEqual(
    body.data.map(({ id }) => id),
    ['tesseract'],
  );
});

test('reads the text of a line', async () => {
  const response = await post('/v1/chat/completions', lineRequest());

  const body = await response.json();
  assert.equal(response.headers.get('x-bakeoff-instance'), 'token-1');
  assert.deepEqual([body.object, body.model], ['chat.completion', 'tesseract']);
  assert.deepEqual(body.choices, [{ index: 0, message: { role: 'assistant', content: LINE_TEXT }, finish_reason: 'stop' }]);
  assert.equal('usage' in body, false, 'there are no tokens to count');
});

test('streams the same text as events that end with [DONE]', async () => {
  const response = await post('/v1/chat/completions', lineRequest({ stream: true, stream_options: { include_usage: true } }));

  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const events = (await response.text()).split('\n\n').filter(Boolean);
  assert.equal(events.pop(), 'data: [DONE]');
  const chunks = events.map((event) => JSON.parse(event.slice('data: '.length)));
  assert.equal(chunks.map(({ choices }) => choices[0].delta.content ?? '').join(''), LINE_TEXT);
  assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
});

test('a small scale loses the text, and the next request is not affected by it', async () => {
  const weak = await (await post('/v1/chat/completions', lineRequest({ scale: 0.15 }))).json();
  const plain = await (await post('/v1/chat/completions', lineRequest())).json();

  assert.notEqual(weak.choices[0].message.content, LINE_TEXT);
  assert.equal(plain.choices[0].message.content, LINE_TEXT);
});

test('a page segmentation mode holds for its own request only', async () => {
  const twoLines = dataUrl(stacked(LINE));
  const [asPage, asLine] = await Promise.all([
    post('/v1/chat/completions', { ...lineRequest({ psm: 6 }), messages: messages(twoLines) }),
    post('/v1/chat/completions', lineRequest()),
  ]);

  assert.equal((await asPage.json()).choices[0].message.content, `${LINE_TEXT}\n${LINE_TEXT}`);
  assert.equal((await asLine.json()).choices[0].message.content, LINE_TEXT);
});

test('refuses params that it does not have or that are out of range, by name', async () => {
  assert.match(await assertRefused(lineRequest({ temprature: 0 }), 400, 'invalid_value'), /temprature/);
  assert.match(await assertRefused(lineRequest({ psm: 2 }), 400, 'invalid_value'), /psm/);
  assert.match(await assertRefused(lineRequest({ psm: 7.5 }), 400, 'invalid_value'), /psm/);
  assert.match(await assertRefused(lineRequest({ scale: '1' }), 400, 'invalid_value'), /scale/);
});

test('refuses bodies that are no request', async () => {
  await assertRefused('{"model":', 400, 'invalid_json');
  await assertRefused('[]', 400, 'invalid_body');
  await assertRefused({ model: 'tesseract', messages: [] }, 400, 'invalid_value');
  await assertRefused(lineRequest({ n: 2 }), 400, 'invalid_value');
  await assertRefused(lineRequest({ model: 'other' }), 404, 'model_not_found');
  await assertRefused({ model: 'tesseract', messages: [{ role: 'user', content: 'no image' }] }, 400, 'image_count');
  await assertRefused({ model: 'tesseract', messages: messages(dataUrl(LINE), dataUrl(LINE)) }, 400, 'image_count');
});

test('refuses images that it cannot take, and goes on', async () => {
  const withImage = (url) => ({ model: 'tesseract', messages: messages(url) });
  await assertRefused(withImage('http://127.0.0.1:9/line.png'), 400, 'image_url');
  await assertRefused(withImage('data:image/png;base64,%%%'), 400, 'image_base64');
  await assertRefused(withImage(dataUrl(Buffer.from('GIF89a, which is no PNG at all, at any length'))), 400, 'image_format');
  await assertRefused(withImage(dataUrl(LINE.subarray(0, LINE.length / 2))), 400, 'image_undecodable');
  await assertRefused(withImage(dataUrl(claiming(LINE, 1_000_000))), 400, 'image_too_large');

  const body = await (await post('/v1/chat/completions', lineRequest())).json();
  assert.equal(body.choices[0].message.content, LINE_TEXT);
});

test('refuses a body over 16 MiB', async () => {
  const message = await assertRefused('x'.repeat(17 * 1024 * 1024), 413, 'body_too_large');

  assert.match(message, /16777216/);
});

test('answers unknown paths and methods in the shape of the protocol', async () => {
  const path = await fetch(`${server.url}/v1/completions`);
  const method = await fetch(`${server.url}/v1/chat/completions`);

  assert.deepEqual([path.status, (await path.json()).error.code], [404, 'unknown_path']);
  assert.deepEqual([method.status, (await method.json()).error.code], [405, 'method']);
});

test('answers health, as busy, while it recognises', async () => {
  let finished = 0;
  const work = Array.from({ length: 12 }, () => post('/v1/chat/completions', lineRequest()).then(() => finished++));

  await untilBusy();

  assert.ok(finished < work.length, 'health answered before the last image was read');
  await Promise.all(work);
});

test('gives up an image whose client has gone, and reads the next one', { timeout: 60_000 }, async () => {
  const gone = new AbortController();
  const body = JSON.stringify({ model: 'tesseract', messages: messages(dataUrl(noise(1_800))) });
  const given = fetch(`${server.url}/v1/chat/completions`, { method: 'POST', body, signal: gone.signal }).catch((error) => error.name);
  await untilBusy();
  gone.abort();

  const next = await (await post('/v1/chat/completions', lineRequest())).json();

  assert.equal(await given, 'AbortError');
  assert.equal(next.choices[0].message.content, LINE_TEXT);
});

test('ends with 0 on SIGTERM, once the images in work are answered', async () => {
  const own = await startServer({ instance: 'token-2' });
  const body = JSON.stringify(lineRequest());
  const work = Array.from({ length: 8 }, () => fetch(`${own.url}/v1/chat/completions`, { method: 'POST', body }));
  const first = await Promise.race(work);
  own.child.kill('SIGTERM');

  assert.equal((await first.json()).choices[0].message.content, LINE_TEXT);
  for (const response of await Promise.all(work)) assert.equal(response.status, 200);
  assert.equal(await own.exit, 0);
});

test('ends with 0 on POST /shutdown', async () => {
  const own = await startServer();
  const response = await fetch(`${own.url}/shutdown`, { method: 'POST' });

  assert.equal(response.status, 202);
  assert.equal(await own.exit, 0);
});

/** The image twice, one above the other. */
function stacked(bytes) {
  const { width, height, data } = PNG.sync.read(bytes);
  const both = new PNG({ width, height: 2 * height });
  both.data = Buffer.concat([data, data]);
  return PNG.sync.write(both);
}

/** Grain without text, which keeps Tesseract busy for minutes: a small generator of fixed numbers, so that every run is equal. */
function noise(side) {
  const image = new PNG({ width: side, height: side });
  let state = 1;
  for (let at = 0; at < image.data.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    image.data.fill(state >>> 24, at, at + 3);
    image.data[at + 3] = 255;
  }
  return PNG.sync.write(image, { colorType: 0, deflateLevel: 1 });
}

/** The same file with a header that claims another width. */
function claiming(bytes, width) {
  const changed = Buffer.from(bytes);
  changed.writeUInt32BE(width, 16);
  return changed;
}
