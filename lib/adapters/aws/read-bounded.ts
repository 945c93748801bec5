/** Reads an answer's body as text, up to a limit: who answers may be anybody. Called by the API client. */
import { BakeoffError } from '../../core/errors.ts';

/** Throws `api-answer-too-large`, the rest unread. */
export async function readBounded(response: Response, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return '';
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) {
      throw new BakeoffError({
        code: 'api-answer-too-large',
        message: `the API's answer is larger than ${mostBytes} bytes; expected at most that`,
        remedy: 'See that the stack and its region are the right ones.',
        kind: 'environment',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
