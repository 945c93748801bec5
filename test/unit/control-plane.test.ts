/** What a run's control plane is asked and costs: counts against the real definition, dollars by hand, and what may grow with samples. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controlPlaneCost } from '../../lib/core/control-plane.ts';
import { controlPlaneCounts, type RunSize, TRANSITIONS_PER_RUN, transitionsPerJob } from '../../lib/core/control-plane-counts.ts';
import { PRICE_SHEET } from '../../lib/core/price-sheet.ts';
import { workflowDefinition } from '../../lib/workflow/definition.ts';

const functions = { plan: 'p', advance: 'a', score: 's', report: 'r', settle: 'e' };
const definition = workflowDefinition({ functions, runTaskParameters: {} });
const size: RunSize = { jobs: 5, evaluatorsPerJob: 1, samplesPerJob: 100, filesPerSample: 1, secondsPerSample: 4 };

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly StringEquals: string; readonly Next: string }[];
}

/** The states that an execution enters, each one transition; `actions` are the answers of Advance in their order. */
function statesEntered(states: Readonly<Record<string, State>>, start: string, actions: readonly string[]): string[] {
  const entered: string[] = [];
  const left = [...actions];
  for (let name: string | undefined = start; name !== undefined; ) {
    entered.push(name);
    const state: State | undefined = states[name];
    const action: string | undefined = state?.Type === 'Choice' ? left.shift() : undefined;
    name = state?.Type === 'Choice' ? (state.Choices?.find((one) => one.StringEquals === action)?.Next ?? state.Default) : state?.Next;
  }
  return entered;
}

describe('the transitions', () => {
  it.each([0, 1, 2, 5])('of a job with %i evaluators are those of the real definition', (evaluators) => {
    const { States, StartAt } = definition.States.Jobs.ItemProcessor;
    const actions = [...Array.from({ length: 1 + evaluators }, () => 'run'), 'score', 'done'];
    expect(statesEntered(States, StartAt, actions)).toHaveLength(transitionsPerJob(evaluators));
  });

  it('of a job with one evaluator are at most 12', () => {
    expect(transitionsPerJob(1)).toBeLessThanOrEqual(12);
  });

  it('of the run itself are those of the real definition', () => {
    expect(statesEntered(definition.States, definition.StartAt, [])).toHaveLength(TRANSITIONS_PER_RUN);
  });
});

describe('the counts', () => {
  it('call Advance once more than there are stages to run, and once for the score and the end', () => {
    expect(controlPlaneCounts(size)).toMatchObject({
      transitions: 3 + 5 * 12,
      calls: { launcher: 1, plan: 1, advance: 20, score: 5, report: 1 },
      invocations: 28,
      events: 3,
    });
  });

  it('grow with the samples in objects, in what S3 tells of them, and by time in beats; in nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }), (few, more) => {
        const { objectPuts, objectGets, objectEvents, beatWrites, beatReads, ...one } = controlPlaneCounts({ ...size, samplesPerJob: few });
        const other = controlPlaneCounts({ ...size, samplesPerJob: few + more });
        expect(other).toMatchObject(one);
        expect(other.objectPuts).toBeGreaterThan(objectPuts);
        expect(other.objectGets).toBeGreaterThan(objectGets);
        expect(other.objectEvents).toBeGreaterThan(objectEvents);
        expect([other.beatWrites >= beatWrites, other.beatReads >= beatReads]).toEqual([true, true]);
      }),
    );
  });

  it('write no part without a row, and at least one for every 256 rows', () => {
    const slow = controlPlaneCounts({ ...size, jobs: 1, evaluatorsPerJob: 0, filesPerSample: 0, samplesPerJob: 10, secondsPerSample: 60 });
    const none = controlPlaneCounts({ ...size, jobs: 1, evaluatorsPerJob: 0, filesPerSample: 0, samplesPerJob: 0 });
    expect(slow.objectPuts - none.objectPuts).toBe(10);
    const fast = controlPlaneCounts({ ...size, jobs: 1, evaluatorsPerJob: 0, filesPerSample: 0, samplesPerJob: 2560, secondsPerSample: 0 });
    expect(fast.objectPuts - none.objectPuts).toBe(10);
  });
});

describe('the dollars', () => {
  it('are the counts at the prices of the sheet', () => {
    const { counts, usd, gbSeconds } = controlPlaneCost(size);
    expect(usd.transitions).toBeCloseTo(counts.transitions * 0.000025, 12);
    expect(usd.lambda).toBeCloseTo(gbSeconds * 0.0000133334 + counts.invocations * 0.0000002, 12);
    expect(usd.table).toBeCloseTo(
      (counts.tableWrites + counts.beatWrites) * 0.000000625 + (counts.tableReads + counts.beatReads) * 0.000000125,
      12,
    );
    expect(usd.objects).toBeCloseTo(counts.objectPuts * 0.000005 + counts.objectGets * 0.0000004 + counts.objectEvents * 0.000001, 12);
    expect(usd.events).toBeCloseTo(0.000003, 12);
    expect(usd.total).toBeCloseTo(usd.transitions + usd.lambda + usd.table + usd.objects + usd.events + usd.logs, 12);
  });

  it('take no free tier off, and name it', () => {
    expect(controlPlaneCost(size).freeTier.join()).toContain('4000 transitions');
    const dearer = { ...PRICE_SHEET, step_functions: { ...PRICE_SHEET.step_functions, standard_per_1000_transitions: 25 } };
    expect(controlPlaneCost(size, undefined, dearer).usd.transitions).toBeCloseTo(63 * 0.025, 9);
  });

  it('double with the jobs, but for what a run asks once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (jobs) => {
        const one = controlPlaneCost({ ...size, jobs });
        const two = controlPlaneCost({ ...size, jobs: 2 * jobs });
        expect(two.usd.total).toBeGreaterThan(one.usd.total);
        expect(two.usd.total).toBeLessThanOrEqual(2 * one.usd.total);
      }),
    );
  });
});
