/**
 * The container API of this machine's Docker, and its errors in our words. Loaded when a container is needed, not before: the client takes
 * a tenth of a second to load. Used by the files of this folder.
 */
import type Docker from 'dockerode';
import { BakeoffError, messageOf } from '../../../core/errors.ts';

export type DockerClient = Docker;

export const DEFAULT_DOCKER_SOCKET = '/var/run/docker.sock';

/** Path of the socket that `DOCKER_HOST` names. Throws `docker-host` for anything but a socket: folders of this machine are mounted. */
export function dockerSocket(dockerHost: string | null): string {
  if (dockerHost === null) return DEFAULT_DOCKER_SOCKET;
  const path = /^unix:\/\/(\/.+)$/.exec(dockerHost)?.[1];
  if (path !== undefined) return path;
  throw new BakeoffError({
    code: 'docker-host',
    message: `DOCKER_HOST is ${JSON.stringify(dockerHost)}; expected a socket of this machine, unix:///path`,
    remedy: 'Unset DOCKER_HOST, or point it at the socket of a Docker on this machine: its containers mount folders of this machine.',
    kind: 'environment',
  });
}

/** Speaks to the daemon with the first call, not here. */
export async function dockerClient(socketPath: string): Promise<DockerClient> {
  const { default: Client } = await import('dockerode');
  return new Client({ socketPath });
}

/** The daemon is not there, or will not speak with us; null for any other error. */
export function daemonFault(cause: unknown, socketPath: string): BakeoffError | null {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'EACCES' || code === 'EPERM') {
    return new BakeoffError({
      code: 'docker-unreachable',
      message: `Docker's socket ${socketPath} may not be used by this user`,
      remedy: 'Add the user to the group docker and log in again, or run as root.',
      kind: 'environment',
      cause,
    });
  }
  if (code !== 'ENOENT' && code !== 'ECONNREFUSED' && code !== 'ECONNRESET' && code !== 'EPIPE') return null;
  return new BakeoffError({
    code: 'docker-unreachable',
    message: `no Docker daemon answers at ${socketPath} (${code})`,
    remedy: 'Start Docker, or use --env process for packages; `bakeoff doctor` tells whether it answers.',
    kind: 'environment',
    cause,
  });
}

/** The HTTP status of the daemon's answer, or null. */
export function statusOf(cause: unknown): number | null {
  return cause instanceof Error && 'statusCode' in cause && typeof cause.statusCode === 'number' ? cause.statusCode : null;
}

/** Does something to what may be gone already; true when it was there. */
export async function unlessGone(action: Promise<unknown>): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (cause) {
    // 304: it is already as wanted; 409: another one removes it right now.
    if ([304, 404, 409].includes(statusOf(cause) ?? 0)) return false;
    throw cause;
  }
}

/** What the daemon said, without the prefix of its client. */
export function daemonWords(cause: unknown): string {
  return messageOf(cause)
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .trim();
}
