/** `bakeoff run` of the example specs on this host: what the deployed runs are compared with. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runCli } from '../local/run-cli.ts';
import { type QualityScores, qualityOf } from './quality-scores.ts';
import { WORK_FOLDER } from './work-folder.ts';

export const EXAMPLES = ['diabetes', 'ocr-lines', 'shapes-steps'] as const;
export type Example = (typeof EXAMPLES)[number];

const endSchema = z.object({ runId: z.string(), state: z.literal('succeeded') });

/** Quality by job; the jobs' ids are those of the deployed run, since both name model, digest and params. */
export async function referenceRun(example: Example): Promise<Map<string, QualityScores>> {
  const dir = join(WORK_FOLDER, 'reference');
  mkdirSync(dir, { recursive: true });
  const end = await runCli(['run', `examples/${example}.yaml`, '--dir', dir, '--json']);
  if (end.exitCode !== 0) throw new Error(`bakeoff run of ${example} ended with ${end.exitCode}: ${end.stderr.slice(-2000)}`);
  const { runId } = endSchema.parse(JSON.parse(end.stdout));
  const jobs = join(dir, 'runs', runId, 'jobs');
  return new Map(readdirSync(jobs).map((jobId) => [jobId, qualityOf(readFileSync(join(jobs, jobId, 'scores.json'), 'utf8'))]));
}
