/**
 * The CDK CLI is the pinned one. What the registry calls the latest is a stale 3.0.0 that cannot read what our library writes, so another
 * `cdk` on the PATH is told as well.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Machine } from '../compose/machine.ts';
import type { Finding } from './finding.ts';

const ID = 'cdk-cli';

/** `root`: the folder of package.json. */
export async function checkCdkCli(machine: Pick<Machine, 'findProgram'>, root: string): Promise<Finding> {
  const pinned = textAt(join(root, 'package.json'), ['devDependencies', 'aws-cdk']);
  const installed = textAt(join(root, 'node_modules/aws-cdk/package.json'), ['version']);
  if (installed === null || installed !== pinned) {
    const found = installed === null ? 'not installed' : `${installed} is installed; ${pinned} is pinned`;
    return { id: ID, status: 'warn', found: `${found}: nothing can be deployed from here`, remedy: 'Run `npm ci`.' };
  }
  const path = machine.findProgram('cdk');
  const other = path === null ? null : versionOfProgram(path);
  if (other === null || other === pinned) return { id: ID, status: 'ok', found: `aws-cdk ${installed}`, remedy: null };
  const found = `aws-cdk ${installed}, but \`cdk\` on the PATH is ${other} (${path})`;
  return { id: ID, status: 'warn', found, remedy: 'Deploy with `npx cdk`, which takes the pinned one, or remove the other.' };
}

/** Of the package that a program on the PATH belongs to; null where that is no aws-cdk. */
function versionOfProgram(path: string): string | null {
  for (let folder = dirname(realpathSync(path)); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return textAt(file, ['name']) === 'aws-cdk' ? textAt(file, ['version']) : null;
  }
  return null;
}

function textAt(path: string, keys: readonly string[]): string | null {
  if (!existsSync(path)) return null;
  let value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  for (const key of keys)
    value = typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined;
  return typeof value === 'string' ? value : null;
}
