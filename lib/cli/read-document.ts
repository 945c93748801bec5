/** Reads a spec or a file of gates as far as its parser may want it. Called by the verbs that take one; they say what went wrong in their words. */
import { createReadStream } from 'node:fs';
import { MAX_SPEC_BYTES } from '../core/parse-spec-document.ts';

/** One byte more than the parser takes is enough for it to refuse the file; the rest is not read. Throws what the file system throws. */
export async function readDocument(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path, { end: MAX_SPEC_BYTES })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
