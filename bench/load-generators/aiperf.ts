/** AIPerf as a load generator: closed loop, its own latencies from its records. Called by bench/load-generators.ts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Generator, LoadOrder } from './generator.ts';
import { type ThrowAway, TOKENIZER } from './throw-away.ts';

const metricSchema = z.object({ value: z.number(), unit: z.literal('ms') });
/** `x_request_id` is a header of the request, which the server records. */
const recordSchema = z.object({
  metadata: z.object({ x_request_id: z.string() }),
  metrics: z.object({ request_latency: metricSchema, time_to_first_token: metricSchema.optional() }),
});

export async function aiperf(place: ThrowAway): Promise<Generator> {
  const programs = await place.install('aiperf');
  return {
    name: 'AIPerf 0.13.0',
    run: async (order) => {
      const folder = await place.results();
      await place.execute(programs, [join(programs, 'aiperf'), ...argumentsOf(order, folder)]);
      const lines = (await readFile(join(folder, 'profile_export.jsonl'), 'utf8')).trim().split('\n');
      if (lines.length < order.requests) throw new Error(`${lines.length} of ${order.requests} succeeded`);
      return lines.map((line) => {
        const { metadata, metrics } = recordSchema.parse(JSON.parse(line));
        const firstPieceMs = metrics.time_to_first_token?.value ?? null;
        return { key: metadata.x_request_id, latencyMs: metrics.request_latency.value, firstPieceMs };
      });
    },
  };
}

/** The server's own count of tokens spares it to make one; it is asked for nothing else that costs time. */
function argumentsOf({ url, concurrency, requests, streams }: LoadOrder, folder: string): string[] {
  return [
    ...['profile', '--model', 'null-model', '--url', url, '--endpoint-type', 'chat'],
    ...(streams ? ['--streaming'] : []),
    ...['--concurrency', String(concurrency), '--request-count', String(requests)],
    ...['--tokenizer', TOKENIZER, '--use-server-token-count', '--random-seed', '1', '--num-dataset-entries', '100'],
    ...['--prompt-input-tokens-mean', '8', '--prompt-output-tokens-mean', '8'],
    ...['--no-server-metrics', '--no-gpu-telemetry', '--ui', 'none', '--export-level', 'records', '--output-artifact-dir', folder],
  ];
}
