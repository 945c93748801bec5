/** From the models of a spec to its jobs: one per combination of a matrix. Used by spec parsing and by planning. */
import { imageModel } from './image-entry.ts';
import { jobIdOf } from './job-id.ts';
import { combinations, type Params, withDefaults } from './params.ts';
import type { RegisteredModel, Registry } from './registry.ts';
import type { ModelEntry } from './spec.ts';

export interface ExpandedJob {
  readonly jobId: string;
  readonly model: RegisteredModel;
  readonly reference: boolean;
  readonly params: Params;
}

/** The model of an entry: its image, else the one that is registered under its name. */
export function modelOfEntry(entry: ModelEntry, registry: Registry): RegisteredModel | undefined {
  const { image } = entry;
  return image === undefined ? registry.models.get(entry.model) : imageModel({ ...entry, image });
}

/** How many jobs an entry makes, without making them. */
export function combinationCount(entry: ModelEntry): number {
  return Object.values(entry.matrix ?? {}).reduce((product, values) => product * values.length, 1);
}

/** The jobs of one entry, in the order of its matrix. */
export function expandEntry(entry: ModelEntry, model: RegisteredModel): ExpandedJob[] {
  const { manifest, digest } = model;
  return combinations(entry.matrix ?? {}).map((combination) => {
    const params = withDefaults(manifest.params, { ...entry.params, ...combination });
    const jobId = jobIdOf({ model: manifest.id, digest, protocol: manifest.protocol, params });
    return { jobId, model, reference: entry.reference ?? manifest.reference, params };
  });
}
