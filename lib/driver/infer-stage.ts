/**
 * Stage infer: finds what is to be sent, waits for the model, has the load driven and tells how it ended. Called by run-driver.ts with a
 * claimed attempt. References are never read here.
 */
import { isOpenLoop, plannedSamples } from '../core/load/load-kind.ts';
import { keys } from '../core/object-key.ts';
import { nextPart, type PartName, partsIn } from '../core/part-name.ts';
import { type AttemptLoad, attemptLoad, fail, record } from './attempt-load.ts';
import { dueWithin } from './drive-closed.ts';
import { driveJob, type JobWork } from './drive-job.ts';
import { resendsMissing } from './drive-resends.ts';
import { failureOf } from './driver-failure.ts';
import { inFlight } from './in-flight.ts';
import { missingWork, withDeaths } from './missing-work.ts';
import { openWork } from './open-work.ts';
import { PartTaken } from './part-writer.ts';
import { modelProtocol } from './protocols/choose-protocol.ts';
import type { ModelProtocol } from './protocols/model-protocol.ts';
import { ordinalsOf } from './read-job.ts';
import { readSchedule } from './read-schedule.ts';
import { activeTime, addRecorded, type RecordedSamples, recordedSamples } from './recorded-samples.ts';
import { failedRow } from './sample-row.ts';
import type { ServerEnd } from './server-pulse.ts';
import { type StageContext, type StageEnd, stoppedOf } from './stage-context.ts';
import { stageInputs } from './stage-inputs.ts';
import { isWaitedFor } from './stop-switch.ts';
import { waitReady } from './wait-ready.ts';
import { workOf } from './work-of-ordinal.ts';

export async function inferStage(context: StageContext): Promise<StageEnd> {
  const { job } = context.frozen;
  const prefix = keys.sampleParts(job.runId, job.jobId);
  const parts = partsIn(await context.objects.list(prefix), prefix);
  context.progress.planned = plannedSamples(job.load, job.itemCount * job.repeats);
  const { work, recorded, counted } = isOpenLoop(job.load) ? await scheduled(context, parts) : await missing(context, parts);
  // What earlier attempts have done is no rate of this one.
  context.progress.done = counted.succeeded() + counted.failed();
  context.progress.failed = counted.failed();
  const protocol = modelProtocol(context);
  const flights = inFlight(job.limits.sampleMs);
  const load = attemptLoad({ context, protocol, flights, recorded, counted, firstPart: nextPart(parts, context.attempt) });
  const forget = context.stop.onStop((reason) => {
    if (isWaitedFor(reason)) return;
    const drainMs = reason === 'terminated' ? context.tuning.drainMs : 0;
    setTimeout(() => flights.abortAll(reason), drainMs).unref();
  });
  try {
    for (const { ordinal, suspect } of work.doomed)
      await record(load, failedRow(workOf(context, ordinal, true), context.attempt, [], null, suspect.failure));
    await load.writer.flush();
    if (leftToSend(work) + resendsMissing(context, recorded).length > 0) {
      const refused = await begin(context, protocol);
      if (refused !== null) return ended(load, refused);
      await driveJob(load, work);
    }
    return await finish(load, protocol);
  } finally {
    forget();
    load.writer.close();
    flights.close();
    await protocol.close();
  }
}

interface Found {
  readonly work: JobWork;
  readonly recorded: RecordedSamples;
  readonly counted: RecordedSamples;
}

/** Closed and offline load: what has no end yet, within what is left of the duration. */
async function missing({ frozen, objects, stage }: StageContext, parts: readonly PartName[]): Promise<Found> {
  const { job } = frozen;
  const recorded = recordedSamples(job.itemCount * job.repeats);
  const active = activeTime();
  await addRecorded(recorded, objects, parts, active);
  const isTerminal = recorded.isTerminal;
  const work = missingWork({ ...job, isTerminal, suspects: stage.suspects, ordinalOf: ordinalsOf(frozen) });
  const durationMs = job.load.mode === 'closed' ? job.load.durationMs : undefined;
  const leftMs = durationMs === undefined ? Number.POSITIVE_INFINITY : Math.max(0, durationMs - active.totalMs());
  return { work: { kind: 'lanes', ...dueWithin(work, leftMs), leftMs }, recorded, counted: recorded };
}

/** Open loop: the whole schedule again, unless the last attempt has recorded all of it and only not said so. */
async function scheduled({ frozen, objects, stage, progress }: StageContext, parts: readonly PartName[]): Promise<Found> {
  const { job } = frozen;
  if (!isOpenLoop(job.load)) throw new Error(`a load of mode ${job.load.mode} has no schedule`);
  const [recorded, last] = [recordedSamples(job.itemCount * job.repeats), recordedSamples(job.itemCount * job.repeats)];
  await addRecorded(recorded, objects, parts);
  await addRecorded(
    last,
    objects,
    parts.filter(({ attempt }) => attempt === parts.at(-1)?.attempt),
  );
  const timesMs = await readSchedule(objects, job, job.load);
  if (last.succeeded() + last.failed() === progress.planned)
    return { work: { kind: 'schedule', ordinals: [], timesMs: [], alone: [], doomed: [] }, recorded, counted: last };
  const work = openWork({ ...job, timesMs, suspects: stage.suspects, ordinalOf: ordinalsOf(frozen) });
  return { work: { kind: 'schedule', ...work }, recorded, counted: recordedSamples(job.itemCount * job.repeats) };
}

function leftToSend(work: JobWork): number {
  return work.alone.length + (work.kind === 'schedule' ? work.ordinals : work.together).length;
}

/** Inputs, readiness, identity: null when the load may begin. */
async function begin(context: StageContext, protocol: ModelProtocol): Promise<ServerEnd | null> {
  const { frozen, progress, stop, instance } = context;
  progress.enter('sync');
  await stageInputs(context.objects, [...frozen.items, ...frozen.warmups], context.inputsDir);
  progress.enter('load');
  const { readyMs } = frozen.job.limits;
  const ready = await waitReady({ server: protocol, instance, readyMs, stop, serverExited: context.serverExited });
  if (ready.kind === 'stopped') return null;
  if (ready.kind !== 'ready') return ready;
  if (ready.device !== null) {
    const line = { attempt: context.attempt, device: ready.device };
    await context.objects.put(keys.device(frozen.job.runId, frozen.job.jobId), `${JSON.stringify(line)}\n`);
  }
  const failure = await protocol.describe(frozen.job, ready.device);
  return failure === null ? null : { kind: 'refused', failure };
}

async function finish(load: AttemptLoad, protocol: ModelProtocol): Promise<StageEnd> {
  const { context, recorded, counted, gone } = load;
  context.progress.enter('flush');
  await load.writer.flush().catch((error) => fail(load, error));
  if (load.failure !== null) return broken(load, load.failure.error);
  const diedInAudit = load.isAuditing && context.stop.reason() === 'server-gone';
  if (gone !== null && !diedInAudit) return ended(load, gone);
  const stopped = stoppedOf(context.stop);
  if (context.stop.reason() !== null && stopped === null && !diedInAudit) {
    if (context.stop.reason() === 'terminated') await protocol.shutdown();
    return ended(load, { kind: 'stopped', failure: { class: 'infra', code: 'stopped', message: 'the driver was asked to stop' } });
  }
  const counts = { planned: context.progress.planned, succeeded: recorded.succeeded(), failed: recorded.failed() };
  // All done is all done, even when a stop came with the last sample.
  const whole = counted.succeeded() + counted.failed() === counts.planned;
  return { kind: 'finished', outcome: { ...counts, stopped: whole ? null : (stopped ?? whyNotWhole(context)) } };
}

/** Nothing was asked to stop: only a duration leaves samples over. */
function whyNotWhole({ frozen }: StageContext): 'duration' | null {
  const { load } = frozen.job;
  return load.mode === 'closed' && load.durationMs !== undefined ? 'duration' : null;
}

/** A fault of ours: what is durable counts as progress all the same. */
function broken(load: AttemptLoad, error: unknown): StageEnd {
  if (error instanceof PartTaken) throw error;
  return ended(load, { kind: 'driver-error', failure: failureOf(error) });
}

function ended(load: AttemptLoad, { kind, failure }: ServerEnd): StageEnd {
  const suspects = withDeaths(load.context.stage.suspects, load.suspects, load.sent);
  return { kind: 'ended', end: { kind, failure, newRows: load.writer.durableRows() }, suspects };
}
