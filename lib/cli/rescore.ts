/**
 * `bakeoff rescore RUN`: the same rows, new sums. Recomputes every score and the report from what is stored, and says what
 * changed; with `--score FILE` it computes another composite over the rows and changes nothing. It starts no model.
 */
import { resolve } from 'node:path';
import type { LocalStores } from '../compose/local.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import { parseScore } from '../core/parse-spec-score.ts';
import { offersOfJobs } from '../core/resolve-scorers.ts';
import { renderTerminal } from '../report/render-terminal.ts';
import type { Report } from '../report/report-model.ts';
import { textOption } from './deployment-choice.ts';
import { findRun, openRuns } from './find-run.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { printRun, readReport, runDocument } from './print-run.ts';
import { printProblems } from './print-error.ts';
import { readDocument } from './read-document.ts';
import { readPlannedRun, recomputeRun, reportByRule } from './recompute-run.ts';

export async function rescoreVerb(
  args: readonly string[],
  options: CommonOptions & Record<string, unknown>,
  io: VerbIo,
): Promise<ExitCode> {
  const stores = openRuns(options.dir);
  try {
    const run = await findRun(stores, args[0] ?? '');
    const file = textOption(options, 'score');
    if (file !== null) return await scoreAgain(stores, run, file, options, io);
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

/** Another composite over the same rows: printed, and not kept. */
async function scoreAgain(stores: LocalStores, run: RunRecord, file: string, options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const stored = await readPlannedRun(stores, run);
  const parsed = parseScore(await readScore(resolve(io.cwd, file), file), offersOfJobs(stored.jobs));
  if (!parsed.ok) return printProblems(parsed.problems, file, io, options);
  const report = await reportByRule(stores, run, stored, parsed.rule);
  if (options.json) {
    const totals = report.jobs.map(({ jobId, label, scores }) => ({ jobId, label, total: scores?.total ?? null }));
    writeJson(io, { runId: run.runId, rule: parsed.rule, ranking: report.ranking, jobs: totals });
    return 0;
  }
  io.stdout.write(`\n${renderTerminal(report, { columns: io.columns, color: io.isStdoutTty && !io.settings.noColor })}`);
  io.stderr.write('the stored scores and the report are what they were\n');
  return 0;
}

/** Throws `score-unreadable`. */
async function readScore(path: string, asGiven: string): Promise<Uint8Array> {
  try {
    return await readDocument(path);
  } catch (thrown) {
    throw new BakeoffError({
      code: 'score-unreadable',
      message: `the score ${asGiven} cannot be read: ${messageOf(thrown)}`,
      remedy: 'Give the path of a YAML or JSON file with a score section, as a spec has it.',
      cause: thrown,
    });
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
