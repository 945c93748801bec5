/**
 * Watches what a server and all its descendants use: resident memory and CPU time, summed over the group, sampled. The
 * supervisor calls `look` on a timer. Node's built-ins only.
 */
import { bearsToken } from './kill-by-token.ts';
import { listPids, readEnvironment, readProcess, type ProcessRow } from './process-table.ts';

export interface ResourceWatch {
  /** Takes one sample; returns the resident memory of the group now, in MiB. */
  readonly look: () => number;
  /** Highest sampled sum so far, in MiB: the truth is at least this. Null before the first sample. */
  readonly peakRssMiB: () => number | null;
  /** CPU time of all members as last sampled. */
  readonly cpuSeconds: () => number;
  readonly samples: () => number;
  /** The members of the last look but the leader, by pid, with their `startedAt`. */
  readonly members: () => ReadonlyMap<number, string>;
}

/** A member is the leader, a child of a member, of the leader's group, or a bearer of the token. */
export function watchResources(leaderPid: number, token: string): ResourceWatch {
  const members = new Map<number, string>();
  let strangers = new Set<number>([process.pid]);
  let peakKiB: number | null = null;
  let cpuSeconds = 0;
  let samples = 0;

  const belongs = (row: ProcessRow) =>
    row.pid === leaderPid || row.groupId === leaderPid || members.has(row.parentPid) || bearsToken(readEnvironment(row.pid), token, true);

  /** Pids once found to be strangers are not looked at again while they stay listed: a look then costs little. */
  const discover = () => {
    const listed = listPids();
    const unknown = listed.filter((pid) => !strangers.has(pid) && !members.has(pid));
    const present = new Set(listed);
    for (const pid of members.keys()) if (!present.has(pid)) members.delete(pid);
    strangers = new Set([...strangers].filter((pid) => present.has(pid)));
    for (const pid of unknown) {
      const row = readProcess(pid);
      if (row === null) continue;
      if (belongs(row)) members.set(pid, row.startedAt);
      else strangers.add(pid);
    }
  };

  const look = () => {
    discover();
    const rows = [...members].map(([pid, startedAt]) => keepOnly(readProcess(pid), startedAt)).filter((row) => row !== null);
    const rssKiB = rows.reduce((sum, row) => sum + row.rssKiB, 0);
    // A process's own high-water mark is a true lower bound too, and catches a peak between two samples.
    const seenKiB = rows.reduce((most, row) => Math.max(most, row.highWaterKiB ?? 0), rssKiB);
    if (rows.length > 0) {
      samples += 1;
      peakKiB = Math.max(peakKiB ?? 0, seenKiB);
      cpuSeconds = Math.max(
        cpuSeconds,
        rows.reduce((sum, row) => sum + row.cpuSeconds, 0),
      );
    }
    return rssKiB / 1024;
  };

  return {
    look,
    peakRssMiB: () => (peakKiB === null ? null : peakKiB / 1024),
    cpuSeconds: () => cpuSeconds,
    samples: () => samples,
    members: () => new Map([...members].filter(([pid]) => pid !== leaderPid)),
  };
}

function keepOnly(row: ProcessRow | null, startedAt: string): ProcessRow | null {
  return row !== null && row.startedAt === startedAt && !row.zombie ? row : null;
}
