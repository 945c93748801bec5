/**
 * Collects the few items that a report shows side by side: chosen over the columns, then read from the rows. What it holds does
 * not grow with the number of samples. Called by the report step.
 */
import type { MetricColumn } from '../core/columns.ts';
import { type ScoreRule, shownColumn } from '../core/composite.ts';
import { type FrozenItem, frozenItemSchema, type Job, type ReferenceLine, referenceLineSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { type SampleRow, sampleRowSchema } from '../core/sample.ts';
import { sampleValue, spreadOf } from '../core/sample-values.ts';
import type { ExampleSource } from '../report/build-report.ts';
import { type ChosenExample, createExampleChooser } from '../report/choose-examples.ts';
import { listParts } from './list-parts.ts';
import { forEachLine, parseLine, type StoredLine } from './read-lines.ts';
import type { RunColumns } from './score-stored-run.ts';

/** The chosen items with every job's output for them; empty for a run without jobs. */
export async function collectExamples(
  objects: ObjectStore,
  jobs: readonly Job[],
  columns: RunColumns,
  rule: ScoreRule | null,
): Promise<ExampleSource[]> {
  const [first] = jobs;
  if (first === undefined) return [];
  const chosen = chooseItems(first.itemCount, jobs, columns, rule);
  const positions = new Set(chosen.map(({ position }) => position));
  const items = await linesOf(objects, first.itemsKey, positions, (line) => parseLine(line, frozenItemSchema));
  const references = await linesOf(objects, first.referencesKey, positions, (line) => parseLine(line, referenceLineSchema));
  const rows = await Promise.all(jobs.map((job) => chosenRows(objects, job, positions)));
  return chosen.flatMap(({ position, why }) => {
    const item = items.get(position);
    if (item === undefined) return [];
    const outputs = jobs.map((job, ordinal) => ({
      jobId: job.jobId,
      row: rows[ordinal]?.get(position) ?? null,
      values: valuesOf(columns.jobs[ordinal]?.columns.metrics ?? [], position * job.repeats),
    }));
    return [{ item, chosen: why, reference: references.get(position)?.reference ?? null, outputs }];
  });
}

/** An item by its position in the order of issue, which is what rows call its ordinal. */
interface ChosenPosition {
  readonly position: number;
  readonly why: ChosenExample['chosen'];
}

function chooseItems(itemCount: number, jobs: readonly Job[], columns: RunColumns, rule: ScoreRule | null): ChosenPosition[] {
  const chooser = createExampleChooser();
  const ranked = columns.jobs.flatMap(({ reference, columns: own }): MetricColumn[] => {
    const column = reference ? null : shownColumn(own, rule);
    return column === null ? [] : [column];
  });
  for (let position = 0; position < itemCount; position += 1) {
    const values = ranked.map((column) => sampleValue(column, position * columns.suite.repeats));
    chooser.offer(String(position), position, jobs.length < 2 ? null : spreadOf(values));
  }
  return chooser.chosen().map(({ itemId, chosen }) => ({ position: Number(itemId), why: chosen }));
}

async function linesOf<T extends FrozenItem | ReferenceLine>(
  objects: ObjectStore,
  key: string,
  positions: ReadonlySet<number>,
  parse: (line: StoredLine) => T,
): Promise<Map<number, T>> {
  const found = new Map<number, T>();
  await forEachLine(objects, key, (line) => {
    if (positions.has(line.number - 1)) found.set(line.number - 1, parse(line));
  });
  return found;
}

/** The first repeat's final row of each chosen item: the one of the lowest attempt and part. */
async function chosenRows(objects: ObjectStore, job: Job, positions: ReadonlySet<number>): Promise<Map<number, SampleRow>> {
  const rows = new Map<number, SampleRow>();
  for (const { key } of await listParts(objects, keys.sampleParts(job.runId, job.jobId), null)) {
    if (rows.size === positions.size) break;
    await forEachLine(objects, key, (line) => {
      const ordinal = Number(/"ordinal":(-?\d+)/.exec(line.text)?.[1] ?? -1);
      const position = ordinal / job.repeats;
      if (!positions.has(position) || rows.has(position)) return;
      const row = parseLine(line, sampleRowSchema);
      if (!row.warmup && row.ordinal === ordinal && row.repeat === 0) rows.set(position, row);
    });
  }
  return rows;
}

function valuesOf(metrics: readonly MetricColumn[], slot: number): ExampleSource['outputs'][number]['values'] {
  const entries = metrics.map((column): [string, number | { reason: string }] => {
    const value = sampleValue(column, slot);
    return [column.name, Number.isFinite(value) ? value : { reason: 'no value for this sample' }];
  });
  return Object.fromEntries(entries);
}
