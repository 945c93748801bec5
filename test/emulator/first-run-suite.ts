/** One spec on a quiet deployment: how soon its first task runs, what a run costs in transitions and requests, and what it leaves. */
import { DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { containersOfRun, runInState, type Upload, uploadSpec } from './deployed-runs.ts';
import type { Example } from './reference-runs.ts';
import { exampleText } from './specs.ts';
import { waitFor } from './wait-for.ts';
import type { World } from './world.ts';

/** In a job each Advance is followed by the choice, and the choice by one further state. */
const TRANSITIONS_PER_ADVANCE = 3;

interface Counted {
  readonly own: number;
  readonly jobs: number;
  readonly calls: ReadonlyMap<string, number>;
  readonly requests: ReadonlyMap<string, number>;
}

/** The harness's own polling. */
const OWN_REQUESTS = /:(DescribeExecution|GetExecutionHistory|LookupEvents)$/;

export function firstRunSuite(world: () => World, started: Map<Example, Promise<Upload>>): void {
  describe('the first run', () => {
    it('is started by the upload, by nothing else, and ends', async () => {
      const { aws, figures, outputs } = world();
      const fromMs = Date.now();
      const startsBefore = aws.agent.starts().length;
      const upload = await uploadSpec(world(), 'diabetes.yaml', exampleText('diabetes'));
      started.set('diabetes', Promise.resolve(upload));
      const pair = await waitFor('two containers of the first task', async () => firstPair(aws.agent.starts().slice(startsBefore)), {
        stepMs: 20,
      });
      figures.note('upload of a spec -> first task running', `${((pair - upload.atMs) / 1000).toFixed(2)} s`, 'under 3 s');
      const executionArn = `${outputs.StateMachineArn.replace(':stateMachine:', ':execution:')}:${upload.runId}-1`;
      const end = await waitFor('the end of the execution', async () => {
        const { status } = await aws.states.send(new DescribeExecutionCommand({ executionArn }));
        return status !== 'RUNNING' && status;
      });
      expect(end).toBe('SUCCEEDED');
      const requests = await aws.requestCounts({ fromMs, untilMs: Date.now() });
      const calls = await aws.functionCalls();
      const own = await transitionsOf(world(), executionArn);
      const { jobCounts } = await runInState(world(), upload.runId, ['succeeded']);
      expect(jobCounts).toEqual({ succeeded: 4 });
      tellCounts(world(), { own, jobs: 4, calls, requests });
      expect(await containersOfRun(world(), upload.runId)).toEqual([]);
    }, 300_000);
  });
}

/** When both containers of the task that was whole first were running. */
function firstPair(starts: readonly { readonly taskArn: string; readonly atMs: number }[]): number | null {
  const byTask = Map.groupBy(starts, ({ taskArn }) => taskArn);
  const wholes = [...byTask.values()].filter((pair) => pair.length === 2).map((pair) => Math.max(...pair.map(({ atMs }) => atMs)));
  return wholes.length === 0 ? null : Math.min(...wholes);
}

/** Of the run's own execution; the emulator keeps no history of a distributed map's children. */
async function transitionsOf({ aws }: World, executionArn: string): Promise<number> {
  const { events } = await aws.states.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  return (events ?? []).filter(({ type }) => type?.endsWith('StateEntered')).length;
}

function tellCounts({ figures }: World, { own, jobs, calls, requests }: Counted): void {
  const inJobs = TRANSITIONS_PER_ADVANCE * (calls.get('Advance') ?? 0);
  figures.note('state transitions of the diabetes run', `${own} of its own, ${inJobs / jobs} of each job`, 'at most 12 a job');
  figures.note('functions that it called', [...calls].map(([name, count]) => `${name} ${count}`).join(', '));
  const byService = Map.groupBy(
    [...requests].filter(([name]) => !OWN_REQUESTS.test(name)),
    ([name]) => name.split(':')[0],
  );
  for (const [service, counts] of byService) {
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const parts = counts.map(([name, count]) => `${name.split(':')[1]} ${count}`).sort();
    figures.note(`its requests to ${service}`, `${total} (${parts.join(', ')})`);
  }
}
