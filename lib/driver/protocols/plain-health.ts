/**
 * Readiness of stock servers: one GET whose status, or whose body, says whether they take work. They name no instance. Called by the adapters
 * of protocols without a health record of ours.
 */
import type { HttpAnswer, HttpClient, Switch } from '../http-client.ts';
import type { Health } from './model-protocol.ts';

const HEALTH_BODY_BYTES = 1024 * 1024;

/** `judge` reads what was answered; by default 200 is ready and every other status is a server that is still starting. */
export async function plainHealth(
  client: HttpClient,
  path: string,
  limit: Switch,
  judge: (answer: HttpAnswer) => Health = byStatus,
): Promise<Health> {
  const result = await client.send({ method: 'GET', path, maxBytes: HEALTH_BODY_BYTES }, limit);
  if (result.kind === 'aborted') return { kind: 'silent' };
  if (result.kind === 'lost') return { kind: 'down', refused: !result.reached, message: result.message };
  if (result.kind !== 'answer') return { kind: 'bad', message: `GET ${path}: ${result.kind}` };
  return judge(result);
}

function byStatus({ status }: HttpAnswer): Health {
  return { kind: 'up', status: status === 200 ? 'ready' : 'starting', instance: null, failure: null };
}
