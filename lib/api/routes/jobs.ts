/** The routes of a run's jobs and of their sample rows. */
import { z } from 'zod';
import { idSchema } from '../../core/ids.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { jobDetail, jobSummaries } from '../job-view.ts';
import { knownJob, knownRun } from '../known-records.ts';
import { readJobPage } from '../read-job-page.ts';
import { positionSchema, readSamplePage } from '../read-sample-page.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { jobDetailSchema, jobPageSchema } from '../schemas/job.ts';
import { countSchema, pageQuerySchema } from '../schemas/page.ts';
import { MAX_SAMPLES, samplePageSchema } from '../schemas/sample.ts';

const jobParams = z.strictObject({ id: idSchema, job: idSchema });

const listJobs = defineRoute({
  method: 'get',
  path: '/v1/runs/{id}/jobs',
  operationId: 'listJobs',
  tag: 'runs',
  summary: 'List the jobs of a run by ordinal, with their progress and numbers',
  params: z.strictObject({ id: idSchema }),
  query: pageQuerySchema,
  success: { status: 200, schema: jobPageSchema, description: 'A page of jobs' },
  problems: ['run-missing', 'bad-cursor', 'not-acceptable'],
  handle: async ({ params, query }, ports) => {
    const scope = `jobs/${params.id}`;
    const after = decodeCursor(scope, z.int().nonnegative(), query.cursor);
    await knownRun(ports, params.id);
    const page = await readJobPage(ports, params.id, after, query.limit);
    const cursor = page.after === null ? null : encodeCursor(scope, page.after);
    return { kind: 'json', body: { items: await jobSummaries(page.records, page.isWhole, params.id, ports), cursor } };
  },
});

const showJob = defineRoute({
  method: 'get',
  path: '/v1/runs/{id}/jobs/{job}',
  operationId: 'getJob',
  tag: 'runs',
  summary: 'Show a job: its stages, tasks and scores',
  params: jobParams,
  query: z.strictObject({}),
  success: { status: 200, schema: jobDetailSchema, description: 'The job' },
  problems: ['run-missing', 'job-missing', 'not-acceptable'],
  handle: async ({ params }, ports) => ({ kind: 'json', body: await jobDetail(await knownJob(ports, params.id, params.job), ports) }),
});

const listSamples = defineRoute({
  method: 'get',
  path: '/v1/runs/{id}/jobs/{job}/samples',
  operationId: 'listSamples',
  tag: 'runs',
  summary: 'List the sample rows of a job as they are stored',
  description:
    'Warm-up rows and rows of every attempt are there; of several rows of one sample the first stands. A page ends early when it grows large. ' +
    'While the job runs, the last page has no cursor although more rows may come.',
  params: jobParams,
  query: z.strictObject({ limit: countSchema(MAX_SAMPLES, 100), cursor: pageQuerySchema.shape.cursor }),
  success: { status: 200, schema: samplePageSchema, description: 'A page of rows' },
  problems: ['run-missing', 'job-missing', 'bad-cursor', 'not-acceptable'],
  handle: async ({ params, query }, ports) => {
    const scope = `samples/${params.id}/${params.job}`;
    const position = decodeCursor(scope, positionSchema, query.cursor);
    const { runId, jobId } = await knownJob(ports, params.id, params.job);
    const { rows, next } = await readSamplePage(ports.objects, { runId, jobId }, query.limit, position);
    return { kind: 'json', body: { items: rows, cursor: next === null ? null : encodeCursor(scope, next) } };
  },
});

export const JOB_ROUTES: readonly ApiRoute[] = [listJobs, showJob, listSamples];
