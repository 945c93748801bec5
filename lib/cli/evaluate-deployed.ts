/** `bakeoff evaluate RUN --scorers A,B --stack NAME`: the same pass over the outputs of a run of a deployment, done there. */
import type { EvaluationWish } from '../core/plan-evaluation.ts';
import { findDeployedRun } from './find-deployed-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { openConnection } from './open-deployment.ts';
import { watchRun } from './watch.ts';
import { wrapText } from './wrap-text.ts';

/** Throws what the API refuses. */
export async function evaluateDeployed(
  name: string,
  wish: EvaluationWish,
  stack: string,
  options: CommonOptions & Record<string, unknown>,
  io: VerbIo,
): Promise<ExitCode> {
  const connection = await openConnection(stack, options, io);
  const { api, open, flags } = connection;
  const { stackName } = open.deployment;
  const { run } = await findDeployedRun(api, name, stackName, () => Date.now());
  const { start, evaluation } = await api.evaluate(run.runId, wish);
  const what = evaluation === null ? 'an earlier evaluation goes on' : `its outputs are evaluated again, pass ${evaluation}`;
  if (options.watch === true) {
    io.stderr.write(`run ${run.runId}: ${what}; Ctrl-C leaves it alone\n`);
    return watchRun(await findDeployedRun(api, run.runId, stackName, () => Date.now()), connection, options, io);
  }
  if (options.json) writeJson(io, { runId: run.runId, start, evaluation, stack: stackName });
  else io.stdout.write(`${run.runId}\n`);
  const told = wrapText(`run ${run.runId}: ${what} (start ${start}); follow it with:`, io.columns, '', '');
  io.stderr.write(`${told}\n  bakeoff watch ${run.runId}${flags}\n`);
  return 0;
}
