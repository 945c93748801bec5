/** The planner of missing work, the part names and the suspects: properties over all inputs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Suspect } from '../../lib/core/job.ts';
import { missingWork, withDeaths } from '../../lib/driver/missing-work.ts';
import { ordinalsOf } from '../../lib/driver/read-job.ts';
import { nextPart, partsIn } from '../../lib/core/part-name.ts';

const failure = { class: 'model_error', code: 'server-died', message: '' } as const;
const sizes = fc.record({ itemCount: fc.integer({ min: 1, max: 30 }), repeats: fc.integer({ min: 1, max: 4 }) });
const jobs = sizes.chain(({ itemCount, repeats }) => {
  const ordinal = fc.integer({ min: 0, max: itemCount * repeats - 1 });
  const suspect = fc.record({ ordinal, deaths: fc.integer({ min: 0, max: 3 }) });
  return fc.record({
    ...{ itemCount: fc.constant(itemCount), repeats: fc.constant(repeats), terminal: fc.uniqueArray(ordinal) },
    suspects: fc.uniqueArray(suspect, { selector: (each) => each.ordinal }),
  });
});

function plan(job: { itemCount: number; repeats: number; terminal: number[]; suspects: { ordinal: number; deaths: number }[] }) {
  const terminal = new Set(job.terminal);
  const suspects = job.suspects.map(({ ordinal, deaths }): Suspect => ({ sampleId: `s${ordinal}`, deaths, failure }));
  const ordinalOf = (sampleId: string): number => Number(sampleId.slice(1));
  return missingWork({ ...job, isTerminal: (ordinal) => terminal.has(ordinal), suspects, ordinalOf });
}

describe('the planner of missing work', () => {
  it('gives every sample without a terminal row to exactly one list, and no other', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        const { together, alone, doomed } = plan(job);
        const given = [...together, ...alone, ...doomed.map((each) => each.ordinal)].sort((a, b) => a - b);
        const all = Array.from({ length: job.itemCount * job.repeats }, (_, ordinal) => ordinal);
        expect(given).toEqual(all.filter((ordinal) => !job.terminal.includes(ordinal)));
      }),
    );
  });

  it('tries suspects of one death alone, and condemns those of two', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        const { alone, doomed } = plan(job);
        const open = job.suspects.filter((suspect) => !job.terminal.includes(suspect.ordinal));
        expect(new Set(alone)).toEqual(new Set(open.filter((each) => each.deaths === 1).map((each) => each.ordinal)));
        expect(new Set(doomed.map((each) => each.ordinal))).toEqual(
          new Set(open.filter((each) => each.deaths > 1).map((each) => each.ordinal)),
        );
      }),
    );
  });

  it('flags what was sent before, and gives what is blamed for nothing its place among the rest', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        const { together, sentBefore } = plan(job);
        const open = job.suspects.filter((suspect) => !job.terminal.includes(suspect.ordinal));
        expect(sentBefore).toEqual(new Set(open.map((each) => each.ordinal)));
        for (const { ordinal, deaths } of open) expect(together.includes(ordinal)).toBe(deaths === 0);
      }),
    );
  });

  it('sends all items of repeat 0 before any of repeat 1', () => {
    fc.assert(
      fc.property(jobs, (job) => {
        const order = plan(job).together.map((ordinal) => (ordinal % job.repeats) * job.itemCount + Math.floor(ordinal / job.repeats));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('suspects', () => {
  it('gain a death each time, and lose none', () => {
    const ids = fc.uniqueArray(fc.constantFrom('a.0', 'b.0', 'c.0', 'd.1'));
    fc.assert(
      fc.property(fc.array(ids), (crashes) => {
        let suspects: Suspect[] = [];
        for (const inFlight of crashes)
          suspects = withDeaths(
            suspects,
            inFlight.map((sampleId) => ({ sampleId, failure })),
          );
        for (const { sampleId, deaths } of suspects)
          expect(deaths).toBe(crashes.filter((crash) => crash.some((id) => id === sampleId)).length);
        expect(new Set(suspects.map((each) => each.sampleId))).toEqual(new Set(crashes.flat()));
      }),
    );
  });
});

it('samples that were sent and given up are remembered without a death, and lose none that they have', () => {
  const known = withDeaths([], [{ sampleId: 'a.0', failure }]);
  const merged = withDeaths(
    known,
    [{ sampleId: 'c.0', failure }],
    [
      { sampleId: 'a.0', failure },
      { sampleId: 'b.0', failure },
    ],
  );
  expect(merged.map(({ sampleId, deaths }) => [sampleId, deaths])).toEqual([
    ['a.0', 1],
    ['b.0', 0],
    ['c.0', 1],
  ]);
});

describe('part names', () => {
  it('are read in order of attempt and number, not of bytes', () => {
    const prefix = 'runs/r/jobs/j/samples/';
    const keys = ['10-0', '2-10', '2-9', '1-0', '01-1', '1-x', '0-1', '1-1.tmp'].map((name) => `${prefix}${name}.jsonl`);
    const parts = partsIn([...keys, `${prefix}notes.txt`, 'elsewhere/1-0.jsonl'], prefix);
    expect(parts.map((part) => `${part.attempt}-${part.n}`)).toEqual(['1-0', '2-9', '2-10', '10-0']);
    expect([nextPart(parts, 2), nextPart(parts, 3)]).toEqual([11, 0]);
  });
});

describe('sample ids', () => {
  it('lead back to their ordinal, and nothing else does', () => {
    const items = ['a', 'a.b', '7'].map((id) => ({ id, input: {}, attributes: {} }));
    const ordinalOf = ordinalsOf({ job: { repeats: 3 }, items });
    expect(['a.0', 'a.2', 'a.b.1', '7.0'].map(ordinalOf)).toEqual([0, 2, 4, 6]);
    expect(['a.3', 'a.01', 'a.-1', 'a', 'c.0', 'a.1.5', '', 'a.'].map(ordinalOf)).toEqual(Array.from({ length: 8 }, () => null));
  });
});
