/**
 * Who drives a run on this machine: the process that owns its record. Used by `bakeoff run` to claim a run, and by every verb that
 * must not take a dead owner's run for a live one.
 */
import { isAlive, readProcess } from '../adapters/local/process/process-table.ts';
import type { RunRecord } from '../core/job.ts';

/** This process as the owner of a run: its id and when it started, so that a reused id is not taken for it. */
export function thisOwner(): string {
  return `${process.pid}/${readProcess(process.pid)?.startedAt ?? ''}`;
}

export function ownerIsAlive(owner: string): boolean {
  const [pid = '', startedAt = ''] = owner.split('/');
  return isAlive(Number(pid), startedAt === '' ? undefined : startedAt);
}

/** Begun, not at its end, and driven by nobody: what `bakeoff run SPEC --resume` goes on with. */
export function isInterrupted({ state, owner }: Pick<RunRecord, 'state' | 'owner'>): boolean {
  return (state === 'accepted' || state === 'running') && (owner === null || !ownerIsAlive(owner));
}
