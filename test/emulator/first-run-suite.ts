/** One spec on a quiet deployment: how soon its first task runs, what a run costs in transitions and requests, and what it leaves. */
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListMapRunsCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { containersOfRun, runInState, type Upload, uploadSpec } from './deployed-runs.ts';
import type { EmulatedAws } from './emulated-aws.ts';
import type { Example } from './reference-runs.ts';
import { exampleText } from './specs.ts';
import { waitFor } from './wait-for.ts';
import type { World } from './world.ts';

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
      tellCounts(world(), requests, await historiesOf(world(), executionArn));
      expect((await runInState(world(), upload.runId, ['succeeded'])).jobCounts).toEqual({ succeeded: 4 });
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

/** Of the run's own execution, then of each job's: children of the distributed map. */
async function historiesOf({ aws }: World, executionArn: string): Promise<HistoryEvent[][]> {
  const { mapRuns } = await aws.states.send(new ListMapRunsCommand({ executionArn }));
  const histories = [await historyOf(aws, executionArn)];
  for (const { mapRunArn } of mapRuns ?? []) {
    const { executions } = await aws.states.send(new ListExecutionsCommand({ mapRunArn }));
    for (const child of executions ?? []) histories.push(await historyOf(aws, child.executionArn ?? ''));
  }
  return histories;
}

async function historyOf(aws: EmulatedAws, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const more = nextToken === undefined ? {} : { nextToken };
    const page = await aws.states.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, ...more }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

function tellCounts({ figures }: World, requests: ReadonlyMap<string, number>, [own = [], ...jobs]: readonly HistoryEvent[][]): void {
  const entered = (events: readonly HistoryEvent[]): number => events.filter(({ type }) => type?.endsWith('StateEntered')).length;
  const ofJobs = jobs.map(entered);
  figures.note('state transitions of the diabetes run', `${entered(own)} of its own, ${ofJobs.join(', ')} of its jobs`, 'at most 12 a job');
  const calls = [own, ...jobs].flat().filter(({ type }) => type === 'LambdaFunctionScheduled').length;
  figures.note('functions that its workflow called', String(calls));
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
