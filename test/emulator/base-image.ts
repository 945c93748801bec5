/**
 * The base image of the emulator level: Debian bookworm by debootstrap, with CPython 3.11, pip, venv, and the Node that runs the tests
 * with a pinned npm. Made without a container registry; kept under a tag that hashes its recipe, so that a second run makes nothing.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasImage, IMAGE_PREFIX, OURS } from './image-names.ts';
import { runCommand } from './run-command.ts';

/** Change it when the steps below change. */
const RECIPE_VERSION = 3;
const SUITE = 'bookworm';
const PACKAGES = ['ca-certificates', 'python3', 'python3-pip', 'python3-venv', 'libstdc++6', 'libgomp1'];
const NPM_VERSION = '11.6.2';
const HOST_CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
/** Not needed to run programs; a third of the size. */
const LEFT_OUT = ['var/cache/apt', 'var/lib/apt/lists', 'var/log', 'usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info'];

/** Tag of the base image, made when it is missing. */
export async function ensureBaseImage(root: string): Promise<string> {
  const certificates = existsSync(HOST_CERTIFICATES) ? readFileSync(HOST_CERTIFICATES) : null;
  const recipe = JSON.stringify([RECIPE_VERSION, SUITE, PACKAGES, process.version, NPM_VERSION, LEFT_OUT]);
  const hash = createHash('sha256').update(recipe);
  if (certificates !== null) hash.update(certificates);
  const tag = `${IMAGE_PREFIX}/base:${hash.digest('hex').slice(0, 16)}`;
  if (await hasImage(tag)) return tag;
  process.stdout.write(`making the base image ${tag}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'bakeoff-base-'));
  try {
    const tree = join(folder, 'tree');
    await runCommand('debootstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, tree]);
    await addNode(root, folder, tree);
    if (certificates !== null) writeFileSync(join(tree, HOST_CERTIFICATES), certificates);
    for (const path of LEFT_OUT) rmSync(join(tree, path), { recursive: true, force: true });
    // The images install into the system's Python: there is no other in them.
    rmSync(join(tree, 'usr/lib/python3.11/EXTERNALLY-MANAGED'), { force: true });
    await importTree(tree, tag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tag;
}

async function addNode(root: string, folder: string, tree: string): Promise<void> {
  cpSync(join(root, 'node_modules/node/bin/node'), join(tree, 'usr/local/bin/node'));
  const npm = join(folder, 'npm');
  await runCommand('npm', ['install', '--prefix', npm, '--no-audit', '--no-fund', '--ignore-scripts', `npm@${NPM_VERSION}`], {
    cwd: folder,
  });
  cpSync(join(npm, 'node_modules/npm'), join(tree, 'usr/local/lib/node_modules/npm'), { recursive: true });
  await runCommand('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(tree, 'usr/local/bin/npm')]);
}

async function importTree(tree: string, tag: string): Promise<void> {
  const settings = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `PIP_CERT=${HOST_CERTIFICATES}`,
    `SSL_CERT_FILE=${HOST_CERTIFICATES}`,
    `NODE_EXTRA_CA_CERTS=${HOST_CERTIFICATES}`,
    'PIP_DISABLE_PIP_VERSION_CHECK=1',
  ];
  const changes = [...settings.map((setting) => `ENV ${setting}`), `LABEL ${OURS}=base`];
  const changeArgs = changes.map((change) => `--change '${change}'`).join(' ');
  await runCommand('bash', [
    '-c',
    `set -o pipefail; tar -C '${tree}' --numeric-owner --one-file-system -c . | docker import ${changeArgs} - '${tag}'`,
  ]);
}
