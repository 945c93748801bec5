/** The routes of runs: list, start, show, cancel, resume. */
import { z } from 'zod';
import { idSchema } from '../../core/ids.ts';
import { type RunRecord, runStateSchema } from '../../core/job.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { knownRun } from '../known-records.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { runDetail, runPath, runSummary } from '../run-view.ts';
import { pageQuerySchema } from '../schemas/page.ts';
import { runPageSchema, runSchema, startedRunSchema } from '../schemas/run.ts';
import { startRun } from './start-run.ts';

const idParams = z.strictObject({ id: idSchema });
const noQuery = z.strictObject({});

const listRuns = defineRoute({
  method: 'get',
  path: '/v1/runs',
  operationId: 'listRuns',
  tag: 'runs',
  summary: 'List runs, newest first',
  description: 'With `state`, a page may hold fewer runs than `limit`, or none, and still have a cursor: go on until it is null.',
  params: noQuery,
  query: pageQuerySchema.extend({ state: runStateSchema.optional() }),
  success: { status: 200, schema: runPageSchema, description: 'A page of runs' },
  problems: ['bad-cursor', 'not-acceptable'],
  handle: async ({ query }, ports) => {
    const scope = `runs/${query.state ?? ''}`;
    const position = decodeCursor(scope, z.string(), query.cursor);
    const { items, cursor } = await runsOf(query.state, query.limit, position, ports);
    return {
      kind: 'json',
      body: { items: items.map((run) => runSummary(run, ports)), cursor: cursor === null ? null : encodeCursor(scope, cursor) },
    };
  },
});

/** Pages of the index that one request may read: bounds its time where few runs have the state. */
const MOST_INDEX_PAGES = 20;

async function runsOf(state: string | undefined, limit: number, from: string | null, { index }: ApiPorts) {
  const items: RunRecord[] = [];
  let cursor = from;
  for (let pages = 0; pages < MOST_INDEX_PAGES; pages += 1) {
    // Never more than still fit: what a page of the index holds is either answered or left out by its state.
    const page = await index.newestRuns({ limit: limit - items.length, cursor });
    items.push(...page.items.filter((run) => state === undefined || run.state === state));
    cursor = page.cursor;
    if (cursor === null || items.length >= limit || state === undefined) break;
  }
  return { items, cursor };
}

const showRun = defineRoute({
  method: 'get',
  path: '/v1/runs/{id}',
  operationId: 'getRun',
  tag: 'runs',
  summary: 'Show a run: its state, jobs, numbers, cost and report',
  params: idParams,
  query: noQuery,
  success: { status: 200, schema: runSchema, description: 'The run' },
  problems: ['run-missing', 'not-acceptable'],
  handle: async ({ params, link }, ports) => ({ kind: 'json', body: await runDetail(await knownRun(ports, params.id), ports, link) }),
});

const cancelRun = defineRoute({
  method: 'delete',
  path: '/v1/runs/{id}',
  operationId: 'cancelRun',
  tag: 'runs',
  summary: 'Cancel a run: its tasks stop, what was answered is scored and reported',
  params: idParams,
  query: noQuery,
  success: { status: 202, schema: runSchema, description: 'The run, asked to stop' },
  problems: ['run-missing', 'run-settled', 'record-contended', 'not-acceptable'],
  handle: async ({ params, link }, ports) => {
    await ports.cancel(params.id);
    return { kind: 'json', body: await runDetail(await knownRun(ports, params.id), ports, link), location: link(runPath(params.id)) };
  },
});

const resumeRun = defineRoute({
  method: 'post',
  path: '/v1/runs/{id}/starts',
  operationId: 'resumeRun',
  tag: 'runs',
  summary: 'Go on with a run that has ended: only what is missing is done',
  params: idParams,
  query: noQuery,
  success: { status: 202, schema: startedRunSchema, description: 'The start that goes on with the run' },
  problems: ['run-missing', 'run-live', 'run-rejected', 'run-succeeded', 'record-contended', 'not-on-one-machine', 'not-acceptable'],
  handle: async ({ params, link }, ports) => {
    const { start } = await ports.resume(params.id);
    const self = link(runPath(params.id));
    return { kind: 'json', body: { runId: params.id, start, links: { self } }, location: self };
  },
});

export const RUN_ROUTES: readonly ApiRoute[] = [listRuns, startRun, showRun, cancelRun, resumeRun];
