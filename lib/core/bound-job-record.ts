/**
 * Keeps a job's record far below the 400 KB that a table takes, whatever happened to the job: logs are cut, and of very many tasks the
 * oldest are folded into one per stage and place, so that times, phases and costs stay true. Pure; every writer of a record calls it.
 */
import type { JobRecord, StageRecord, TaskFacts } from './job.ts';

/** Tasks kept one by one; a job that needs more has been restarted for hours. */
export const MAX_KEPT_TASKS = 100;
const MAX_LOG_CHARACTERS = 4000;
/** Of older tasks of a stage: only the last one's log tells why the stage is where it is. */
const MAX_OLD_MESSAGE_CHARACTERS = 300;
const MAX_SUSPECTS = 256;
const MAX_SUSPECT_MESSAGE_CHARACTERS = 300;

/** The same record where it is small; the result is at most about 350 KB of JSON, typically 5. */
export function boundJobRecord(record: JobRecord): JobRecord {
  return { ...record, stages: record.stages.map(boundStage), tasks: foldTasks(shortenTasks(record.tasks)) };
}

/** Beyond the bound a suspect is forgotten: its sample is then missing like any other, and sent again. */
function boundStage(stage: StageRecord): StageRecord {
  if (stage.suspects.length === 0) return stage;
  const suspects = stage.suspects
    .toSorted((a, b) => b.deaths - a.deaths)
    .slice(0, MAX_SUSPECTS)
    .map((suspect) => ({
      ...suspect,
      failure: { ...suspect.failure, message: suspect.failure.message.slice(0, MAX_SUSPECT_MESSAGE_CHARACTERS) },
    }));
  const kept = new Set(suspects.map(({ sampleId }) => sampleId));
  const byId = new Map(suspects.map((suspect) => [suspect.sampleId, suspect]));
  return { ...stage, suspects: stage.suspects.flatMap(({ sampleId }) => (kept.has(sampleId) ? (byId.get(sampleId) ?? []) : [])) };
}

function shortenTasks(tasks: readonly TaskFacts[]): TaskFacts[] {
  const lastOfStage = new Map(tasks.map((task, index) => [task.stage, index]));
  return tasks.map((task, index): TaskFacts => {
    const isLast = lastOfStage.get(task.stage) === index;
    const logTail = isLast ? (task.server.logTail?.slice(-MAX_LOG_CHARACTERS) ?? null) : null;
    const error =
      task.error === null || isLast ? task.error : { ...task.error, message: task.error.message.slice(0, MAX_OLD_MESSAGE_CHARACTERS) };
    return { ...task, server: { ...task.server, logTail }, error };
  });
}

function foldTasks(tasks: readonly TaskFacts[]): TaskFacts[] {
  if (tasks.length <= MAX_KEPT_TASKS) return [...tasks];
  const old = tasks.slice(0, tasks.length - MAX_KEPT_TASKS / 2);
  const folded = new Map<string, TaskFacts>();
  for (const task of old) {
    const { className = null, usdPerHour = null } = task.where ?? {};
    const key = JSON.stringify([task.stage, className, usdPerHour, task.where?.occupied == null]);
    const before = folded.get(key);
    folded.set(key, before === undefined ? task : foldTwo(before, task));
  }
  return [...folded.values(), ...tasks.slice(old.length)];
}

/** One entry for both: it ends when the later one ended, and lasts as long as the two did. */
function foldTwo(one: TaskFacts, other: TaskFacts): TaskFacts {
  const phasesMs = { ...other.phasesMs };
  for (const [phase, ms] of Object.entries(one.phasesMs)) phasesMs[phase] = (phasesMs[phase] ?? 0) + ms;
  const lastedMs = one.endedAtMs - one.startedAtMs;
  return {
    ...other,
    startedAtMs: other.startedAtMs - lastedMs,
    phasesMs,
    folded: (one.folded ?? 1) + (other.folded ?? 1),
    ...(other.where === undefined ? {} : { where: { ...other.where, occupied: foldedSpan(one, other) } }),
  };
}

function foldedSpan(one: TaskFacts, other: TaskFacts): { fromMs: number; untilMs: number } | null {
  const [first, second] = [one.where?.occupied ?? null, other.where?.occupied ?? null];
  if (second === null) return first;
  return first === null ? second : { fromMs: second.fromMs - (first.untilMs - first.fromMs), untilMs: second.untilMs };
}
