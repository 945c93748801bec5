/** `bakeoff serve`: the routes of the API over the runs of this machine, on loopback, until Ctrl-C. */
import { join } from 'node:path';
import { type LocalServer, serveApi } from '../compose/serve.ts';
import { BakeoffError } from '../core/errors.ts';
import { environment } from '../settings.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { loadRegistry } from './load-spec.ts';
import { SOFTWARE_VERSION } from './software-version.ts';

export async function serveVerb(_args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const server = await serveApi({
    dir: options.dir,
    host: typeof options.host === 'string' ? options.host : '127.0.0.1',
    port: portOf(options.port),
    allowsRemote: options.allowRemote === true,
    softwareVersion: SOFTWARE_VERSION,
    readRegistry: () => loadRegistry(io),
    driveCommand: [process.execPath, join(io.root, 'lib/cli/drive-run.ts'), options.dir, io.root],
    environment: environment(),
    onRequest: ({ method, route, status, code, cause, requestId }) => {
      io.stderr.write(`${method} ${route ?? '(no route)'} ${status}${code === null ? '' : ` ${code} ${requestId}`}\n`);
      if (cause !== undefined && io.settings.debug) io.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`);
    },
    onTrouble: (runId, text) => void io.stderr.write(`run ${runId}: ${text}\n`),
  });
  if (options.json) writeJson(io, { url: server.url, dir: options.dir });
  else io.stdout.write(`${server.url}/v1/runs\n`);
  io.stderr.write('serving the runs of this machine; Ctrl-C ends it\n');
  await untilStopped(server);
  return 0;
}

/** `--port 0` takes a free one; throws `bad-usage`. */
function portOf(given: unknown): number {
  if (given === undefined) return 8080;
  if (typeof given === 'string' && /^\d{1,5}$/.test(given) && Number(given) <= 65_535) return Number(given);
  throw new BakeoffError({
    code: 'bad-usage',
    message: '--port is no number from 0 to 65535',
    remedy: 'Give a port, or 0 for a free one.',
  });
}

async function untilStopped(server: LocalServer): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve()).once('SIGTERM', () => resolve());
  });
  await server.close();
}
