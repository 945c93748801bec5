/** Reads the body of a request: a known media type, never more bytes than the route takes. Called by create-api.ts. */
import type { BodyRule } from './route.ts';
import { problemOf } from './problems.ts';

export interface ReadBody {
  readonly body: Uint8Array;
  readonly isJsonBody: boolean;
}

/** Throws `media-type-unsupported` and `body-too-large`. */
export async function readBody(request: Request, rule: BodyRule): Promise<ReadBody> {
  const mediaType = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (!rule.mediaTypes.includes(mediaType)) {
    const known = rule.mediaTypes.join(', ');
    throw problemOf('media-type-unsupported', `the body's media type is not one of ${known}`, `Set Content-Type to ${rule.mediaTypes[0]}.`);
  }
  if (Number(request.headers.get('content-length') ?? 0) > rule.maxBytes) throw tooLarge(rule);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > rule.maxBytes) throw tooLarge(rule);
    chunks.push(chunk);
  }
  return { body: Buffer.concat(chunks), isJsonBody: mediaType === 'application/json' };
}

function tooLarge({ maxBytes }: BodyRule) {
  return problemOf('body-too-large', `the body has more than ${maxBytes} bytes`, 'Send less; items belong into a suite.');
}
