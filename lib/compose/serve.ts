/**
 * The composition root of the local server: the routes of the API over the stores of one machine. `bakeoff serve` is its only caller; it
 * listens on loopback unless told otherwise, and asks nobody who they are.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { sqliteRunIndex } from '../adapters/local/sqlite-run-index.ts';
import { createApi } from '../api/create-api.ts';
import type { ApiPorts, RequestLog } from '../api/ports.ts';
import { problemBody, problemOf } from '../api/problems.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import type { RunRecord } from '../core/job.ts';
import type { Registry } from '../core/registry.ts';
import { cancelRun } from '../workflow/cancel-run.ts';
import { launchRun } from '../workflow/launch-run.ts';
import { resumeRun } from '../workflow/resume-run.ts';
import { startEvaluation } from '../workflow/start-evaluation.ts';
import { runIdOfKey } from '../workflow/run-id.ts';
import { systemClock } from './clock.ts';
import { type LocalStores, openLocalStores, silentEvents } from './local.ts';
import { isInterrupted } from './run-owner.ts';
import { type RunQueue, runQueue } from './run-queue.ts';
import { isLoopbackHost, type Refusal, refusalOf } from './serve-guard.ts';
import { linkServer } from './serve-links.ts';

export interface ServeOptions {
  /** The folder of runs. */
  readonly dir: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Lets other machines in: nothing is asked of them. */
  readonly allowsRemote: boolean;
  readonly softwareVersion: string;
  readonly readRegistry: () => Promise<Registry>;
  /** Program and arguments that drive the run whose id is added to them. */
  readonly driveCommand: readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
  readonly onRequest: (entry: RequestLog) => void;
  readonly onTrouble: (runId: string, text: string) => void;
}

export interface LocalServer {
  readonly url: string;
  /** Stops listening; a run that goes on is interrupted and can be resumed. */
  readonly close: () => Promise<void>;
}

/** Throws `host-not-loopback` and `port-taken`. */
export async function serveApi(options: ServeOptions): Promise<LocalServer> {
  if (!isLoopbackHost(options.host) && !options.allowsRemote) throw notLoopback(options.host);
  const stores = openLocalStores(options.dir);
  const index = sqliteRunIndex(join(stores.folder, 'records.sqlite'));
  const queue = runQueue({
    runs: stores.runs,
    command: options.driveCommand,
    environment: options.environment,
    onTrouble: options.onTrouble,
  });
  // The port is known once it listens; links and the guard need it.
  let answer = async (_request: Request): Promise<Response> => new Response(null, { status: 503 });
  const server = createAdaptorServer({ fetch: (request: Request) => answer(request) });
  try {
    const port = await listen(server, options);
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
    const links = linkServer(url, stores.objects, systemClock);
    const ports = {
      ...localPorts(options, stores, queue),
      index,
      signLink: async (link: { key: string; seconds: number }) => links.sign(link),
    };
    const app = createApi(ports, { version: options.softwareVersion });
    answer = async (request) => {
      const refusal = refusalOf(request, { host: options.host, port });
      if (refusal !== null) return refused(refusal);
      return (await links.answer(request)) ?? app.fetch(request);
    };
    return {
      url,
      close: async () => {
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          if ('closeAllConnections' in server) server.closeAllConnections();
        });
        await queue.close();
        index.close();
        stores.close();
      },
    };
  } catch (error) {
    index.close();
    stores.close();
    throw error;
  }
}

function localPorts(options: ServeOptions, stores: LocalStores, queue: RunQueue): Omit<ApiPorts, 'index' | 'signLink'> {
  const { objects, runs } = stores;
  const { readRegistry, softwareVersion } = options;
  const workflow = { objects, runs, executions: queue, events: silentEvents, clock: systemClock, softwareVersion, readRegistry };
  const notHere = (what: string): BakeoffError =>
    problemOf('not-on-one-machine', `${what} only in a deployment`, 'Put the package below models/, or name its folder in BAKEOFF_MODELS.');
  return {
    ...{ objects, runs, instances: null, clock: systemClock, readRegistry },
    listImages: async () => [],
    runIdOf: (key) => (key === null ? `api-${randomBytes(8).toString('hex')}` : runIdOfKey({ idempotencyKey: key })),
    launch: (request) => launchRun(request, workflow),
    // The flag is enough: the driver of the run looks at it with every beat.
    cancel: (runId) => cancelRun(runId, { runs, clock: systemClock, stopper: { stopTask: async () => {}, stopTasks: async () => 0 } }),
    resume: (runId) => resumeRun(runId, workflow),
    evaluate: async (runId, wish) => startEvaluation(runId, wish, { ...workflow, registry: await readRegistry() }),
    registerModel: async () => {
      throw notHere('images are registered');
    },
    isInterrupted: (run: RunRecord) => isInterrupted(run) && !queue.has(run.runId),
    newRequestId: () => randomBytes(8).toString('hex'),
    log: options.onRequest,
  };
}

function listen(server: ReturnType<typeof createAdaptorServer>, { host, port }: ServeOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(host, port, error)));
    server.listen(port, host, () => resolve(portOf(server.address())));
  });
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function refused(refusal: Refusal): Response {
  const [message, remedy] =
    refusal === 'host-not-allowed'
      ? ['the Host header names another host than this server', 'Use the address that "bakeoff serve" has printed.']
      : ['the request comes from a page of another site', 'Call the API from a program, or from a page of this server.'];
  const body = problemBody(problemOf(refusal, message, remedy), randomBytes(8).toString('hex'));
  return new Response(JSON.stringify(body), {
    status: 403,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}

function notLoopback(host: string): BakeoffError {
  return new BakeoffError({
    code: 'host-not-loopback',
    message: `${JSON.stringify(host.slice(0, 100))} can be reached by other machines, and the server asks nobody who they are`,
    remedy: 'Leave --host out; or add --allow-remote where everybody who reaches it may start, read and cancel runs.',
  });
}

function cannotListen(host: string, port: number, cause: unknown): BakeoffError {
  return new BakeoffError({
    code: 'port-taken',
    message: `cannot listen on ${host} port ${port}: ${messageOf(cause)}`,
    remedy: 'Choose another port with --port, or 0 for a free one.',
    kind: 'environment',
    cause,
  });
}
