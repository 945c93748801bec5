/** `bakeoff validate SPEC`: all problems of a spec at once, or that it has none. */
import { combinationCount } from '../core/expand-models.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { loadSpec } from './load-spec.ts';
import { printProblems } from './print-error.ts';

export async function validateVerb(args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const [specPath = ''] = args;
  const loaded = await loadSpec(specPath, io);
  if (!loaded.ok) return printProblems(loaded.problems, specPath, io, options);
  const jobs = loaded.spec.models.reduce((sum, entry) => sum + combinationCount(entry), 0);
  if (options.json) writeJson(io, { valid: true, name: loaded.spec.name, jobs, spec: loaded.spec });
  else io.stdout.write(`${specPath} is valid: ${loaded.spec.name}, ${jobs} ${jobs === 1 ? 'job' : 'jobs'}\n`);
  return 0;
}
