/** `bakeoff gate RUN --stack NAME`: a run of a deployment, judged there; the verdict that its report holds where nothing else is asked for. */
import { BakeoffError } from '../core/errors.ts';
import type { GateVerdict } from '../core/gates/gate-verdict.ts';
import { specSchema } from '../core/spec.ts';
import type { Report } from '../report/report-model.ts';
import { fetchReport } from './deployed-report.ts';
import { findDeployedRun } from './find-deployed-run.ts';
import { type GivenGates, gatesNotNamed, givenBaseline } from './given-gates.ts';
import type { CommonOptions, VerbIo } from './io.ts';
import { openConnection } from './open-deployment.ts';

type Options = CommonOptions & Record<string, unknown>;

/** Throws `gates-not-named`, `report-missing` and what the API refuses. */
export async function judgeDeployed(
  name: string,
  given: GivenGates | null,
  stack: string,
  options: Options,
  io: VerbIo,
): Promise<GateVerdict> {
  const { api, open, flags } = await openConnection(stack, options, io);
  const { stackName } = open.deployment;
  const find = async (wanted: string) => (await findDeployedRun(api, wanted, stackName, () => Date.now())).run;
  const run = await find(name);
  const baseline = await givenBaseline(options, async (wanted) => (await find(wanted)).runId);
  if (given !== null) return api.judge(run.runId, given.text, baseline);
  const report = run.finishedAtMs === null || run.links.report === null ? null : await fetchReport(api, run.runId);
  if (report === null) throw noReport(run.runId, run.state, flags);
  if (report.gates === undefined) throw gatesNotNamed(run.runId);
  return baseline === null ? report.gates : api.judge(run.runId, ownGates(report), baseline);
}

/** Those of the spec, as a file of gates. */
function ownGates({ run }: Report): string {
  return JSON.stringify({ gates: specSchema.parse(JSON.parse(run.specText)).gates });
}

function noReport(runId: string, state: string, flags: string): BakeoffError {
  return new BakeoffError({
    code: 'report-missing',
    message: `run ${runId} is ${state} and has no report, which holds the verdict on the gates of its spec`,
    remedy: `See how it does: "bakeoff show ${runId}${flags}"; or give --gates FILE.`,
    kind: 'incomplete',
  });
}
