/** Our own driver as a load generator, whole: every sample becomes a checked, durable row. Called by bench/load-generators.ts. */
import type { Injection } from '../../test/fixtures/calibration/delay-plan.ts';
import { driveScene, observedOf } from '../../test/fixtures/calibration/observe.ts';
import type { Generator } from './generator.ts';

export function bakeoff(): Generator {
  return {
    name: 'Bakeoff',
    run: async ({ url, concurrency, requests, streams, answerMs }) => {
      const injections = Array.from(
        { length: requests },
        (_, index): Injection => ({ key: `item-${index}`, index, distribution: 'fixed', meanMs: answerMs, pieces: streams ? 8 : 1 }),
      );
      const load = { mode: 'closed' as const, concurrency, warmup: 0, stream: streams };
      const rows = await driveScene(url, { protocol: 'openai-chat', streams, load, injections });
      return rows.map(observedOf).map(({ key, sentMs, piecesMs: [firstMs], doneMs }) => ({
        key,
        latencyMs: doneMs - sentMs,
        firstPieceMs: firstMs === undefined ? null : firstMs - sentMs,
      }));
    },
  };
}
