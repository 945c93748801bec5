/**
 * Collects the few items that a report shows side by side: chosen over the columns, then read from the rows. What it holds does
 * not grow with the number of samples. Called by the report step.
 */
import type { MetricColumn } from '../core/columns.ts';
import { rankedColumn, type ScoreRule } from '../core/composite.ts';
import { type FrozenItem, frozenItemSchema, type Job, type ReferenceLine, referenceLineSchema } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { type SampleRow, sampleRowSchema } from '../core/sample.ts';
import { sampleValue, spreadOf } from '../core/sample-values.ts';
import type { ExampleSource } from '../report/build-report.ts';
import { type ChosenExample, createExampleChooser } from '../report/choose-examples.ts';
import { listParts } from './list-parts.ts';
import { forEachLine, parseLine } from './read-lines.ts';
import type { RunColumns } from './score-stored-run.ts';

export async function collectExamples(
  objects: ObjectStore,
  jobs: readonly Job[],
  columns: RunColumns,
  rule: ScoreRule | null,
): Promise<ExampleSource[]> {
  const [first] = jobs;
  if (first === undefined) return [];
  const ids = await itemIds(objects, first.itemsKey);
  const chosen = chooseItems(ids, jobs, columns, rule);
  const wanted = new Map(chosen.map((example) => [example.itemId, ids.indexOf(example.itemId)]));
  const items = await linesOf(objects, first.itemsKey, wanted, (line) => parseLine(line, frozenItemSchema));
  const references = await linesOf(objects, first.referencesKey, wanted, (line) => parseLine(line, referenceLineSchema));
  const rows = await Promise.all(jobs.map((job) => chosenRows(objects, job, wanted)));
  return chosen.flatMap((example) => {
    const item = items.get(example.itemId);
    const index = wanted.get(example.itemId);
    if (item === undefined || index === undefined) return [];
    const outputs = jobs.map((job, ordinal) => ({
      jobId: job.jobId,
      row: rows[ordinal]?.get(example.itemId) ?? null,
      values: valuesOf(columns.jobs[ordinal]?.columns.metrics ?? [], index * job.repeats),
    }));
    return [{ item, chosen: example.chosen, reference: references.get(example.itemId)?.reference ?? null, outputs }];
  });
}

/** Ids in order of issue. Their index is what rows call the item's ordinal. */
async function itemIds(objects: ObjectStore, key: string): Promise<string[]> {
  const ids: string[] = [];
  await forEachLine(objects, key, (line) => {
    ids.push(parseLine(line, frozenItemSchema.pick({ id: true })).id);
  });
  return ids;
}

function chooseItems(ids: readonly string[], jobs: readonly Job[], columns: RunColumns, rule: ScoreRule | null): ChosenExample[] {
  const chooser = createExampleChooser();
  const ranked = columns.jobs.flatMap((job): { column: MetricColumn; repeats: number }[] => {
    const found = job.reference ? null : rankedColumn(job.columns.metrics, rule);
    return found === null || 'reason' in found ? [] : [{ column: found.column, repeats: columns.suite.repeats }];
  });
  for (const [index, id] of ids.entries()) {
    const values = ranked.map(({ column, repeats }) => sampleValue(column, index * repeats));
    chooser.offer(id, index, jobs.length < 2 ? null : spreadOf(values));
  }
  return chooser.chosen();
}

async function linesOf<T extends FrozenItem | ReferenceLine>(
  objects: ObjectStore,
  key: string,
  wanted: ReadonlyMap<string, number>,
  parse: (line: Parameters<typeof parseLine>[0]) => T,
): Promise<Map<string, T>> {
  const numbers = new Set([...wanted.values()].map((index) => index + 1));
  const found = new Map<string, T>();
  await forEachLine(objects, key, (line) => {
    if (!numbers.has(line.number)) return;
    const parsed = parse(line);
    found.set(parsed.id, parsed);
  });
  return found;
}

/** The first repeat's final row of each chosen item: the one of the lowest attempt and part. */
async function chosenRows(objects: ObjectStore, job: Job, wanted: ReadonlyMap<string, number>): Promise<Map<string, SampleRow>> {
  const byOrdinal = new Map([...wanted].map(([itemId, index]) => [index * job.repeats, itemId]));
  const rows = new Map<string, SampleRow>();
  for (const key of await listParts(objects, keys.sampleParts(job.runId, job.jobId), null)) {
    await forEachLine(objects, key, (line) => {
      const ordinal = /"ordinal":(-?\d+)/.exec(line.text)?.[1];
      const itemId = ordinal === undefined ? undefined : byOrdinal.get(Number(ordinal));
      if (itemId === undefined || rows.has(itemId)) return;
      const row = parseLine(line, sampleRowSchema);
      if (!row.warmup && row.itemId === itemId && row.repeat === 0) rows.set(itemId, row);
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
