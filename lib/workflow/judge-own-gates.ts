/** Judges a run by the gates of its own spec, as part of its report. Called by the report step, and so by `rescore` and `report` too. */
import { z } from 'zod';
import { BakeoffError } from '../core/errors.ts';
import { gateOf } from '../core/gates/gate-rule.ts';
import { type GateVerdict, gateVerdictSchema } from '../core/gates/gate-verdict.ts';
import type { RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { Spec } from '../core/spec.ts';
import type { Report } from '../report/report-model.ts';
import type { BaselinePorts } from './gate-baselines.ts';
import { judgeRun } from './judge-run.ts';
import { readIfStored } from './stored-objects.ts';

/**
 * The report with the verdict of the spec's gates; as it is where the spec has none. A report that was written before tells which runs it
 * was judged against: it is judged against the same again, so that what is recomputed does not depend on what ran since.
 */
export async function judgeOwnGates(report: Report, run: RunRecord, { gates }: Pick<Spec, 'gates'>, ports: BaselinePorts): Promise<Report> {
  if (gates === undefined) return report;
  const earlierVerdict = await readVerdict(ports.objects, run.runId);
  return { ...report, gates: await judgeRun({ run, report, gates: gates.map(gateOf), earlierVerdict }, ports) };
}

/** Nothing else of the report is looked at: another version may have written it. */
const judgedReportSchema = z.looseObject({ gates: gateVerdictSchema.optional() });

async function readVerdict(objects: ObjectStore, runId: string): Promise<GateVerdict | null> {
  try {
    return (await readIfStored(objects, keys.report(runId, 'report.json'), judgedReportSchema))?.gates ?? null;
  } catch (error) {
    if (error instanceof BakeoffError && error.code === 'object-corrupt') return null;
    throw error;
  }
}
