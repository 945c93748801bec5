/** Short names for the jobs of a run: the model, and the params in which it differs from its siblings. */
import type { Job } from '../core/job.ts';
import { visibleLine } from './safe-text.ts';

const LABEL_LIMIT = 60;

type LabelledJob = Pick<Job, 'jobId' | 'params'> & { readonly model: Pick<Job['model'], 'id'> };

/** `pocket-t2v · steps 16`; the id's hash is added where params cannot tell two jobs apart. */
export function jobLabels(jobs: readonly LabelledJob[]): Map<string, string> {
  // Once a model, not once a job: a run may have ten thousand siblings.
  const siblings = Map.groupBy(jobs, (job) => job.model.id);
  const differing = new Map([...siblings].map(([modelId, ofModel]) => [modelId, differingParams(ofModel)]));
  const labels = new Map(jobs.map((job) => [job.jobId, labelOf(job, differing.get(job.model.id) ?? [])]));
  const uses = Map.groupBy(labels.values(), (label) => label);
  for (const [jobId, label] of labels) {
    if ((uses.get(label)?.length ?? 0) > 1) labels.set(jobId, `${label} · ${jobId.slice(-8)}`);
  }
  return labels;
}

function differingParams(siblings: readonly LabelledJob[]): string[] {
  const names = [...new Set(siblings.flatMap((sibling) => Object.keys(sibling.params)))].sort();
  return names.filter((name) => new Set(siblings.map((sibling) => paramText(sibling.params[name]))).size > 1);
}

function labelOf(job: LabelledJob, differing: readonly string[]): string {
  const parts = differing.filter((name) => job.params[name] !== undefined).map((name) => `${name} ${paramText(job.params[name])}`);
  const label = visibleLine([job.model.id, ...parts].join(' · '));
  return label.length > LABEL_LIMIT ? `${label.slice(0, LABEL_LIMIT - 1)}…` : label;
}

/** The label without the model's name where the reader knows it: from the job that was named before. */
export function labelBeside(label: string, model: string, knownModel: string): string {
  const prefix = `${model} · `;
  return model === knownModel && label.startsWith(prefix) ? label.slice(prefix.length) : label;
}

/** A param's value on one line: strings bare, the rest as JSON, absent ones as a dash. */
export function paramText(value: unknown): string {
  if (value === undefined) return '—';
  return visibleLine(typeof value === 'string' ? value : JSON.stringify(value));
}
