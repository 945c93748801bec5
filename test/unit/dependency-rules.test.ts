/**
 * The rules of the house, held on the real module graph: each entry is bundled with esbuild, and what it pulls in is compared
 * with what its folder may import. A failure names the chain of imports.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** For files under `from`: which packages and folders they may import directly. Own folder is always allowed. */
const RULES: readonly { from: string; may: readonly string[]; except?: readonly string[] }[] = [
  { from: 'lib/core/', may: ['zod', 'node:crypto', 'yaml'] },
  { from: 'lib/workflow/', may: ['lib/core/', 'lib/report/', 'zod', 'node:crypto'] },
  { from: 'lib/report/', may: ['lib/core/', 'zod', 'vega', 'diff', 'node:crypto'] },
  {
    from: 'lib/driver/',
    may: ['lib/core/', 'lib/settings.ts', 'lib/compose/', 'lib/workflow/', 'undici', 'mediabunny', 'image-size', 'zod', 'node:'],
  },
  { from: 'lib/adapters/local/', may: ['lib/core/', 'zod', 'yaml', 'aws-local-stepfunctions', 'node:'] },
  { from: 'lib/conformance/', may: ['lib/core/', 'lib/driver/', 'undici', 'zod', 'node:'] },
  { from: 'lib/doctor/', may: ['lib/core/', 'lib/compose/', 'node:'] },
  { from: 'lib/compose/', may: ['lib/', 'node:'] },
  {
    from: 'lib/cli/',
    may: [
      'lib/core/',
      'lib/workflow/',
      'lib/report/',
      'lib/compose/',
      'lib/conformance/',
      'lib/doctor/',
      'lib/settings.ts',
      'commander',
      'log-update',
      'zod',
      'node:',
    ],
  },
];

const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `lib/${file}`);

const inputs: Metafile['inputs'] = {};
beforeAll(async () => {
  const entryPoints = sources.map((file) => join(root, file));
  const shared = { bundle: true, write: false, metafile: true, platform: 'node', format: 'esm', packages: 'external' } as const;
  const result = await build({ ...shared, entryPoints, outdir: join(root, 'out'), absWorkingDir: root, logLevel: 'silent' });
  Object.assign(inputs, result.metafile.inputs);
});

function chainTo(file: string): string {
  const importer = Object.entries(inputs).find(([, input]) => input.imports.some((entry) => entry.path === file));
  return importer === undefined ? file : `${importer[0]} -> ${file}`;
}

function isAllowed(rule: (typeof RULES)[number], imported: string): boolean {
  return (
    imported.startsWith(rule.from) ||
    rule.may.some(
      (allowed) => imported === allowed || imported.startsWith(allowed.endsWith('/') || allowed.endsWith(':') ? allowed : `${allowed}/`),
    )
  );
}

describe('the dependency rules', () => {
  it('see every source file', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(Object.keys(inputs).length).toBeGreaterThanOrEqual(sources.length);
  });

  it.each(RULES)('$from imports only what it may', (rule) => {
    const faults = Object.entries(inputs)
      .filter(([file]) => file.startsWith(rule.from))
      .flatMap(([file, input]) =>
        input.imports.filter((entry) => !isAllowed(rule, entry.path)).map((entry) => `${chainTo(file)} -> ${entry.path}`),
      );
    expect(faults).toEqual([]);
  });

  it('name adapters only in lib/compose', () => {
    const faults = Object.entries(inputs)
      .filter(([file]) => !file.startsWith('lib/compose/') && !file.startsWith('lib/adapters/'))
      .flatMap(([file, input]) =>
        input.imports.filter((entry) => entry.path.startsWith('lib/adapters/')).map((entry) => `${file} -> ${entry.path}`),
      );
    expect(faults).toEqual([]);
  });

  it('let nothing import a barrel, and nothing at run time import aws-cdk-lib', () => {
    expect(sources.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual([]);
    const faults = Object.entries(inputs).flatMap(([file, input]) =>
      input.imports.filter((entry) => entry.path.startsWith('aws-cdk-lib')).map(() => file),
    );
    expect(faults.filter((file) => !file.startsWith('lib/infra/'))).toEqual([]);
  });
});
