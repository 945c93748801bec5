/** `bakeoff cancel RUN`: ends a run of a deployment. Its tasks are stopped; what was answered is still scored and reported. */
import { requireStackName } from './deployment-choice.ts';
import { findDeployedRun } from './find-deployed-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { openConnection } from './open-deployment.ts';
import { wrapText } from './wrap-text.ts';

export async function cancelVerb(args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const { api, open, flags } = await openConnection(requireStackName(options, io), options, io);
  const { run } = await findDeployedRun(api, args[0] ?? '', open.deployment.stackName, () => Date.now());
  await api.cancel(run.runId);
  if (options.json) writeJson(io, { runId: run.runId, stack: open.deployment.stackName, cancelRequested: true });
  else {
    const told = `run ${run.runId} is being cancelled: its tasks stop within 80 s, then it is scored and reported as far as it came`;
    io.stdout.write(`${wrapText(told, io.columns, '', '  ')}\n`);
    io.stdout.write(`follow it with: bakeoff watch ${run.runId}${flags}\n`);
  }
  return 0;
}
