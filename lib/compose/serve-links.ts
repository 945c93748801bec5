/**
 * Links of the local server to files of a run: signed with a secret of the process, expiring, and good for the whole run, so that a report
 * can show the videos beside it. Serves what they lead to, with ranges, as browsers ask for video.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { contentTypeOf, isVisibleFile } from '../api/visible-files.ts';
import { BakeoffError } from '../core/errors.ts';
import type { Clock, ObjectStore } from '../core/ports.ts';

export interface LinkServer {
  readonly sign: (link: { readonly key: string; readonly seconds: number }) => string;
  /** Null for a path that is no link at all. */
  readonly answer: (request: Request) => Promise<Response | null>;
}

/** `baseUrl`: of this server, without a slash at its end. */
export function linkServer(baseUrl: string, objects: Pick<ObjectStore, 'localPath'>, clock: Clock): LinkServer {
  const secret = randomBytes(32);
  const signatureOf = (runId: string, expires: string): string =>
    createHmac('sha256', secret).update(`${runId}\n${expires}`).digest('base64url');
  return {
    sign: ({ key, seconds }) => {
      const expires = String(Math.floor(clock.nowMs() / 1000) + seconds);
      return `${baseUrl}/links/${expires}/${signatureOf(runOf(key), expires)}/${key}`;
    },
    answer: async (request) => {
      const match = /^\/links\/(\d{1,12})\/([\w-]{43})\/runs\/([A-Za-z0-9][A-Za-z0-9._-]{0,63})\/([\w./:=-]{1,900})$/.exec(
        new URL(request.url).pathname,
      );
      if (match === null) return null;
      const [, expires = '', signature = '', runId = '', path = ''] = match;
      const isSigned = timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(runId, expires)));
      if (!isSigned || Number(expires) * 1000 < clock.nowMs())
        return refused(403, 'This link is not signed by this server, or has expired.');
      if (request.method !== 'GET' && request.method !== 'HEAD') return refused(405, 'Only GET and HEAD.');
      return isVisibleFile(path) ? fileAnswer(request, `runs/${runId}/${path}`, objects) : refused(404, 'There is no such file.');
    },
  };
}

function runOf(key: string): string {
  return key.split('/')[1] ?? '';
}

function refused(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } });
}

/** The report brings its own style and script; nothing else may run, and nobody may call out. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: 'self'; media-src data: 'self'; form-action 'none'; frame-ancestors 'none'";

async function fileAnswer(request: Request, key: string, objects: Pick<ObjectStore, 'localPath'>): Promise<Response> {
  const path = await objects.localPath(key).catch((error: unknown) => {
    if (error instanceof BakeoffError && error.code === 'object-missing') return null;
    throw error;
  });
  if (path === null) return refused(404, 'There is no such file.');
  const { size } = await stat(path);
  const type = contentTypeOf(key);
  const headers = {
    'content-type': type,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=60',
    'content-security-policy': type.startsWith('text/html') ? PAGE_POLICY : "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  const range = rangeOf(request.headers.get('range'), size);
  if (range === 'unsatisfiable') return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` } });
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const sized = { ...headers, 'content-length': String(Math.max(0, end - start + 1)) };
  const status = range === null ? 200 : 206;
  const ranged = range === null ? sized : { ...sized, 'content-range': `bytes ${start}-${end}/${size}` };
  if (request.method === 'HEAD' || size === 0) return new Response(null, { status, headers: ranged });
  return new Response(bodyOf(path, start, end), { status, headers: ranged });
}

/** Read piece by piece, and no further than somebody reads. */
function bodyOf(path: string, start: number, end: number): ReadableStream<Uint8Array> {
  const stream = createReadStream(path, { start, end });
  const pieces = stream.iterator();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    cancel: () => void stream.destroy(),
  });
}

/** One range of bytes; others are answered whole, as RFC 9110 allows. */
function rangeOf(header: string | null, size: number): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const [first, last] = [match[1] ?? '', match[2] ?? ''];
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last));
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}
