/** `bakeoff suites list` and `bakeoff suites show SUITE`: the suites that are registered, or one that lies in a folder. */
import { resolve } from 'node:path';
import { readLocalSuite } from '../compose/local-registry.ts';
import { BakeoffError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { RegisteredSuite } from '../core/registry.ts';
import { isSuitePath } from '../core/spec.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { loadRegistry } from './load-spec.ts';
import { alignColumns, safeText, wrapText } from './wrap-text.ts';

export async function suitesListVerb(_args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const registry = await loadRegistry(io);
  const suites = [...registry.suites.values()];
  const faults = registry.faults.filter(({ kind }) => kind === 'suite');
  if (options.json) {
    const broken = faults.map(({ id, folder, error }) => ({
      id,
      folder,
      error: { code: error.code, message: error.message, remedy: error.remedy },
    }));
    writeJson(io, { suites: suites.map(summaryOf), broken });
    return 0;
  }
  const rows = suites.map(({ manifest, itemCount }) => [manifest.id, String(itemCount), manifest.task, manifest.title]);
  if (rows.length === 0) io.stdout.write('no suites\n');
  else
    io.stdout.write(
      `${alignColumns([['SUITE', 'ITEMS', 'TASK', 'TITLE'], ...rows])
        .map(safeText)
        .join('\n')}\n`,
    );
  for (const { id, error } of faults) io.stderr.write(`${wrapText(`${id} cannot be used: ${error.message}`, io.columns, '', '  ')}\n`);
  return 0;
}

export async function suitesShowVerb(args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const [name = ''] = args;
  const suite = isSuitePath(name) ? await readLocalSuite(resolve(io.cwd, name)) : await findSuite(name, io);
  if (options.json) writeJson(io, { ...summaryOf(suite), manifest: suite.manifest, attributes: suite.attributes });
  else io.stdout.write(`${describe(suite, io.columns).join('\n')}\n`);
  return 0;
}

function summaryOf({ manifest, digest, folder, itemCount }: RegisteredSuite) {
  const { id, version, title, task, license } = manifest;
  return { id, version, title, task, license, items: itemCount, digest, folder };
}

async function findSuite(id: string, io: VerbIo): Promise<RegisteredSuite> {
  const registry = await loadRegistry(io);
  const suite = registry.suites.get(id);
  if (suite !== undefined) return suite;
  const fault = registry.faults.find((candidate) => candidate.kind === 'suite' && candidate.id === id);
  if (fault !== undefined) throw fault.error;
  const nearest = nearestName(id, registry.suites.keys());
  throw new BakeoffError({
    code: 'unknown-suite',
    message: `no suite ${JSON.stringify(id)} is registered${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    remedy: 'Name a suite that "bakeoff suites list" shows, or give the path of its folder (./name).',
  });
}

function describe({ manifest, digest, folder, itemCount, attributes }: RegisteredSuite, columns: number): string[] {
  const facts = [
    ['suite', `${manifest.id} ${manifest.version}: ${manifest.title}`],
    ['task', manifest.task],
    ['items', String(itemCount)],
    ['license', manifest.license],
    ['source', manifest.source],
    ['sha256', digest],
    ['folder', folder],
  ];
  const rows = Object.entries(attributes).map(
    ([name, values]) => `${name}: ${values.slice(0, 20).join(', ')}${values.length > 20 ? ', …' : ''}`,
  );
  return [
    ...alignColumns(facts).map(safeText),
    '',
    wrapText(manifest.description.trim(), columns, '', ''),
    ...(rows.length === 0 ? [] : ['', 'attributes', ...rows.map((row) => wrapText(row, columns, '  ', '    '))]),
  ];
}
