/**
 * One exchange with a time limit of its own, for the rare calls (health, requirements, cancel, shutdown). Samples have no timer
 * each: lib/driver/in-flight.ts sweeps them.
 */
import { abort, type HttpClient, type HttpRequest, type HttpResult, newSwitch } from '../http-client.ts';

/** Never rejects; an exchange that takes longer than `limitMs` ends as `aborted`. */
export async function boundedCall(client: HttpClient, request: HttpRequest, limitMs: number): Promise<HttpResult> {
  const control = newSwitch();
  const timer = setTimeout(() => abort(control, 'timeout'), limitMs);
  try {
    return await client.send(request, control);
  } finally {
    clearTimeout(timer);
  }
}
