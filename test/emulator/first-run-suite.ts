/** One spec on a quiet deployment: how soon its first task runs, what a run costs in transitions and requests, and what it leaves. */
import { DescribeExecutionCommand, GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { containersOfRun, runInState, type Upload, uploadSpec } from './deployed-runs.ts';
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
      const before = await aws.requestCounts();
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
      const after = await aws.requestCounts();
      tellCounts(world(), before, after, await historyOf(world(), executionArn));
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

async function historyOf(world: World, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await world.aws.states.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, ...(nextToken ? { nextToken } : {}) }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** On AWS a distributed map's children have histories of their own; the emulator writes them into the parent's. */
function tellCounts(
  world: World,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  history: readonly HistoryEvent[],
): void {
  const { figures } = world;
  const entered = history.filter(({ type }) => type?.endsWith('StateEntered')).length;
  figures.note(
    'state transitions of the diabetes run (4 jobs)',
    `${entered}, ${(entered / 4).toFixed(1)} a job with the run's own`,
    'at most 12 a job',
  );
  const changes = [...after]
    .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
    .filter(([name, count]) => count > 0 && !OWN_REQUESTS.test(name));
  const byService = Map.groupBy(changes, ([name]) => name.split(':')[0]);
  for (const [service, counts] of byService) {
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const parts = counts.map(([name, count]) => `${name.split(':')[1]} ${count}`).sort();
    figures.note(`requests of the diabetes run to ${service}`, `${total} (${parts.join(', ')})`);
  }
}
