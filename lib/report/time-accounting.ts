/** Where a job's wall time went: the phases of its tasks, and the time between them. */
import type { TaskFacts } from '../core/job.ts';
import type { JobTime } from './report-model.ts';

const BETWEEN_TASKS = 'between tasks';
const UNNAMED = 'unnamed';

/** The order in which phases are shown; unknown ones follow. */
export const PHASE_ORDER = [
  BETWEEN_TASKS,
  'wait',
  'pull',
  'install',
  'start',
  'driver',
  'sync',
  'load',
  'warm-up',
  'infer',
  'audit',
  'evaluate',
  'flush',
  'score',
  'stop',
  UNNAMED,
];

/** Tasks of one job never overlap. What a task's phases leave over is called `unnamed`; gaps are `between tasks`. */
export function jobTime(tasks: readonly TaskFacts[]): JobTime {
  if (tasks.length === 0) return { wallMs: null, phases: [], tasks: 0 };
  const start = Math.min(...tasks.map((task) => task.startedAtMs));
  const end = Math.max(...tasks.map((task) => task.endedAtMs));
  const wallMs = Math.max(0, end - start);
  const sums = new Map<string, number>();
  const add = (phase: string, ms: number) => sums.set(phase, (sums.get(phase) ?? 0) + ms);
  let inTasksMs = 0;
  for (const task of tasks) {
    const taskMs = Math.max(0, task.endedAtMs - task.startedAtMs);
    const named = Object.values(task.phasesMs).reduce((sum, ms) => sum + ms, 0);
    for (const [phase, ms] of Object.entries(task.phasesMs)) add(phase, ms);
    add(UNNAMED, Math.max(0, taskMs - named));
    inTasksMs += taskMs;
  }
  add(BETWEEN_TASKS, Math.max(0, wallMs - inTasksMs));
  const phases = [...sums]
    .map(([phase, ms]) => ({ phase, ms }))
    .filter(({ ms }) => ms >= 1)
    .sort((a, b) => phaseRank(a.phase) - phaseRank(b.phase));
  return { wallMs, phases, tasks: tasks.length };
}

/** Position of a phase in PHASE_ORDER; unknown phases after all known ones. */
export function phaseRank(phase: string): number {
  const at = PHASE_ORDER.indexOf(phase);
  return at < 0 ? PHASE_ORDER.length : at;
}
