/**
 * The rules of the house, held on the real module graph: each entry is bundled with esbuild, and what it pulls in is compared
 * with what its folder may import; imports of types, which a bundle forgets, are read from the text. A failure names the chain of imports.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Rule {
  readonly from: string;
  /** Folders end in a slash, `node:` is all of Node, the rest are files and packages. The own folder is always allowed. */
  readonly may: readonly string[];
}

const RULES: readonly Rule[] = [
  { from: 'bin/', may: ['lib/cli/', 'lib/compose/', 'lib/core/', 'lib/driver/', 'lib/infra/', 'node:'] },
  {
    from: 'lambdas/',
    may: ['lib/api/', 'lib/compose/', 'lib/core/', 'lib/settings.ts', '@aws-lambda-powertools/', 'aws-lambda', 'zod', 'node:'],
  },
  {
    from: 'lib/infra/',
    may: ['lib/core/', 'lib/report/format-number.ts', 'lib/workflow/', 'aws-cdk-lib', 'constructs', 'cdk-nag', 'esbuild', 'zod', 'node:'],
  },
  { from: 'lib/settings.ts', may: ['lib/core/', 'zod', 'node:os', 'node:path'] },
  { from: 'lib/core/', may: ['zod', 'node:crypto', 'yaml'] },
  { from: 'lib/workflow/', may: ['lib/core/', 'lib/report/', 'zod'] },
  { from: 'lib/report/', may: ['lib/core/', 'zod', 'vega', 'diff', 'node:crypto'] },
  {
    from: 'lib/driver/',
    may: ['lib/core/', 'lib/settings.ts', 'lib/compose/', 'eventsource-parser', 'undici', 'mediabunny', 'zod', 'esbuild', 'node:'],
  },
  { from: 'lib/adapters/local/', may: ['lib/core/', 'zod', 'yaml', 'hyparquet', 'aws-local-stepfunctions', 'dockerode', 'node:'] },
  { from: 'lib/adapters/aws/', may: ['lib/core/', 'zod', '@aws-sdk/', '@smithy/', '@aws-crypto/', 'node:'] },
  { from: 'lib/conformance/', may: ['lib/core/', 'lib/driver/', 'zod', 'node:'] },
  { from: 'lib/api/', may: ['lib/core/', 'lib/workflow/', 'lib/report/', 'hono', 'zod', 'zod-openapi', 'node:crypto'] },
  { from: 'lib/doctor/', may: ['lib/core/', 'lib/compose/', 'node:'] },
  {
    from: 'lib/compose/',
    may: [
      'lib/core/',
      'lib/workflow/',
      'lib/report/',
      'lib/adapters/',
      'lib/api/',
      'lib/settings.ts',
      'zod',
      '@hono/node-server',
      '@aws-sdk/',
      'node:',
    ],
  },
  {
    from: 'lib/cli/',
    may: [
      ...['lib/core/', 'lib/workflow/', 'lib/report/', 'lib/api/', 'lib/compose/', 'lib/conformance/', 'lib/doctor/', 'lib/settings.ts'],
      ...['commander', 'log-update', 'zod', 'node:'],
    ],
  },
];

/** Narrower than their folder: what only these files may import. */
const ONLY: readonly { readonly imported: RegExp; readonly by: readonly string[] }[] = [
  { imported: /^yaml$/, by: ['lib/core/parse-spec-document.ts', 'lib/core/write-yaml.ts', 'lib/adapters/local/read-yaml-file.ts'] },
  { imported: /^lib\/compose\//, by: ['lib/driver/main.ts', 'lib/cli/', 'lib/doctor/', 'lib/compose/', 'bin/', 'lambdas/'] },
  { imported: /^lib\/adapters\//, by: ['lib/compose/', 'lib/adapters/'] },
  { imported: /^dockerode$/, by: ['lib/adapters/local/docker/'] },
  { imported: /^esbuild$/, by: ['lib/driver/image/', 'lib/infra/'] },
  { imported: /^aws-cdk-lib/, by: ['lib/infra/'] },
];

const sources = ['bin', 'lambdas', 'lib'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`),
);
const textOf = new Map(sources.map((file) => [file, withoutComments(readFileSync(join(root, file), 'utf8'))]));

const inputs: Metafile['inputs'] = {};
beforeAll(async () => {
  const entryPoints = sources.map((file) => join(root, file));
  const shared = { bundle: true, write: false, metafile: true, platform: 'node', format: 'esm', packages: 'external' } as const;
  const result = await build({ ...shared, entryPoints, outdir: join(root, 'out'), absWorkingDir: root, logLevel: 'silent' });
  Object.assign(inputs, result.metafile.inputs);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Every import of a file, those of types too, relative to the root. */
function importsOf(file: string): string[] {
  const bundled = inputs[file]?.imports.map((entry) => entry.path) ?? [];
  const written = [...(textOf.get(file) ?? '').matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)';$/gm)].map((match) => match[1] ?? '');
  return [...new Set([...bundled, ...written.map((path) => (path.startsWith('.') ? join(dirname(file), path) : path))])];
}

function chainTo(file: string): string {
  const importer = Object.entries(inputs).find(([, input]) => input.imports.some((entry) => entry.path === file));
  return importer === undefined ? file : `${importer[0]} -> ${file}`;
}

function isIn(place: string, path: string): boolean {
  return path === place || path.startsWith(place.endsWith('/') || place.endsWith(':') ? place : `${place}/`);
}

/** Files whose text has a match, with the match. */
function occurrences(pattern: RegExp, within: (file: string) => boolean): string[] {
  return [...textOf].flatMap(([file, text]) => (within(file) ? (text.match(pattern) ?? []).map((found) => `${file}: ${found}`) : []));
}

describe('the dependency rules', () => {
  it('see every source file, and have a rule for it', () => {
    expect(sources.length).toBeGreaterThan(200);
    expect(sources.filter((file) => inputs[file] === undefined)).toEqual([]);
    expect(sources.filter((file) => RULES.filter(({ from }) => isIn(from, file)).length !== 1)).toEqual([]);
  });

  it.each(RULES)('$from imports only what it may', ({ from, may }) => {
    const faults = sources
      .filter((file) => isIn(from, file))
      .flatMap((file) =>
        importsOf(file)
          .filter((imported) => ![from, ...may].some((place) => isIn(place, imported)))
          .map((imported) => `${chainTo(file)} -> ${imported}`),
      );
    expect(faults).toEqual([]);
  });

  it.each(RULES)('$from may import nothing that it does not need', ({ from, may }) => {
    const imported = sources.filter((file) => isIn(from, file)).flatMap(importsOf);
    expect(may.filter((place) => !imported.some((path) => isIn(place, path)))).toEqual([]);
  });

  it.each(ONLY)('$imported is imported only where it belongs', ({ imported, by }) => {
    const faults = sources
      .filter((file) => !by.some((place) => isIn(place, file)))
      .flatMap((file) =>
        importsOf(file)
          .filter((path) => imported.test(path))
          .map((path) => `${file} -> ${path}`),
      );
    expect(faults).toEqual([]);
  });

  it('let the supervisor start with Node alone', () => {
    const reached = new Set(['lib/adapters/local/process/supervisor.ts']);
    for (const file of reached) for (const entry of inputs[file]?.imports ?? []) reached.add(entry.path);
    expect([...reached].filter((path) => !path.startsWith('lib/adapters/local/process/') && !path.startsWith('node:'))).toEqual([]);
  });

  it('let nothing import in a circle', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file) || path.includes(file)) return;
      for (const entry of inputs[file]?.imports ?? []) visit(entry.path, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('know no barrels', () => {
    expect(sources.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual([]);
    expect(occurrences(/^export (\*|\{[^}]*\}) from .*$/gm, () => true)).toEqual([]);
  });
});

describe('what no import shows', () => {
  it('core and report have no clock, no randomness and no process: those are arguments', () => {
    const impure = /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|random(UUID|Bytes|Int)|setTimeout|setInterval|process\.\w+)\b/g;
    expect(occurrences(impure, (file) => file.startsWith('lib/core/') || file.startsWith('lib/report/'))).toEqual([]);
  });

  it('the environment is read in lib/settings.ts alone', () => {
    expect(occurrences(/\bprocess\.env\b/g, (file) => file !== 'lib/settings.ts')).toEqual([]);
  });

  it('every module says at its top what it is for', () => {
    const headless = sources.filter((file) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(root, file), 'utf8')));
    expect(headless).toEqual([]);
  });
});
