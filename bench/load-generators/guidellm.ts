/** GuideLLM as a load generator: closed loop, its own latencies from its JSON report. Called by bench/load-generators.ts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Generator, LoadOrder } from './generator.ts';
import type { ThrowAway } from './throw-away.ts';

/** `response_id` is the answer's id, which the server chose. Times are seconds but where they say otherwise. */
const requestSchema = z.object({
  response_id: z.string(),
  request_latency: z.number(),
  time_to_first_token_ms: z.number().nullish(),
});
const reportSchema = z.object({ benchmarks: z.tuple([z.object({ requests: z.object({ successful: z.array(requestSchema) }) })]) });

export async function guidellm(place: ThrowAway): Promise<Generator> {
  const programs = await place.install('guidellm');
  return {
    name: 'GuideLLM 0.8.1',
    run: async (order) => {
      const report = join(await place.results(), 'report.json');
      await place.execute(programs, [join(programs, 'guidellm'), ...argumentsOf(order, place.tokenizerFolder, report)]);
      const [{ requests }] = reportSchema.parse(JSON.parse(await readFile(report, 'utf8'))).benchmarks;
      if (requests.successful.length < order.requests) throw new Error(`${requests.successful.length} of ${order.requests} succeeded`);
      return requests.successful.map(({ response_id: key, request_latency: seconds, time_to_first_token_ms: firstPieceMs }) => ({
        key,
        latencyMs: seconds * 1000,
        firstPieceMs: order.streams ? (firstPieceMs ?? null) : null,
      }));
    },
  };
}

function argumentsOf({ url, concurrency, requests, streams }: LoadOrder, tokenizer: string, report: string): string[] {
  return [
    'run',
    ...['--backend', `kind=openai_http,target=${url},model=null-model,request_format=/v1/chat/completions,stream=${streams}`],
    ...['--profile', `kind=concurrent,streams=${concurrency}`],
    ...['--constraint', `kind=max_requests,count=${requests}`],
    ...['--tokenizer', `kind=huggingface_auto,model=${tokenizer}`],
    ...['--data', 'kind=synthetic_text,prompt_tokens=8,output_tokens=8'],
    ...['--output', `kind=json,path=${report}`, '--disable-console'],
  ];
}
