/**
 * Counts failures by class and code while rows stream by. A model chooses its own codes, so their number is bounded.
 */
import type { FailureGroup } from './columns.ts';
import type { Failure } from './failure.ts';

const MAX_CODES = 200;
const OTHER = 'other-codes';

interface Entry {
  readonly class: Failure['class'];
  readonly code: string;
  count: number;
  slot: number;
  sampleId: string;
  message: string;
}

export interface FailureTally {
  readonly add: (slot: number, sampleId: string, failure: Failure) => void;
  /** Most frequent first. The example is the first sample in order of issue, whatever order the rows came in. */
  readonly groups: () => FailureGroup[];
}

/** Groups failures by class and code while rows stream by; what it holds does not grow with their number. */
export function createFailureTally(): FailureTally {
  const entries = new Map<string, Entry>();
  return {
    add: (slot, sampleId, failure) => {
      const known = entries.has(`${failure.class}/${failure.code}`) || entries.size < MAX_CODES;
      const code = known ? failure.code : OTHER;
      const key = `${failure.class}/${code}`;
      const entry = entries.get(key);
      if (entry === undefined) {
        entries.set(key, { class: failure.class, code, count: 1, slot, sampleId, message: failure.message });
        return;
      }
      entry.count++;
      if (slot < entry.slot) Object.assign(entry, { slot, sampleId, message: failure.message });
    },
    groups: () =>
      [...entries.values()]
        .sort((a, b) => b.count - a.count || (`${a.class}/${a.code}` < `${b.class}/${b.code}` ? -1 : 1))
        .map(({ class: failureClass, code, count, sampleId, message }) => {
          return { class: failureClass, code, count, exampleSampleId: sampleId, exampleMessage: message };
        }),
  };
}
