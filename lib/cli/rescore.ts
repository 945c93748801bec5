/**
 * `bakeoff rescore RUN`: the same rows, new sums. Recomputes every score and the report from what is stored, and says what
 * changed. It starts no model.
 */
import type { Report } from '../report/report-model.ts';
import { findRun, openRuns } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { printRun, readReport, runDocument } from './print-run.ts';
import { recomputeRun } from './recompute-run.ts';

export async function rescoreVerb(args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const stores = openRuns(options.dir);
  try {
    const run = await findRun(stores, args[0] ?? '');
    const before = await readReport(stores, run.runId);
    const report = await recomputeRun(stores, run);
    const changed = before === null ? null : changedScores(before, report);
    if (options.json) {
      writeJson(io, { ...(await runDocument(run, report, stores)), changed });
      return 0;
    }
    await printRun(run, report, stores, io);
    io.stderr.write(`${changed === null ? 'there were no scores before' : summary(changed)}\n`);
    return 0;
  } finally {
    stores.close();
  }
}

interface ChangedScore {
  readonly jobId: string;
  readonly metric: string;
  readonly before: number | null;
  readonly after: number | null;
}

/** Every score that is not bit for bit what it was. */
function changedScores(before: Report, after: Report): ChangedScore[] {
  const flat = (report: Report): Map<string, number | null> =>
    new Map(
      report.jobs.flatMap((job) => {
        const metrics = [...(job.scores?.metrics ?? []), ...(job.scores?.total == null ? [] : [job.scores.total])];
        return metrics.map((metric): [string, number | null] => [`${job.jobId} ${metric.name}`, metric.value]);
      }),
    );
  const old = flat(before);
  return [...flat(after)].flatMap(([key, value]) => {
    const was = old.get(key) ?? null;
    const [jobId = '', metric = ''] = key.split(' ');
    return Object.is(was, value) ? [] : [{ jobId, metric, before: was, after: value }];
  });
}

function summary(changed: readonly ChangedScore[]): string {
  if (changed.length === 0) return 'every score is what it was';
  return changed.map(({ jobId, metric, before, after }) => `${jobId} ${metric}: ${before ?? 'none'} -> ${after ?? 'none'}`).join('\n');
}
