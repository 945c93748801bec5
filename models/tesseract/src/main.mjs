/**
 * Starts the server at once and the engine behind it, so that /health can say `starting`. The only reader of the
 * environment. Ends with 0 on SIGTERM, SIGINT and POST /shutdown, once the accepted images are answered.
 */
import { chatRequestReader } from './chat-request.mjs';
import { startEngine } from './engine.mjs';
import { readManifest } from './manifest.mjs';
import { createChatServer } from './server.mjs';

/** An image that takes longer than this to finish is given up at shutdown. */
const DRAIN_MS = 10_000;

const { PORT = '8000', HOST = '127.0.0.1', BAKEOFF_INSTANCE = '' } = process.env;
const manifest = readManifest(new URL('../model.yaml', import.meta.url));
const started = performance.now();
let state = { status: 'starting', engine: null, setupSeconds: null, error: null };
let stopping = false;

const server = createChatServer({
  model: manifest,
  instance: BAKEOFF_INSTANCE,
  state: () => state,
  readChatRequest: chatRequestReader(manifest.id, manifest.params),
  onShutdown: stop,
});

function fail(error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error('the engine failed:', message);
  state = { ...state, status: 'failed', engine: null, error: { class: 'model_error', code: 'engine_failed', message } };
}

/** A server without its engine would leave its clients waiting: its end is a fact that they can see. */
function onCrash(error) {
  console.error('the engine died:', error.message);
  process.exit(1);
}

function stop() {
  if (stopping) return;
  stopping = true;
  const { engine } = state;
  state = { ...state, status: 'failed', engine: null, error: { class: 'transient', code: 'stopping', message: 'The server is stopping.' } };
  server.close(() => process.exit(0));
  setTimeout(() => process.exit(0), DRAIN_MS);
  // Connections that are kept alive would hold the server open: each is closed once its answer is out.
  const drained = engine === null ? Promise.resolve() : engine.stop();
  drained.finally(() => setInterval(() => server.closeIdleConnections(), 20));
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
server.on('error', (error) => {
  console.error(`cannot listen on ${HOST}:${PORT}:`, error.message);
  process.exit(1);
});
server.listen(Number(PORT), HOST);

startEngine({ onCrash }).then((engine) => {
  if (stopping) return;
  state = { status: 'ready', engine, setupSeconds: (performance.now() - started) / 1000, error: null };
}, fail);
