/**
 * The routes of a deployment as functions. Every answer is parsed with the schema that the API itself is made of: who answers may be
 * another version, or somebody else. The verbs call it; how requests are signed and tried again is the client's business.
 */
import type { z } from 'zod';
import { type JobSummary, jobPageSchema } from '../api/schemas/job.ts';
import { MAX_PAGE } from '../api/schemas/page.ts';
import { problemSchema } from '../api/schemas/problem.ts';
import {
  acceptedRunSchema,
  type Run,
  type RunSummary,
  runPageSchema,
  runSchema,
  startedEvaluationSchema,
  startedRunSchema,
} from '../api/schemas/run.ts';
import { specValidationSchema } from '../api/schemas/spec-validation.ts';
import { suitePageSchema } from '../api/schemas/suite.ts';
import type { OpenDeployment } from '../compose/deployment.ts';
import { BakeoffError } from '../core/errors.ts';
import { type GateVerdict, gateVerdictSchema } from '../core/gates/gate-verdict.ts';
import { type RunComparison, runComparisonSchema } from '../core/run-comparison.ts';
import type { EvaluationWish } from '../core/plan-evaluation.ts';
import type { SpecProblem } from '../core/spec-problem.ts';

type Client = OpenDeployment['api'];
type Answer = Awaited<ReturnType<Client['send']>>;

export interface SpecText {
  readonly text: string;
  readonly contentType: 'application/json' | 'application/yaml';
}

/** `serverNowMs`: the server's clock, for ages of what it stamped; null where it does not say. */
export type RunLook =
  | { readonly kind: 'same'; readonly serverNowMs: number | null }
  | { readonly kind: 'run'; readonly run: Run; readonly etag: string | null; readonly serverNowMs: number | null };

export type Submitted = { readonly kind: 'accepted'; readonly runId: string; readonly isNew: boolean } | Refused;
export interface Refused {
  readonly kind: 'refused';
  readonly problems: readonly SpecProblem[];
}

export interface DeploymentApi {
  /** Newest first, at most `limit`. */
  readonly listRuns: (limit: number) => Promise<RunSummary[]>;
  /** `same` when nothing changed since the answer of that ETag. Throws `run-missing`. */
  readonly getRun: (runId: string, etag?: string | null) => Promise<RunLook>;
  /** All jobs, by ordinal. */
  readonly listJobs: (runId: string) => Promise<JobSummary[]>;
  /** Id, version and digest of what specs can name. */
  readonly listSuites: () => Promise<z.infer<typeof suitePageSchema>['items']>;
  /** Null when the spec is fit to run. */
  readonly validate: (spec: SpecText) => Promise<Refused | null>;
  /** The same key is the same run, however often. */
  readonly submit: (spec: SpecText, idempotencyKey: string) => Promise<Submitted>;
  /** Not tried again by itself: a second one could be a second start. */
  readonly resume: (runId: string) => Promise<number>;
  /** Not tried again by itself either: the second would find it live. Throws what the route names as its problems. */
  readonly evaluate: (runId: string, wish: EvaluationWish) => Promise<{ readonly start: number; readonly evaluation: number | null }>;
  readonly cancel: (runId: string) => Promise<void>;
  /** Throws `run-not-planned`, `comparison-too-large`. */
  readonly compare: (a: string, b: string) => Promise<RunComparison>;
  /** `gates`: a file of gates, YAML or JSON. The baseline stands in for those of the rules. Throws `comparison-too-large`. */
  readonly judge: (runId: string, gates: string, baseline: string | null) => Promise<GateVerdict>;
  /** A signed address that expires; never to be logged. */
  readonly link: (path: string) => Promise<string>;
}

export function deploymentApi(client: Client): DeploymentApi {
  const get = (path: string, query: Readonly<Record<string, string>> = {}) =>
    client.send({ method: 'GET', path, query, isRepeatable: true });
  const post = (path: string, spec: SpecText, headers: Readonly<Record<string, string>> = {}) =>
    client.send({
      method: 'POST',
      path,
      body: spec.text,
      headers: { 'content-type': spec.contentType, ...headers },
      isRepeatable: true,
      expects: [400, 422],
    });
  return {
    listRuns: (limit) => pages(limit, (query) => get('/v1/runs', query), runPageSchema),
    getRun: (runId, etag = null) => look(client, runId, etag),
    listJobs: (runId) => pages(Number.POSITIVE_INFINITY, (query) => get(`${pathOf(runId)}/jobs`, query), jobPageSchema),
    listSuites: () => pages(Number.POSITIVE_INFINITY, (query) => get('/v1/suites', query), suitePageSchema),
    validate: async (spec) => {
      const answer = await post('/v1/specs/validate', spec);
      if (answer.status >= 400) return refusedBy(answer, 'validate the spec');
      const validation = parsed(answer, specValidationSchema);
      return validation.valid ? null : { kind: 'refused', problems: validation.problems };
    },
    submit: async (spec, idempotencyKey) => {
      const answer = await post('/v1/runs', spec, { 'idempotency-key': idempotencyKey });
      if (answer.status >= 400) return refusedBy(answer, 'start the run');
      const { runId, kind } = parsed(answer, acceptedRunSchema);
      return { kind: 'accepted', runId, isNew: kind === 'started' };
    },
    resume: async (runId) =>
      parsed(await client.send({ method: 'POST', path: `${pathOf(runId)}/starts`, isRepeatable: false }), startedRunSchema).start,
    evaluate: async (runId, { scorers, again }) => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ scorers, again });
      const answer = await client.send({ method: 'POST', path: `${pathOf(runId)}/evaluations`, body, headers, isRepeatable: false });
      return parsed(answer, startedEvaluationSchema);
    },
    cancel: async (runId) => {
      await client.send({ method: 'DELETE', path: pathOf(runId), isRepeatable: true });
    },
    compare: async (a, b) => parsed(await get(`${pathOf(a)}/compare/${encodeURIComponent(b)}`), runComparisonSchema),
    judge: async (runId, gates, baseline) => {
      const query: Record<string, string> = baseline === null ? {} : { baseline };
      const headers = { 'content-type': 'application/yaml' };
      const answer = await client.send({ method: 'POST', path: `${pathOf(runId)}/gates`, query, body: gates, headers, isRepeatable: true });
      return parsed(answer, gateVerdictSchema);
    },
    link: async (path) => linkOf(await get(path)),
  };
}

function pathOf(runId: string): string {
  return `/v1/runs/${encodeURIComponent(runId)}`;
}

async function look(client: Client, runId: string, etag: string | null): Promise<RunLook> {
  const headers: Record<string, string> = etag === null ? {} : { 'if-none-match': etag };
  const answer = await client.send({ method: 'GET', path: pathOf(runId), headers, isRepeatable: true });
  const atMs = Date.parse(answer.headers.get('date') ?? '');
  const serverNowMs = Number.isNaN(atMs) ? null : atMs;
  if (answer.status === 304) return { kind: 'same', serverNowMs };
  return { kind: 'run', run: parsed(answer, runSchema), etag: answer.headers.get('etag'), serverNowMs };
}

/** More would be a listing that goes in a circle. */
const MAX_PAGES = 1000;

async function pages<T>(
  limit: number,
  get: (query: Readonly<Record<string, string>>) => Promise<Answer>,
  schema: z.ZodType<{ readonly items: T[]; readonly cursor: string | null }>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES && items.length < limit; page += 1) {
    const most = String(Math.min(MAX_PAGE, limit - items.length));
    const answer: { readonly items: T[]; readonly cursor: string | null } = parsed(
      await get({ limit: most, ...(cursor === null ? {} : { cursor }) }),
      schema,
    );
    items.push(...answer.items);
    cursor = answer.cursor;
    if (cursor === null) break;
  }
  return items;
}

function refusedBy(answer: Answer, action: string): Refused {
  const problem = parsed(answer, problemSchema);
  if (problem.problems !== undefined && problem.problems.length > 0) return { kind: 'refused', problems: problem.problems };
  throw new BakeoffError({
    code: /^[a-z0-9-]{1,64}$/.test(problem.code) ? problem.code : 'api-refused',
    message: `the API would not ${action}: ${problem.detail.slice(0, 2000)}`,
    remedy: problem.remedy.slice(0, 1000),
  });
}

function linkOf(answer: Answer): string {
  const location = answer.headers.get('location') ?? '';
  if (answer.status === 303 && URL.canParse(location) && /^https?:$/.test(new URL(location).protocol)) return location;
  throw unreadable(`${answer.status} without a link; expected 303 with one`);
}

function parsed<T>(answer: Answer, schema: z.ZodType<T>): T {
  let document: unknown;
  try {
    document = JSON.parse(answer.text);
  } catch {
    throw unreadable(`${answer.status} with something that is no JSON`);
  }
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw unreadable(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'another form'}`);
}

function unreadable(seen: string): BakeoffError {
  return new BakeoffError({
    code: 'api-answer-unreadable',
    message: `the API's answer is not what this version expects (${seen.slice(0, 300)})`,
    remedy: 'Compare the versions with "bakeoff doctor --stack NAME"; deploy this one, or use the deployed one.',
    kind: 'environment',
  });
}
