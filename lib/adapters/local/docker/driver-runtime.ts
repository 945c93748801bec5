/**
 * The image that drivers run in: this machine's own Node with the libraries that it links to, and nothing else, so that nothing has to be
 * pulled for it. Made once per Node. The driver's program is mounted. Called by the compute.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { BakeoffError } from '../../../core/errors.ts';
import type { DockerClient } from './docker-client.ts';
import { inspected } from './local-images.ts';

const run = promisify(execFile);
const NAME = 'bakeoff/driver-runtime';
const importedSchema = z.object({ status: z.string().regex(/^sha256:[0-9a-f]{64}/) });

/** The image's id. Throws `docker-needs-linux` where this machine's Node cannot run in a container. */
export async function driverRuntime(docker: DockerClient): Promise<string> {
  if (process.platform !== 'linux') throw needsLinux();
  const libraries = await librariesOf(process.execPath);
  const identity = JSON.stringify([process.version, process.arch, process.execPath, libraries]);
  const tag = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  const here = await inspected(docker, `${NAME}:${tag}`);
  if (here !== null) return here.Id;
  const root = await mkdtemp(join(tmpdir(), 'bakeoff-node-'));
  try {
    await copyFile(process.execPath, join(root, 'node'));
    for (const library of libraries) {
      await mkdir(join(root, dirname(library)), { recursive: true });
      await copyFile(library, join(root, library));
    }
    // The folders that a read-only root must have for what is mounted there.
    await mkdir(join(root, 'tmp'), { mode: 0o777 });
    return await importRoot(docker, root, tag);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function importRoot(docker: DockerClient, root: string, tag: string): Promise<string> {
  const tar = spawn('tar', ['--create', '--directory', root, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const answer = await docker.importImage(tar.stdout, { repo: NAME, tag });
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  const [last] = text.trim().split('\n').slice(-1);
  return importedSchema.parse(JSON.parse(last ?? '')).status;
}

/** Paths as the linker resolves them now (ldd(1)). */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]);
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
}

function needsLinux(): BakeoffError {
  return new BakeoffError({
    code: 'docker-needs-linux',
    message: `the environment "docker" needs Linux; this is ${process.platform}`,
    remedy: 'Use --env process, or run on Linux.',
    kind: 'environment',
  });
}
