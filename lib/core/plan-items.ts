/** Freezes the items of a run: what is sent, the truth apart from it, the warm-up, and the files to copy. Called by plan.ts. */
import type { FrozenItem } from './job.ts';
import { selectItems } from './select-items.ts';
import type { SpecSamples } from './spec.ts';
import type { SuiteItem } from './suite.ts';

export interface FrozenReference {
  readonly id: string;
  readonly reference: Record<string, unknown> | null;
}

export interface SuiteFile {
  /** Relative to the suite's folder. */
  readonly path: string;
  readonly sha256: string;
}

export interface FrozenItems {
  readonly items: readonly FrozenItem[];
  readonly references: readonly FrozenReference[];
  readonly warmups: readonly FrozenItem[];
  readonly files: readonly SuiteFile[];
}

/**
 * Warm-up items are the next of the seeded order beyond the limit, then those that the filter left out; where the suite has no
 * others the selected ones are sent, under seeds that no measured sample has (see seed.ts).
 */
export function freezeItems(suiteItems: readonly SuiteItem[], samples: SpecSamples, warmup: number): FrozenItems {
  const { selected, beyond } = selectItems(suiteItems, samples);
  const pool = beyond.length > 0 ? beyond : selected;
  const warmups = Array.from({ length: pool.length === 0 ? 0 : warmup }, (_, index) => pool[index % pool.length]).filter(
    (item) => item !== undefined,
  );
  const files = new Map<string, SuiteFile>();
  for (const item of [...selected, ...warmups]) {
    for (const { path, sha256 } of item.input.files ?? []) files.set(sha256, { path, sha256 });
  }
  return {
    items: selected.map(freezeItem),
    references: selected.map(({ id, reference }) => ({ id, reference })),
    warmups: warmups.map(freezeItem),
    files: [...files.values()],
  };
}

/** Only the input and the attributes: the reference never reaches a model. */
function freezeItem({ id, input, attributes }: SuiteItem): FrozenItem {
  const { files, ...rest } = input;
  const frozenFiles = files?.map(({ path, sha256, contentType }) => ({ sha256, contentType, name: path.split('/').at(-1) ?? path }));
  return { id, input: { ...rest, ...(frozenFiles === undefined ? {} : { files: frozenFiles }) }, attributes };
}
