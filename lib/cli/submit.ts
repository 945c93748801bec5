/**
 * `bakeoff submit SPEC`: starts a run in a deployment, or goes on with one (`--resume RUN`). A suite that the spec names by its folder
 * is uploaded first. The request carries a key of its own, so that trying again never starts a second run.
 */
import { randomUUID } from 'node:crypto';
import { BakeoffError } from '../core/errors.ts';
import type { Refused } from './deployment-api.ts';
import { requireStackName, textOption } from './deployment-choice.ts';
import { findDeployedRun } from './find-deployed-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { type DeploymentConnection, openConnection } from './open-deployment.ts';
import { printProblems } from './print-error.ts';
import { prepareSpec } from './submitted-spec.ts';
import { watchRun } from './watch.ts';
import { wrapText } from './wrap-text.ts';

type Options = CommonOptions & Record<string, unknown>;

export async function submitVerb(args: readonly string[], options: Options, io: VerbIo): Promise<ExitCode> {
  const [specPath] = args;
  const resumed = textOption(options, 'resume');
  if ((specPath === undefined) === (resumed === null)) throw oneOfTwo();
  const connection = await openConnection(requireStackName(options, io), options, io);
  if (resumed !== null) return resume(resumed, connection, options, io);
  return start(specPath ?? '', connection, options, io);
}

async function start(specPath: string, connection: DeploymentConnection, options: Options, io: VerbIo): Promise<ExitCode> {
  const prepared = await prepareSpec(specPath, connection, io);
  if (prepared.kind === 'refused') return printProblems(prepared.problems, specPath, io, options);
  const { spec } = prepared;
  const refused = await connection.api.validate(spec);
  if (refused !== null) return refuse(refused, specPath, connection, options, io);
  const key = textOption(options, 'key') ?? randomUUID();
  const submitted = await connection.api.submit(spec, key).catch((thrown: unknown) => {
    throw uncertain(thrown, key);
  });
  if (submitted.kind === 'refused') return refuse(submitted, specPath, connection, options, io);
  const { runId, isNew } = submitted;
  const told = isNew ? 'is started' : 'was started before with this key, and nothing new now';
  return goOn(runId, { start: 1, told }, connection, options, io);
}

const UNKNOWN: ReadonlySet<string> = new Set(['unknown-model', 'unknown-suite']);

/** What this folder knows and the deployment does not would otherwise be a riddle. */
function refuse({ problems }: Refused, specPath: string, { open }: DeploymentConnection, options: Options, io: VerbIo): ExitCode {
  const exitCode = printProblems(problems, specPath, io, options);
  if (options.json || !problems.some(({ code }) => UNKNOWN.has(code))) return exitCode;
  const note = `What counts are the models and suites of ${open.deployment.stackName}, not those of this folder: packages are deployed by naming them under "packages" in cdk.json.`;
  io.stderr.write(`${wrapText(note, io.columns, '', '')}\n`);
  return exitCode;
}

async function resume(name: string, connection: DeploymentConnection, options: Options, io: VerbIo): Promise<ExitCode> {
  const { run } = await findDeployedRun(connection.api, name, connection.open.deployment.stackName, () => Date.now());
  const start = await connection.api.resume(run.runId);
  return goOn(run.runId, { start, told: `is started again (start ${start})` }, connection, options, io);
}

async function goOn(
  runId: string,
  { start, told }: { readonly start: number; readonly told: string },
  connection: DeploymentConnection,
  options: Options,
  io: VerbIo,
): Promise<ExitCode> {
  const { stackName } = connection.open.deployment;
  const watchCommand = `bakeoff watch ${runId}${connection.flags}`;
  if (options.watch === true) {
    io.stderr.write(`run ${runId} ${told}; Ctrl-C leaves it alone\n`);
    const found = await findDeployedRun(connection.api, runId, stackName, () => Date.now());
    return watchRun(found, connection, options, io);
  }
  if (options.json) writeJson(io, { runId, start, stack: stackName });
  else io.stdout.write(`${runId}\n`);
  io.stderr.write(`${wrapText(`run ${runId} ${told}; follow it with:`, io.columns, '', '')}\n  ${watchCommand}\n`);
  return 0;
}

/** Whether the request came through is not known; the same key makes the next try safe. */
function uncertain(thrown: unknown, key: string): unknown {
  if (!(thrown instanceof BakeoffError) || thrown.kind !== 'environment' || thrown.code.endsWith('access-denied')) return thrown;
  return new BakeoffError({
    code: thrown.code,
    message: `${thrown.message}; whether the run was started is not known`,
    remedy: `Submit the same spec again with --key ${key}: it starts the run if it was not started, and never a second one.`,
    kind: thrown.kind,
    cause: thrown,
  });
}

function oneOfTwo(): BakeoffError {
  return new BakeoffError({
    code: 'bad-usage',
    message: 'submit takes a spec, or --resume RUN, and not both',
    remedy: 'Give the path of a spec, or the run to go on with.',
  });
}
