/**
 * Reads the body of `POST /evaluate`. Throws BadAnswer unless every sample and metric that was asked for is there exactly once. Called by
 * evaluator.ts.
 */
import type { Failure } from '../../core/failure.ts';
import { BadAnswer, badShape, isObject, objectAt, parseJson, stringAt } from './answer-guards.ts';
import { readError } from './native-answer.ts';

/** What an evaluator said of one sample, by `<scorer>.<metric>`. */
export interface Judgement {
  readonly values: Record<string, number>;
  readonly errors: Record<string, Failure>;
  /** Every metric failed by a fault of the whole sample, such as a video that does not decode. */
  wholeFailure: Failure | null;
}

/** By sample id. `metrics` are full names, `<scorer>.<metric>`. */
export function readJudgements(
  body: Buffer,
  sampleIds: readonly string[],
  scorers: readonly string[],
  metrics: readonly string[],
): Map<string, Judgement> {
  const answer = objectAt(parseJson(body), 'the answer');
  const judgements = new Map<string, Judgement>(sampleIds.map((id) => [id, { values: {}, errors: {}, wholeFailure: null }]));
  for (const [index, row] of listAt(answer.rows, 'rows').entries()) readRow(objectAt(row, `rows[${index}]`), judgements, scorers, metrics);
  for (const [index, state] of listAt(answer.states ?? [], 'states').entries()) {
    readState(objectAt(state, `states[${index}]`), judgements, metrics);
  }
  for (const [id, judgement] of judgements) complete(id, judgement, metrics);
  return judgements;
}

function readRow(
  row: Record<string, unknown>,
  judgements: ReadonlyMap<string, Judgement>,
  scorers: readonly string[],
  metrics: readonly string[],
): void {
  const judgement = judgementOf(row, judgements);
  const scorer = stringAt(row.scorer, 'scorer', 64);
  if (!scorers.includes(scorer)) throw badShape('scorer', scorers.join(' or '), scorer);
  if (row.metric === null) {
    const failure = readError(row.error);
    judgement.wholeFailure ??= failure;
    for (const name of metrics) if (name.startsWith(`${scorer}.`)) set(judgement, name, failure);
    return;
  }
  const name = `${scorer}.${stringAt(row.metric, 'metric', 64)}`;
  if (!metrics.includes(name)) throw badShape('metric', metrics.join(' or '), name);
  if (isObject(row.error)) set(judgement, name, readError(row.error));
  else if (typeof row.value === 'number' && Number.isFinite(row.value)) set(judgement, name, row.value);
  else throw badShape(`the value of ${name}`, 'a finite number or an error', row.value);
}

/** A set-level metric has no value of its own for a sample. This version sums none up. */
function readState(state: Record<string, unknown>, judgements: ReadonlyMap<string, Judgement>, metrics: readonly string[]): void {
  const name = `${stringAt(state.scorer, 'scorer', 64)}.${stringAt(state.metric, 'metric', 64)}`;
  if (!metrics.includes(name)) throw badShape('metric', metrics.join(' or '), name);
  const message = `${name} is a metric of a whole set; this version records none`;
  set(judgementOf(state, judgements), name, { class: 'infra', code: 'set-metric-unavailable', message });
}

function judgementOf(row: Record<string, unknown>, judgements: ReadonlyMap<string, Judgement>): Judgement {
  const sampleId = stringAt(row.sampleId, 'sampleId', 128);
  const judgement = judgements.get(sampleId);
  if (judgement === undefined) throw badShape('sampleId', 'a sample of the batch', sampleId);
  return judgement;
}

function set(judgement: Judgement, name: string, judged: number | Failure): void {
  if (name in judgement.values || name in judgement.errors) throw new BadAnswer('row-twice', `${name} came twice for one sample`);
  if (typeof judged === 'number') judgement.values[name] = judged;
  else judgement.errors[name] = judged;
}

function complete(id: string, judgement: Judgement, metrics: readonly string[]): void {
  const missing = metrics.find((name) => !(name in judgement.values) && !(name in judgement.errors));
  if (missing !== undefined) throw new BadAnswer('row-missing', `there is no row of sample ${id} and ${missing}`);
  if (Object.keys(judgement.values).length > 0) judgement.wholeFailure = null;
}

function listAt(value: unknown, path: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw badShape(path, 'a list', value);
}
