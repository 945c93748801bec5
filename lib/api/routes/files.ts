/** Routes that lead to what a run has stored: its report and its files, by signed links that expire. */
import { z } from 'zod';
import { idSchema } from '../../core/ids.ts';
import { keys } from '../../core/object-key.ts';
import { knownRun } from '../known-records.ts';
import type { ApiPorts } from '../ports.ts';
import { problemOf } from '../problems.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { signedPage } from '../signed-page.ts';
import { objectExists } from '../../workflow/stored-objects.ts';
import { contentTypeOf, isVisibleFile } from '../visible-files.ts';

/** Long enough to open a page, too short to pass on. */
const LINK_SECONDS = 900;

const REPORT_FILES = { html: 'index.html', json: 'report.json', md: 'report.md', csv: 'leaderboard.csv', tex: 'report.tex' } as const;

const getReport = defineRoute({
  method: 'get',
  path: '/v1/runs/{id}/report',
  operationId: 'getReport',
  tag: 'runs',
  summary: 'Go to the report of a run',
  description: `303 to a link that needs no credentials and expires after ${LINK_SECONDS / 60} minutes.`,
  params: z.strictObject({ id: idSchema }),
  query: z.strictObject({ format: z.enum(['html', 'json', 'md', 'csv', 'tex']).default('html') }),
  success: { status: 303 },
  problems: ['run-missing', 'report-missing'],
  handle: async ({ params, query }, ports) => {
    const { runId } = await knownRun(ports, params.id);
    const key = keys.report(runId, REPORT_FILES[query.format]);
    if (!(await objectExists(ports.objects, key))) {
      throw problemOf('report-missing', `run ${runId} has no report yet`, 'Wait until the run is at its end.');
    }
    const page = query.format === 'html' && ports.signsPages === true ? await signedPage(runId, LINK_SECONDS, ports) : key;
    return { kind: 'redirect', location: await linkTo(page, ports) };
  },
});

const getFile = defineRoute({
  method: 'get',
  path: '/v1/runs/{id}/files/{path}',
  operationId: 'getFile',
  tag: 'runs',
  summary: 'Go to a file of a run: an output, its report, its rows, its plan',
  description:
    '`path` is relative to the run and may hold slashes. The references (the truth of the items) are not served: who may read results need ' +
    `not be able to train on the answers. 303 to a link that expires after ${LINK_SECONDS / 60} minutes.`,
  params: z.strictObject({ id: idSchema, path: z.string().min(1).max(900) }),
  query: z.strictObject({}),
  success: { status: 303 },
  problems: ['run-missing', 'file-missing'],
  handle: async ({ params, query: _ }, ports) => {
    const { runId } = await knownRun(ports, params.id);
    const key = `runs/${runId}/${params.path}`;
    if (!isVisibleFile(params.path) || !(await objectExists(ports.objects, key))) {
      throw problemOf('file-missing', `run ${runId} has no such file to show`, 'Take paths from the rows of samples and from the report.');
    }
    return { kind: 'redirect', location: await linkTo(key, ports) };
  },
});

function linkTo(key: string, ports: ApiPorts): Promise<string> {
  return ports.signLink({ key, contentType: contentTypeOf(key), seconds: LINK_SECONDS });
}

export const FILE_ROUTES: readonly ApiRoute[] = [getReport, getFile];
