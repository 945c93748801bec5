/** Waits for what others do: asks again until there is an answer, or fails with what was waited for. Nothing is asserted about time. */
import { setTimeout as sleep } from 'node:timers/promises';

interface WaitOptions {
  readonly limitMs?: number;
  readonly stepMs?: number;
}

/** The first answer that is neither null nor undefined nor false. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  { limitMs = 240_000, stepMs = 250 }: WaitOptions = {},
): Promise<T> {
  const deadlineMs = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadlineMs) throw new Error(`${what}: not seen within ${limitMs / 1000} s`);
    await sleep(stepMs);
  }
}
