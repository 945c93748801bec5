/**
 * The evaluator protocol: `POST /evaluate` with a batch of samples. An evaluator is as hostile as a model: every sample and metric must
 * come back exactly once, as a finite number or an error. Called by evaluate-stage.ts.
 */
import { z } from 'zod';
import type { Failure } from '../../core/failure.ts';
import type { Job } from '../../core/job.ts';
import { jsonOrNull } from '../../core/json-or-null.ts';
import { type HttpClient, httpClient, type HttpResult, type Switch } from '../http-client.ts';
import { failureOfBadAnswer } from './answer-guards.ts';
import { boundedCall } from './bounded-call.ts';
import { type Judgement, readJudgements } from './evaluator-answer.ts';
import type { Health } from './model-protocol.ts';
import { nativeHealth, SMALL_BODY_BYTES } from './native.ts';
import { readRefusal } from './native-answer.ts';

export type Evaluator = Job['evaluators'][number];

/** One sample as an evaluator is sent it. */
export interface SampleToJudge {
  readonly sampleId: string;
  readonly itemId: string;
  readonly input: unknown;
  readonly reference: Readonly<Record<string, unknown>> | null;
  readonly output: unknown;
}

export type EvaluationEnd =
  | { readonly kind: 'judged'; readonly judgements: ReadonlyMap<string, Judgement> }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'lost'; readonly reached: boolean; readonly message: string }
  | { readonly kind: 'aborted' };

export interface EvaluatorProtocol {
  readonly health: (control: Switch) => Promise<Health>;
  readonly describe: () => Promise<Failure | null>;
  readonly evaluate: (samples: readonly SampleToJudge[], control: Switch) => Promise<EvaluationEnd>;
  readonly shutdown: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const MAX_EVALUATION_BYTES = 32 * 1024 * 1024;

const metricsInfoSchema = z.looseObject({
  evaluator: z.string(),
  version: z.string(),
  scorers: z.record(
    z.string(),
    z.looseObject({
      metrics: z.array(
        z.looseObject({
          name: z.string(),
          unit: z.string(),
          direction: z.string(),
          range: z.array(z.number().nullable()),
          minN: z.number(),
        }),
      ),
    }),
  ),
});

/** One batch at a time; health and the rest have connections of their own. */
export function evaluatorProtocol(serverUrl: string, evaluator: Evaluator): EvaluatorProtocol {
  const samplesClient = httpClient(serverUrl, 1);
  const control = httpClient(serverUrl, 2);
  const headers = { 'content-type': 'application/json' };
  return {
    health: (limit) => nativeHealth(control, limit),
    describe: () => compareMetrics(control, evaluator),
    evaluate: async (samples, limit) => {
      const body = JSON.stringify({ scorers: evaluator.scorers, samples });
      const request = { method: 'POST', path: '/evaluate', headers, body, maxBytes: MAX_EVALUATION_BYTES } as const;
      return endOf(await samplesClient.send(request, limit), samples, evaluator);
    },
    shutdown: async () => {
      await boundedCall(control, { method: 'POST', path: '/shutdown', maxBytes: SMALL_BODY_BYTES }, 2_000);
    },
    close: async () => {
      await Promise.all([samplesClient.close(), control.close()]);
    },
  };
}

function endOf(result: HttpResult, samples: readonly SampleToJudge[], evaluator: Evaluator): EvaluationEnd {
  if (result.kind === 'lost' || result.kind === 'aborted') return result;
  if (result.kind !== 'answer')
    return { kind: 'failed', failure: ours({ class: 'infra', code: `answer-${result.kind}`, message: result.kind }) };
  if (result.status !== 200) return { kind: 'failed', failure: ours(readRefusal(result.status, result.body)) };
  try {
    const ids = samples.map((sample) => sample.sampleId);
    const metrics = evaluator.metrics.map((metric) => metric.name);
    return { kind: 'judged', judgements: readJudgements(result.body, ids, evaluator.scorers, metrics) };
  } catch (thrown) {
    return { kind: 'failed', failure: ours(failureOfBadAnswer(thrown)) };
  }
}

/** What goes wrong between the driver and an evaluator is never the model's fault. */
function ours(failure: Failure): Failure {
  const failureClass = failure.class === 'transient' ? 'transient' : 'infra';
  return {
    class: failureClass,
    code: `evaluator-${failure.code}`.slice(0, 200),
    message: `the evaluator: ${failure.message}`.slice(0, 4000),
  };
}

async function compareMetrics(client: HttpClient, evaluator: Evaluator): Promise<Failure | null> {
  const result = await boundedCall(client, { method: 'GET', path: '/metrics-info', maxBytes: SMALL_BODY_BYTES }, 10_000);
  if (result.kind !== 'answer' || result.status !== 200) {
    return refusal('metrics-info-missing', `GET /metrics-info: ${result.kind === 'answer' ? result.status : result.kind}; expected 200`);
  }
  const parsed = metricsInfoSchema.safeParse(jsonOrNull(result.body.toString('utf8')));
  if (!parsed.success) return refusal('metrics-info-bad-shape', `GET /metrics-info: ${parsed.error.issues[0]?.message ?? 'bad shape'}`);
  const info = parsed.data;
  const { id, version } = evaluator.package;
  if (info.evaluator !== id || info.version !== version) {
    return refusal('other-evaluator', `the server is ${info.evaluator} ${info.version}; expected ${id} ${version}`);
  }
  const offered = new Map<string, string>();
  for (const [scorer, { metrics }] of Object.entries(info.scorers)) {
    for (const metric of metrics) offered.set(`${scorer}.${metric.name}`, essence(metric));
  }
  const differing = evaluator.metrics.find((metric) => offered.get(metric.name) !== essence(metric));
  return differing === undefined
    ? null
    : refusal('metrics-differ', `the server does not offer ${differing.name} as the job was planned with it`);
}

function essence(metric: { unit: string; direction: string; range: readonly (number | null)[]; minN: number }): string {
  return JSON.stringify([metric.unit, metric.direction, metric.range, metric.minN]);
}

function refusal(code: string, message: string): Failure {
  return { class: 'infra', code, message };
}
