/**
 * The API as (Request) => Response: finds the route, reads what it may, answers with the headers that every answer carries, and turns
 * errors into problem details. Called by the Lambda handlers and by `bakeoff serve`; knows neither.
 */
import { type Context, Hono } from 'hono';
import { acceptsJson, etagOf, matchesEtag, SECURITY_HEADERS } from './answer-headers.ts';
import { ROUTES } from './all-routes.ts';
import { openApiJson } from './openapi.ts';
import type { ApiPorts } from './ports.ts';
import { problemBody, problemOf } from './problems.ts';
import { readBody } from './read-body.ts';
import type { Answer, ApiRoute, RawCall } from './route.ts';

export interface ApiOptions {
  /** Of the software. */
  readonly version: string;
  /** What callers put before `/v1`, where that is not the root of the host; without a slash at its end. */
  readonly publicBaseUrl?: string;
  /** The id that the platform gave the request, from what it hands to Hono beside the request; null where it gave none. */
  readonly requestIdOf?: (platform: unknown) => string | null;
}

/** What happened to a request on its way, for its log line. */
interface Variables {
  requestId: string;
  route: string | null;
  code: string | null;
  cause: unknown;
}
type ApiContext = Context<{ Variables: Variables }>;

export function createApi(ports: ApiPorts, options: ApiOptions): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>();
  app.use('*', async (context, next) => {
    const startedAtMs = ports.clock.nowMs();
    const requestId = options.requestIdOf?.(context.env) ?? ports.newRequestId();
    context.set('requestId', requestId);
    context.set('route', null);
    context.set('code', null);
    await next();
    context.header('x-request-id', requestId);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value);
    const { status } = context.res;
    ports.log({
      requestId,
      method: METHODS.has(context.req.method) ? context.req.method : 'other',
      route: context.get('route'),
      status,
      durationMs: Math.max(0, ports.clock.nowMs() - startedAtMs),
      code: context.get('code'),
      ...(status >= 500 ? { cause: context.get('cause') } : {}),
    });
  });
  for (const route of ROUTES) app.on(route.method.toUpperCase(), honoPath(route.path), (context) => serve(context, route, ports, options));
  app.get('/v1/openapi.json', (context) => {
    context.set('route', '/v1/openapi.json');
    return cached(context, 200, openApiJson(options.version), {});
  });
  app.notFound((context) => unmatched(context));
  app.onError((error, context) => refuse(context, error));
  return app;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH']);

async function serve(context: ApiContext, route: ApiRoute, ports: ApiPorts, options: ApiOptions): Promise<Response> {
  context.set('route', route.path);
  if (route.success.status !== 303 && !acceptsJson(context.req.header('accept'))) {
    throw problemOf(
      'not-acceptable',
      'the Accept header leaves out application/json',
      'Accept application/json, or send no Accept header.',
    );
  }
  const read = route.accepts === undefined ? { body: new Uint8Array(), isJsonBody: false } : await readBody(context.req.raw, route.accepts);
  const call: RawCall = {
    ...read,
    params: context.req.param(),
    query: new URL(context.req.url).searchParams,
    idempotencyKey: context.req.header('idempotency-key'),
    version: options.version,
    link: (path) => `${options.publicBaseUrl ?? ''}${path}`,
  };
  return respond(context, route, await route.answer(call, ports));
}

function respond(context: ApiContext, route: ApiRoute, answer: Answer<unknown>): Response {
  switch (answer.kind) {
    case 'redirect':
      return context.body(null, 303, { location: answer.location, 'cache-control': 'no-store' });
    case 'spec-invalid':
    case 'gates-invalid': {
      const count = answer.problems.length === 1 ? '1 problem' : `${answer.problems.length} problems`;
      const message = answer.kind === 'spec-invalid' ? `the spec has ${count}` : `the gates have ${count}`;
      const error = problemOf(answer.kind, message, 'Correct the problems listed.');
      context.set('code', error.code);
      return problem(context, problemBody(error, context.get('requestId'), answer.problems));
    }
    case 'json': {
      const headers: Record<string, string> = answer.location === undefined ? {} : { location: answer.location };
      return cached(context, route.success.status, boundedJson(answer.body), headers, route.cache);
    }
  }
}

/** A Lambda function answers at most 6 MB; what it would cut off is better refused. */
const MOST_ANSWER_BYTES = 5_600_000;

function boundedJson(body: unknown): string {
  const text = JSON.stringify(body);
  // Twice encoded: the answer is a text inside of the function's own JSON.
  if (text.length <= MOST_ANSWER_BYTES / 6 || Buffer.byteLength(JSON.stringify(text)) <= MOST_ANSWER_BYTES) return text;
  throw problemOf(
    'answer-too-large',
    `the answer has ${Buffer.byteLength(text)} bytes`,
    "Ask for a smaller page; read a job's scores from /v1/runs/{id}/files/jobs/{job}/scores.json.",
  );
}

/** Only a read that follows from stored state has a tag; it is asked for again on every use, and answered by 304. */
function cached(context: ApiContext, status: number, body: string, given: Record<string, string>, cache?: 'no-store'): Response {
  const headers = { ...given, 'content-type': 'application/json' };
  const isRead = context.req.method === 'GET' || context.req.method === 'HEAD';
  if (cache === 'no-store' || !isRead) return new Response(body, { status, headers: { ...headers, 'cache-control': 'no-store' } });
  const etag = etagOf(body);
  const validators = { etag, 'cache-control': 'private, no-cache', vary: 'authorization' };
  if (matchesEtag(context.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers: validators });
  return new Response(body, { status, headers: { ...headers, ...validators } });
}

function problem(context: ApiContext, body: { readonly status: number }, headers: Record<string, string> = {}): Response {
  const type = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  return new Response(context.req.method === 'HEAD' ? null : JSON.stringify(body), {
    status: body.status,
    headers: { ...type, ...headers },
  });
}

function refuse(context: ApiContext, error: unknown, headers: Record<string, string> = {}): Response {
  const body = problemBody(error, context.get('requestId'));
  context.set('code', body.code);
  context.set('cause', error);
  return problem(context, body, body.status === 503 ? { ...headers, 'retry-after': '2' } : headers);
}

/** A path without this method, or no path of ours. OPTIONS tells the methods; other sites are never allowed in. */
function unmatched(context: ApiContext): Response {
  const path = new URL(context.req.url).pathname;
  const methods = ROUTES.filter((route) => patternOf(route.path).test(path)).map(({ method }) => method.toUpperCase());
  if (path === '/v1/openapi.json') methods.push('GET');
  if (methods.length === 0) {
    return refuse(
      context,
      problemOf('route-missing', 'there is no route at this path', 'Read GET /v1/openapi.json for the routes that there are.'),
    );
  }
  const allow = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].join(', ');
  if (context.req.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow, 'cache-control': 'no-store' } });
  return refuse(context, problemOf('method-not-allowed', `the route has only ${allow}`, 'Use one of these methods.'), { allow });
}

/** `/v1/runs/{id}/files/{path}` -> `/v1/runs/:id/files/:path{.+}`. */
function honoPath(path: string): string {
  return path.replace('{path}', ':path{.+}').replace(/\{(\w+)\}/g, ':$1');
}

function patternOf(path: string): RegExp {
  return new RegExp(
    `^${path
      .replaceAll('.', '\\.')
      .replace('{path}', '.+')
      .replace(/\{\w+\}/g, '[^/]+')}$`,
  );
}
