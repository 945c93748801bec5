/**
 * Starts a command under a supervisor and hands back a handle on it. Called for servers (start-server.ts) and for installers
 * (install-command.ts). Whatever happens to the supervisor, nothing of the command outlives `exited`.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { killByToken } from './kill-by-token.ts';
import type { ServerExit, SupervisorOrder } from './supervisor-messages.ts';

const PROGRAM = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
/** Beyond the grace: the supervisor's own kills and its last words. */
const LAST_WORDS_MS = 10_000;

const eventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('started'), pid: z.int() }),
  z.object({
    event: z.literal('exit'),
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    reason: z.string().nullable(),
    peakRssMiB: z.number().nullable(),
    cpuSeconds: z.number().nullable(),
    sampleHz: z.number().nullable(),
    logTail: z.string().nullable(),
  }),
]);

export interface Supervised {
  /** Of the supervisor: the command's own pid is `pid` once it runs. */
  readonly supervisorPid: number;
  readonly pid: Promise<number | null>;
  /** Never rejects. */
  readonly exited: Promise<ServerExit>;
  /** SIGTERM, then after the order's grace SIGKILL to the group; resolves when nothing is left. */
  readonly stop: () => Promise<ServerExit>;
}

export interface SuperviseOptions {
  readonly order: SupervisorOrder;
  /** Where Node keeps compiled code between starts: a supervisor then starts in a third of the time. */
  readonly compileCacheFolder: string;
}

/** Starts `order.command` under a supervisor that dies, with it, when this process dies. */
export function supervise({ order, compileCacheFolder }: SuperviseOptions): Supervised {
  const env = { PATH: '/usr/bin:/bin', NODE_COMPILE_CACHE: compileCacheFolder };
  // A group of its own: Ctrl-C in a terminal must reach the CLI alone.
  const supervisor = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM], {
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  supervisor.stdin.on('error', () => undefined);
  supervisor.stdin.write(`${JSON.stringify(order)}\n`);

  let lastWords: ServerExit | null = null;
  let complaint = '';
  supervisor.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-2000);
  });
  const lines = createInterface({ input: supervisor.stdout });
  const pid = new Promise<number | null>((resolve) => {
    lines.on('line', (line) => {
      const said = parseEvent(line);
      if (said?.event === 'started') resolve(said.pid);
      if (said?.event === 'exit') lastWords = exitOf(said);
    });
    lines.on('close', () => resolve(null));
  });

  const exited = new Promise<void>((resolve) => {
    supervisor.on('error', () => resolve());
    supervisor.on('close', () => resolve());
  }).then(async (): Promise<ServerExit> => lastWords ?? endWithoutSupervisor(order.token, complaint));

  const stop = async () => {
    supervisor.stdin.write('stop\n');
    const impatience = setTimeout(() => supervisor.kill('SIGKILL'), order.graceMs + LAST_WORDS_MS);
    return exited.finally(() => clearTimeout(impatience));
  };
  return { supervisorPid: supervisor.pid ?? -1, pid, exited, stop };
}

type SupervisorSaid = z.infer<typeof eventSchema>;

/** Null for half a line: a supervisor that is killed while it writes leaves one. */
function parseEvent(line: string): SupervisorSaid | null {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function exitOf({ event: _, ...end }: Extract<SupervisorSaid, { event: 'exit' }>): ServerExit {
  return end;
}

/** The supervisor was killed or could not start: what it watched has to go all the same. */
async function endWithoutSupervisor(token: string, complaint: string): Promise<ServerExit> {
  await killByToken(token, { spareDriver: true });
  const reason = 'supervisor-died';
  return {
    exitCode: null,
    signal: null,
    reason,
    peakRssMiB: null,
    cpuSeconds: null,
    sampleHz: null,
    logTail: complaint === '' ? null : complaint,
  };
}
