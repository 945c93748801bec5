/** In what two compared runs differ beside what is compared: each difference could be the cause of another number. */
import { canonicalJson } from '../core/canonical-json.ts';
import type { Job, RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import { hostFactsSchema } from '../report/report-model.ts';
import { readDevices } from './read-devices.ts';
import type { StoredRun } from './stored-run.ts';
import type { JobPair } from './compare-pair.ts';
import type { RunComparison } from '../core/run-comparison.ts';
import { readIfStored } from './stored-objects.ts';

type Warning = RunComparison['warnings'][number];

export interface ComparedRuns {
  readonly a: RunRecord;
  readonly b: RunRecord;
  readonly storedA: StoredRun;
  readonly storedB: StoredRun;
  readonly pairs: readonly JobPair[];
}

export async function identityWarnings(objects: ObjectStore, compared: ComparedRuns): Promise<Warning[]> {
  const hostA = await readIfStored(objects, keys.host(compared.a.runId), hostFactsSchema);
  const hostB = await readIfStored(objects, keys.host(compared.b.runId), hostFactsSchema);
  const hosts = canonicalJson(hostA) === canonicalJson(hostB) ? [] : [warning('host-differs', 'the machines of the two runs differ')];
  return [...runWarnings(compared), ...hosts, ...jobWarnings(compared.pairs), ...(await deviceWarnings(objects, compared))];
}

function warning(code: string, text: string, jobIds: string[] = []): Warning {
  return { code, text, jobIds };
}

function runWarnings({ a, b, storedA, storedB }: ComparedRuns): Warning[] {
  const unfinished = [a, b].filter(({ finishedAtMs }) => finishedAtMs === null).map(({ runId }) => runId);
  const [suiteA, suiteB] = [storedA.plan.suite, storedB.plan.suite];
  const [versionA, versionB] = [storedA.plan.softwareVersion, storedB.plan.softwareVersion];
  const [seedA, seedB] = [storedA.spec.samples.seed, storedB.spec.samples.seed];
  return [
    ...(storedA.plan.specSha256 === storedB.plan.specSha256 ? [] : [warning('spec-differs', 'the specs of the two runs differ')]),
    ...unfinished.map((runId) => warning('run-not-finished', `run ${runId} is not at its end: its numbers will change`)),
    ...(suiteA.digest === suiteB.digest
      ? []
      : [
          warning(
            'suite-differs',
            `the suites differ: ${suiteA.id} ${suiteA.version} and ${suiteB.id} ${suiteB.version}; only equal items are compared`,
          ),
        ]),
    ...(seedA === seedB ? [] : [warning('seed-differs', `the seeds differ (${seedA} and ${seedB}): samples of an item are other draws`)]),
    ...(versionA === versionB ? [] : [warning('software-differs', `the runs were made by versions ${versionA} and ${versionB}`)]),
  ];
}

interface MadeBy {
  readonly digest: string;
  readonly version: string | null;
}

/** What made the scores of each scorer that both jobs have: what only one has is not compared, whichever pass added it. */
function sharedScorers(a: Job, b: Job): [MadeBy, MadeBy][] {
  const [ofA, ofB] = [makersOf(a), makersOf(b)];
  return [...ofA].flatMap(([scorer, made]): [MadeBy, MadeBy][] => {
    const other = ofB.get(scorer);
    return other === undefined ? [] : [[made, other]];
  });
}

function makersOf({ evaluators }: Job): Map<string, MadeBy> {
  return new Map(
    evaluators.flatMap(({ package: { digest }, scorers, scorerVersions }) =>
      scorers.map((scorer): [string, MadeBy] => [scorer, { digest, version: scorerVersions?.[scorer] ?? null }]),
    ),
  );
}

function jobWarnings(pairs: readonly JobPair[]): Warning[] {
  const differing = (code: string, text: string, of: (job: Job) => unknown): Warning[] => {
    const jobIds = pairs.filter(({ a, b }) => canonicalJson(of(a)) !== canonicalJson(of(b))).map(({ a }) => a.jobId);
    return jobIds.length === 0 ? [] : [warning(code, text, jobIds)];
  };
  const differingScorers = (code: string, text: string, of: (made: MadeBy) => string | null): Warning[] => {
    const jobIds = pairs.filter(({ a, b }) => sharedScorers(a, b).some(([one, other]) => of(one) !== of(other))).map(({ a }) => a.jobId);
    return jobIds.length === 0 ? [] : [warning(code, text, jobIds)];
  };
  return [
    ...differing('model-differs', 'the packages or images of the model differ', ({ model }) => model.digest),
    ...differingScorers('evaluator-differs', 'the evaluators differ', ({ digest }) => digest),
    ...differingScorers('scorer-version-differs', 'the versions of the scorers differ', ({ version }) => version),
    ...differing('load-differs', 'the loads differ', ({ load }) => load),
    ...differing(
      'items-differ',
      'the numbers of items differ: what is not compared sample by sample stands for other items',
      ({ itemCount }) => itemCount,
    ),
    ...differing('repeats-differ', 'the numbers of repeats differ: the first of each item are compared', ({ repeats }) => repeats),
  ];
}

async function deviceWarnings(objects: ObjectStore, { storedA, storedB, pairs }: ComparedRuns): Promise<Warning[]> {
  const devicesA = await readDevices(objects, storedA.jobs);
  const devicesB = await readDevices(objects, storedB.jobs);
  const jobIds = pairs.filter(({ a, b }) => devicesA.get(a.jobId) !== devicesB.get(b.jobId)).map(({ a }) => a.jobId);
  return jobIds.length === 0
    ? []
    : [warning('device-differs', 'the devices or libraries that the models ran on differ, or one is not known', jobIds)];
}
