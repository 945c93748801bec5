/**
 * What a running server says that it can do, so that a fitting input can be chosen. Called by lib/cli/models-check.ts.
 */
import { z } from 'zod';
import { jsonOrNull } from '../core/json-or-null.ts';
import { httpClient } from '../driver/http-client.ts';
import { boundedCall } from '../driver/protocols/bounded-call.ts';
import type { Protocol } from './rule.ts';

const requirementsSchema = z.looseObject({ model: z.string(), tasks: z.array(z.string()) });
const modelsSchema = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })).min(1) });

export interface ServerTasks {
  readonly tasks: readonly string[];
  readonly modelName: string;
}

/** Chat servers cannot tell their task; reading an image is the one that the suites have. The caller may know better (`--task`). */
export async function tasksOf(url: string, protocol: Protocol): Promise<ServerTasks> {
  const client = httpClient(url, 1);
  try {
    const path = protocol === 'openai-chat' ? '/v1/models' : '/requirements';
    const result = await boundedCall(client, { method: 'GET', path, maxBytes: 1 << 20 }, 10_000);
    const body = result.kind === 'answer' ? jsonOrNull(result.body.toString('utf8')) : null;
    const listed = modelsSchema.safeParse(body);
    if (protocol === 'openai-chat') return { tasks: ['image-to-text'], modelName: listed.data?.data[0]?.id ?? 'unknown' };
    if (protocol !== 'native' && protocol !== 'evaluator') return { tasks: [], modelName: 'unknown' };
    const stated = requirementsSchema.safeParse(body);
    return { tasks: stated.data?.tasks ?? [], modelName: stated.data?.model ?? 'unknown' };
  } finally {
    await client.close();
  }
}
