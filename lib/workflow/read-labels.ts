/**
 * The labels of a suite, from the truths of all its items: what an answer of the scorer `labels` can be. Read before the rows, so that an answer
 * leaves a number behind, never a text. Called by score-rows.ts.
 */
import { referenceLineSchema } from '../core/job.ts';
import { labelTruth } from '../core/labels/label-answer.ts';
import type { ObjectStore } from '../core/ports.ts';
import { forEachLine, parseLine } from './read-lines.ts';

/** Normalised, each once, sorted by code units. */
export async function readLabels(objects: ObjectStore, referencesKey: string): Promise<readonly string[]> {
  const labels = new Set<string>();
  await forEachLine(objects, referencesKey, (line) => {
    const label = labelTruth(parseLine(line, referenceLineSchema).reference);
    if (label !== null) labels.add(label);
  });
  return [...labels].sort();
}
