/**
 * The supervisor: a small process that owns one server (or installer) and outlives nobody. It reads its order as one JSON line
 * on stdin, starts the command in a session of its own, and ends it, with everything it has started, when told to, when it uses
 * more memory than declared, or when stdin closes because whoever ordered it has died. Run as `node supervisor.ts` by
 * supervise.ts. Node's built-ins only, so that it starts at once.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { boundLog, readLogTail } from './bounded-log.ts';
import { killByToken, signalProcess } from './kill-by-token.ts';
import { readWaitedCpuSeconds } from './process-table.ts';
import { watchResources } from './resource-watch.ts';
import type { SupervisorEvent, SupervisorOrder } from './supervisor-messages.ts';

const orders = createInterface({ input: process.stdin });
let stop: ((graceMs: number) => void) | null = null;
let order: SupervisorOrder | null = null;

// Ctrl-C in a terminal is the CLI's business; a SIGTERM to the supervisor is an order to stop.
process.on('SIGINT', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('SIGTERM', () => stop?.(order?.graceMs ?? 0));
process.stdout.on('error', () => undefined);

orders.on('line', (line) => {
  if (order === null) {
    order = JSON.parse(line);
    if (order !== null) stop = supervise(order);
  } else if (line === 'stop') stop?.(order.graceMs);
});
orders.on('close', () => (stop === null ? process.exit(0) : stop(order?.orphanGraceMs ?? 0)));

/** Starts the command; returns how to stop it. The process exits once the command and all its descendants are gone. */
function supervise(spec: SupervisorOrder): (graceMs: number) => void {
  const log = openSync(spec.logFile, 'a');
  const [file = '', ...args] = spec.command;
  const child = spawn(file, args, { cwd: spec.cwd, env: spec.env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  if (child.pid === undefined) {
    child.on('error', (error) => finish(spec, { exitCode: null, signal: null, reason: `spawn-failed: ${error.message}` }, null));
    return () => undefined;
  }
  const pid = child.pid;
  tell({ event: 'started', pid });
  const watch = watchResources(pid, spec.token);
  const startedMs = performance.now();
  let reason: string | null = null;
  let stopping = false;

  const look = () => {
    const rssMiB = watch.look();
    boundLog(spec.logFile, spec.logMaxBytes);
    if (spec.memoryMiB !== null && rssMiB > spec.memoryMiB && reason === null) {
      reason = 'OutOfMemoryError';
      signalProcess(-pid, 'SIGKILL');
    }
  };
  look();
  const timer = setInterval(look, spec.sampleMs);

  child.on('exit', async (exitCode, signal) => {
    const ranSeconds = (performance.now() - startedMs) / 1000;
    clearInterval(timer);
    signalProcess(-pid, 'SIGKILL');
    await killByToken(spec.token, { spareDriver: true, also: watch.members() });
    // Both are lower bounds: samples miss the end, waiting misses the children of a killed parent.
    const usage = {
      peakRssMiB: watch.peakRssMiB(),
      cpuSeconds: Math.max(watch.cpuSeconds(), readWaitedCpuSeconds() ?? 0),
      sampleHz: watch.samples() / Math.max(ranSeconds, spec.sampleMs / 1000),
    };
    finish(spec, { exitCode, signal, reason }, usage);
  });

  return (graceMs) => {
    // The leader alone is asked: it ends its workers in its own order. Whoever stays is killed with the group.
    if (!stopping) {
      // A server that lived between two samples has been seen at its birth only: its high-water mark is read while it is whole.
      look();
      signalProcess(pid, 'SIGTERM');
    }
    stopping = true;
    setTimeout(() => signalProcess(-pid, 'SIGKILL'), graceMs);
  };
}

interface Usage {
  readonly peakRssMiB: number | null;
  readonly cpuSeconds: number | null;
  readonly sampleHz: number | null;
}

function finish(
  spec: SupervisorOrder,
  end: { exitCode: number | null; signal: string | null; reason: string | null },
  usage: Usage | null,
): void {
  const nothing: Usage = { peakRssMiB: null, cpuSeconds: null, sampleHz: null };
  tell({ event: 'exit', ...end, ...(usage ?? nothing), logTail: readLogTail(spec.logFile) }, () => process.exit(0));
}

function tell(event: SupervisorEvent, then: () => void = () => undefined): void {
  process.stdout.write(`${JSON.stringify(event)}\n`, then);
}
