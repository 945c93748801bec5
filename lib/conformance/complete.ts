/** Requests that several chat rules make: the sample input as a completion. */
import { readFile } from 'node:fs/promises';
import type { HttpResult } from '../driver/http-client.ts';
import type { CheckContext, SampleInput } from './rule.ts';

/** The messages of the input, else its prompt and images as one user message; members of `change` are laid over the body. */
export async function complete(context: CheckContext, input: SampleInput, change: object, limitMs?: number): Promise<HttpResult> {
  const messages = input.messages ?? [{ role: 'user', content: await contentOf(input) }];
  const body = JSON.stringify({ model: context.modelName, messages, seed: 1, ...change });
  const headers = { 'content-type': 'application/json' };
  return context.send({ method: 'POST', path: '/v1/chat/completions', headers, body }, limitMs ?? context.generationMs);
}

async function contentOf({ prompt, files }: SampleInput): Promise<object[]> {
  const images = await Promise.all(
    (files ?? []).map(async ({ path, contentType }) => {
      const bytes = await readFile(path);
      return { type: 'image_url', image_url: { url: `data:${contentType};base64,${bytes.toString('base64')}` } };
    }),
  );
  return [{ type: 'text', text: prompt ?? 'Read the text.' }, ...images];
}
