/**
 * What a supervisor is ordered and what it answers: one JSON line each on its stdin and stdout. Types only, so that the
 * supervisor loads nothing for them; supervise.ts parses the answers.
 */

/** The first line on stdin. A later line `stop` asks for the end; the end of stdin means that the orderer has died. */
export interface SupervisorOrder {
  readonly command: readonly string[];
  readonly cwd: string;
  /** The whole environment of the command, `BAKEOFF_INSTANCE=<token>` among it. */
  readonly env: Readonly<Record<string, string>>;
  readonly token: string;
  /** Takes stdout and stderr; its oldest half goes when it exceeds logMaxBytes. */
  readonly logFile: string;
  readonly logMaxBytes: number;
  /** Resident memory of the whole group above which it is killed; null: no limit. */
  readonly memoryMiB: number | null;
  /** From SIGTERM to SIGKILL: when asked to stop, and when the orderer has died. */
  readonly graceMs: number;
  readonly orphanGraceMs: number;
  readonly sampleMs: number;
}

/** How a supervised command ended and what it used. */
export interface ServerExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** `OutOfMemoryError`: killed by the memory watchdog. `spawn-failed: …`, `supervisor-died`; null when it ended otherwise. */
  readonly reason: string | null;
  /** Highest sampled sum over the group: at least this. */
  readonly peakRssMiB: number | null;
  readonly cpuSeconds: number | null;
  readonly sampleHz: number | null;
  readonly logTail: string | null;
}

export type SupervisorEvent = { readonly event: 'started'; readonly pid: number } | ({ readonly event: 'exit' } & ServerExit);
