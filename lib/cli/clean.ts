/**
 * `bakeoff clean`: removes what killed runs left and environments unused for 30 days; `--all` every environment and download
 * that is not in use; `--runs --yes` the runs themselves, results included. Says what went and how much it freed.
 */
import { cleanMachineCache, sweepTasks } from '../compose/machine.ts';
import { removeRuns } from '../compose/remove-runs.ts';
import { BakeoffError } from '../core/errors.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';

const MIB = 1 << 20;

export async function cleanVerb(_args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const wantsRuns = options.runs === true;
  if (wantsRuns && options.yes !== true) throw notConfirmed(options.dir);
  const tasks = await sweepTasks(options.dir, io.settings.dockerHost);
  const cache = await cleanMachineCache({ cacheDir: io.settings.cacheDir, all: options.all === true, nowMs: Date.now() });
  const runs = wantsRuns ? await removeRuns(options.dir) : { removed: [], inUse: [], freedBytes: 0 };
  const removed = [...cache.removed, ...runs.removed];
  const inUse = [...cache.inUse, ...runs.inUse];
  const freedBytes = cache.freedBytes + runs.freedBytes;
  if (options.json) writeJson(io, { removed, inUse, tasks, freedBytes });
  else {
    for (const path of removed) io.stdout.write(`removed ${path}\n`);
    for (const path of inUse) io.stdout.write(`kept, in use: ${path}\n`);
    if (tasks > 0) io.stdout.write(`ended ${tasks} ${tasks === 1 ? 'task' : 'tasks'} of killed runs\n`);
    const isNothing = removed.length + inUse.length + tasks === 0;
    io.stdout.write(isNothing ? 'nothing to remove\n' : `freed at least ${Math.round(freedBytes / MIB)} MiB\n`);
  }
  return 0;
}

function notConfirmed(dir: string): BakeoffError {
  return new BakeoffError({
    code: 'clean-not-confirmed',
    message: `--runs removes every run in ${dir}, results and reports included, for good`,
    remedy: 'Add --yes if that is what you want.',
  });
}
