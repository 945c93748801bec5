/**
 * The openai-chat protocol over HTTP: health, models, chat completions, shutdown. Called by main.mjs; knows the engine
 * only as {recognise, load}. While the engine recognises in its thread this one stays free to answer /health.
 */
import { createServer } from 'node:http';
import { completion, completionEvents } from './chat-answer.mjs';
import { prepareImage } from './line-image.mjs';
import { errorBody, RequestFault } from './request-fault.mjs';

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_WAITING = 64;

/**
 * @param {object} options
 * @param {{id: string, version: string}} options.model
 * @param {string} options.instance token that tells the caller that this server is its own
 * @param {() => {status: string, engine: object | null, setupSeconds: number | null, error: object | null}} options.state
 * @param {(text: string) => {image: Buffer, params: any, stream: boolean}} options.readChatRequest
 * @param {() => void} options.onShutdown
 */
export function createChatServer({ model, instance, state, readChatRequest, onShutdown }) {
  const routes = {
    '/health': { GET: health },
    '/v1/models': { GET: models },
    '/v1/chat/completions': { POST: chat },
    '/shutdown': { POST: shutdown },
  };

  function health(_request, response) {
    const { status, setupSeconds, error, engine } = state();
    const shown = status === 'ready' && engine.load() > 0 ? 'busy' : status;
    const body = { status: shown, model: model.id, version: model.version, instance, setupSeconds, device: { kind: 'cpu', name: 'cpu' } };
    sendJson(response, status === 'ready' ? 200 : 503, error === null ? body : { ...body, error });
  }

  function models(_request, response) {
    sendJson(response, 200, { object: 'list', data: [{ id: model.id, object: 'model', created: 0, owned_by: 'bakeoff' }] });
  }

  async function chat(request, response) {
    const { status, engine } = state();
    if (status !== 'ready') throw new RequestFault(503, 'not_ready', `The model is ${status}; expected ready.`);
    const { image, params, stream } = readChatRequest(await readText(request));
    if (engine.load() >= MAX_WAITING) throw new RequestFault(429, 'queue_full', `${MAX_WAITING} images are waiting already.`);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const text = await engine.recognise(prepareImage(image, params.scale), params.psm, gone.signal);
    if (!stream) return sendJson(response, 200, completion(model.id, text));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.end(completionEvents(model.id, text));
  }

  function shutdown(_request, response) {
    response.on('finish', onShutdown);
    sendJson(response, 202, { status: 'stopping' });
  }

  return createServer(async (request, response) => {
    response.setHeader('x-bakeoff-instance', instance);
    try {
      await handlerFor(routes, request)(request, response);
    } catch (error) {
      sendFault(response, error);
    }
  });
}

function handlerFor(routes, request) {
  const [path] = request.url.split('?', 1);
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (methods === undefined) throw new RequestFault(404, 'unknown_path', `There is nothing at ${path}.`);
  if (!Object.hasOwn(methods, request.method)) {
    throw new RequestFault(405, 'method', `${request.method} ${path} is not served; expected ${Object.keys(methods).join(', ')}.`);
  }
  return methods[request.method];
}

/** The body as text; refuses what is over the limit without reading on. */
async function readText(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RequestFault(413, 'body_too_large', `The body is over ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendFault(response, error) {
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (error instanceof RequestFault) {
    if (error.status === 413) response.setHeader('connection', 'close');
    return sendJson(response, error.status, errorBody(error));
  }
  const message = error instanceof Error ? error.message : String(error);
  console.error('recognition failed:', message);
  sendJson(response, 500, errorBody({ status: 500, code: 'recognition_failed', message }));
}

function sendJson(response, status, body) {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}
