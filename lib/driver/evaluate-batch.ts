/**
 * Gets one batch of samples judged: a batch that fails goes out again sample by sample, so that one bad sample costs itself alone. Called
 * by evaluate-stage.ts.
 */
import { type Failure, isRetryable } from '../core/failure.ts';
import type { Suspect } from '../core/job.ts';
import type { InFlight } from './in-flight.ts';
import type { EvaluationEnd, EvaluatorProtocol, SampleToJudge } from './protocols/evaluator.ts';
import type { Judgement } from './protocols/evaluator-answer.ts';
import { RETRY_DELAYS_MS } from './run-sample.ts';
import type { ServerEnd, ServerPulse } from './server-pulse.ts';
import type { StopSwitch } from './stop-switch.ts';

export interface BatchContext {
  readonly protocol: EvaluatorProtocol;
  readonly flights: InFlight;
  readonly pulse: ServerPulse;
  readonly stop: StopSwitch;
  readonly sampleMs: number;
  readonly settleServer: () => Promise<ServerEnd | null>;
}

export interface BatchEnd {
  /** A sample that is not in it has no end yet: the driver stopped, or the server died. */
  readonly judged: ReadonlyMap<string, Judgement | Failure>;
  readonly gone: ServerEnd | null;
  readonly suspects: readonly Omit<Suspect, 'deaths'>[];
}

/** Every sample of the batch with its judgement or failure, as far as the evaluator and the driver lived. */
export async function evaluateBatch(context: BatchContext, samples: readonly SampleToJudge[]): Promise<BatchEnd> {
  const judged = new Map<string, Judgement | Failure>();
  const first = await send(context, samples);
  if (first.kind === 'gone') return { judged, gone: first.gone, suspects: suspectsOf(first, samples) };
  if (first.kind === 'stopped') return { judged, gone: null, suspects: [] };
  const again = first.kind === 'failed' ? samples : keepJudged(first.judgements, samples, judged);
  const failed = first.kind === 'failed' && samples.length === 1 ? first.failure : null;
  for (const sample of again) {
    const end = await judgeAlone(context, sample, failed);
    if (end.kind === 'gone') return { judged, gone: end.gone, suspects: suspectsOf(end, [sample]) };
    if (end.kind === 'stopped') break;
    judged.set(sample.sampleId, end.kind === 'failed' ? end.failure : (end.judgements.get(sample.sampleId) ?? NO_ROW));
  }
  return { judged, gone: null, suspects: [] };
}

/** Keeps what is final; returns the samples whose judgement may be better when asked again, on their own. */
function keepJudged(
  judgements: ReadonlyMap<string, Judgement>,
  samples: readonly SampleToJudge[],
  judged: Map<string, Judgement | Failure>,
): SampleToJudge[] {
  return samples.filter(({ sampleId }) => {
    const judgement = judgements.get(sampleId) ?? NO_ROW;
    const whole = 'class' in judgement ? judgement : judgement.wholeFailure;
    if (whole !== null && isRetryable(whole.class)) return true;
    judged.set(sampleId, judgement);
    return false;
  });
}

const NO_ROW: Failure = { class: 'infra', code: 'evaluator-row-missing', message: 'the evaluator gave no row' };

type SendEnd =
  | Extract<EvaluationEnd, { kind: 'judged' | 'failed' }>
  | { readonly kind: 'gone'; readonly gone: ServerEnd; readonly reached: boolean }
  | { readonly kind: 'stopped' };

/** `before` is the failure of a try that this sample has had on its own. */
async function judgeAlone(context: BatchContext, sample: SampleToJudge, before: Failure | null): Promise<SendEnd> {
  let failure = before;
  let tries = before === null ? 0 : 1;
  for (;;) {
    const delayMs = RETRY_DELAYS_MS[tries - 1];
    if (failure !== null && (!isRetryable(failure.class) || delayMs === undefined)) return { kind: 'failed', failure };
    if (delayMs !== undefined) await context.stop.pause(delayMs);
    const gone = await context.settleServer();
    if (gone !== null) return { kind: 'gone', gone, reached: true };
    if (context.stop.reason() !== null) return { kind: 'stopped' };
    const end = await send(context, [sample]);
    if (end.kind !== 'failed') return end;
    failure = end.failure;
    tries += 1;
  }
}

async function send(context: BatchContext, samples: readonly SampleToJudge[]): Promise<SendEnd> {
  const control = context.flights.begin();
  const end = await context.protocol.evaluate(samples, control);
  context.flights.end(control);
  if (end.kind === 'judged' || end.kind === 'failed') return end;
  if (end.kind === 'aborted' && control.reason !== 'timeout') return { kind: 'stopped' };
  const gone = end.kind === 'lost' ? await context.pulse.check() : await context.settleServer();
  const isStopping = context.stop.reason() !== null;
  if (gone !== null) return isStopping ? { kind: 'stopped' } : { kind: 'gone', gone, reached: end.kind === 'aborted' || end.reached };
  if (end.kind === 'lost') {
    return {
      kind: 'failed',
      failure: { class: 'transient', code: 'evaluator-connection-lost', message: `the evaluator closed the connection: ${end.message}` },
    };
  }
  // Final for a sample on its own; for a batch it only means that it was too much at once.
  const message = `the evaluator gave no answer within ${context.sampleMs} ms (limits.sample)`;
  return { kind: 'failed', failure: { class: 'timeout', code: 'evaluator-deadline', message } };
}

function suspectsOf({ gone, reached }: Extract<SendEnd, { kind: 'gone' }>, samples: readonly SampleToJudge[]): Omit<Suspect, 'deaths'>[] {
  if (!reached || (gone.kind !== 'server-died' && gone.kind !== 'server-hung')) return [];
  const failure: Failure = { ...gone.failure, message: `${gone.failure.message} while it evaluated this sample` };
  return samples.map(({ sampleId }) => ({ sampleId, failure }));
}
