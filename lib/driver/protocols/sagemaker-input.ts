/**
 * A sample as the JSON of `POST /invocations`. What the body means is left to each container, so this is what most of them take: a conversation as chat
 * servers have it, a prompt as `inputs`, a row as `instances`. Called by sagemaker.ts.
 */
import { dataUrlOf } from './data-url.ts';
import type { Sample } from './model-protocol.ts';

export interface InvocationRequest {
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
}

/** Rejects when an input file cannot be read. */
export function invocationOf({ item, seed }: Sample, { params, inputPath }: InvocationRequest): string | Promise<string> {
  const { prompt, messages, row, files = [] } = item.input;
  if (messages !== undefined) return JSON.stringify({ ...params, messages, seed });
  if (files.length > 0) {
    const urls = Promise.all(files.map(({ sha256, contentType }) => dataUrlOf(inputPath(sha256), contentType)));
    return urls.then((each) => JSON.stringify({ ...params, messages: [{ role: 'user', content: partsOf(prompt, each) }], seed }));
  }
  const parameters = { ...params, seed };
  return JSON.stringify(row === undefined ? { inputs: prompt ?? '', parameters } : { instances: [row], parameters });
}

function partsOf(prompt: string | undefined, urls: readonly string[]): object[] {
  const text = prompt === undefined ? [] : [{ type: 'text', text: prompt }];
  return [...text, ...urls.map((url) => ({ type: 'image_url', image_url: { url } }))];
}
