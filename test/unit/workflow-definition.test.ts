/** The one workflow definition: equal for every target but for the parameters of "Run task", and sound as a state machine. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type StepFunctions, workflowDefinition } from '../../lib/workflow/definition.ts';

const functions = (prefix: string): StepFunctions => {
  const arn = (step: string): string => `arn:aws:lambda:eu-west-1:111122223333:function:${prefix}-${step}`;
  return { plan: arn('plan'), advance: arn('advance'), score: arn('score'), report: arn('report'), settle: arn('settle') };
};
const local = workflowDefinition({ functions: functions('here'), runTaskParameters: { 'task.$': '$.step.task' } });
const cloud = workflowDefinition({ functions: functions('there'), runTaskParameters: { Cluster: 'fleet', LaunchType: 'EC2' } });

const stateSchema = z.looseObject({
  Type: z.string(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  End: z.boolean().optional(),
  Resource: z.string().optional(),
  Choices: z.array(z.object({ Next: z.string() })).optional(),
  Catch: z.array(z.object({ ErrorEquals: z.array(z.string()), Next: z.string() })).optional(),
  Retry: z
    .array(z.object({ ErrorEquals: z.array(z.string()), IntervalSeconds: z.number(), MaxAttempts: z.number(), BackoffRate: z.number() }))
    .optional(),
  TimeoutSeconds: z.number().optional(),
  TimeoutSecondsPath: z.string().optional(),
});
type State = z.infer<typeof stateSchema>;
const parse = (states: unknown): Map<string, State> => new Map(Object.entries(z.record(z.string(), stateSchema).parse(states)));
const jobs = local.States.Jobs.ItemProcessor;
const machines = [
  { name: 'of a run', start: local.StartAt, states: parse(local.States) },
  { name: 'of a job', start: jobs.StartAt, states: parse(jobs.States) },
];

const nextOf = (state: State): string[] =>
  [state.Next, state.Default, ...(state.Choices ?? []).map(({ Next }) => Next), ...(state.Catch ?? []).map(({ Next }) => Next)].flatMap(
    (name) => name ?? [],
  );

it('differs between targets in the parameters of "Run task" and the names of functions alone', () => {
  const rest = (definition: object): string =>
    JSON.stringify(definition, (key, value) => (key === 'Run task' ? { ...value, Parameters: null } : value)).replaceAll(
      /function:(here|there)-/g,
      'function:',
    );
  expect(rest(local)).toBe(rest(cloud));
  expect(local).not.toEqual(cloud);
});

describe.each(machines)('the state machine $name', ({ start, states }) => {
  it('reaches every state, and names none that is not there', () => {
    const reached = new Set([start]);
    for (const name of reached) for (const next of nextOf(states.get(name) ?? { Type: '' })) reached.add(next);
    expect([...reached].sort()).toEqual([...states.keys()].sort());
  });

  it('bounds every task in time, and catches everything that one throws but in its last resort', () => {
    for (const [name, state] of states) {
      if (state.Type !== 'Task') continue;
      expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath, name).toBeDefined();
      if (name !== 'Settle run')
        expect(
          state.Catch?.map(({ ErrorEquals }) => ErrorEquals),
          name,
        ).toEqual([['States.ALL']]);
    }
  });
});

it('tries every function again that Lambda throttles or fails to call, for two minutes, waiting longer each time; and a task never', () => {
  const tasks = machines.flatMap(({ states }) => [...states]).filter(([, { Type }]) => Type === 'Task');
  expect(tasks.map(([name]) => name).sort()).toEqual(['Advance', 'Plan', 'Report', 'Run task', 'Score', 'Settle run']);
  for (const [name, { Retry: retries = [] }] of tasks) {
    const throttled = retries.filter(({ ErrorEquals }) => ErrorEquals.includes('Lambda.TooManyRequestsException'));
    expect(throttled, name).toHaveLength(name === 'Run task' ? 0 : 1);
    for (const { IntervalSeconds, MaxAttempts, BackoffRate } of throttled) {
      const waits = Array.from({ length: MaxAttempts }, (_, n) => IntervalSeconds * BackoffRate ** n);
      expect(BackoffRate).toBeGreaterThan(1);
      expect(waits.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThanOrEqual(120);
    }
  }
});

it('lets no job stop another, and every job end in an empty object', () => {
  expect(local.States.Jobs).toMatchObject({ ToleratedFailurePercentage: 100, ItemsPath: '$.ordinals', ResultPath: null });
  expect(jobs.States['Job settled']).toEqual({ Type: 'Pass', Result: {}, End: true });
  const ends = [...parse(jobs.States)].filter(([, state]) => state.End === true || state.Type === 'Fail' || state.Type === 'Succeed');
  expect(ends.map(([name]) => name)).toEqual(['Job settled']);
});

it('leads from an error outside a job through Settle to Fail', () => {
  expect(local.States['Settle run']).toMatchObject({ Next: 'Run failed' });
  expect(local.States['Run failed']).toMatchObject({ Type: 'Fail' });
  for (const name of ['Plan', 'Jobs', 'Report'] as const) expect(local.States[name].Catch.map(({ Next }) => Next)).toEqual(['Settle run']);
});
