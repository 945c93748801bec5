/** `bakeoff models list` and `bakeoff models show ID`: the packages that are registered, and what is wrong with those that are not. */
import { BakeoffError } from '../core/errors.ts';
import type { EvaluatorManifest, ModelManifest } from '../core/manifest.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { Registry } from '../core/registry.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { loadRegistry } from './load-spec.ts';
import { alignAndWrap, alignColumns, safeText, wrapText } from './wrap-text.ts';

export async function modelsListVerb(_args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const registry = await loadRegistry(io);
  const packages = packagesOf(registry);
  const faults = registry.faults.filter(({ kind }) => kind === 'package').map(faultOf);
  if (options.json) {
    writeJson(io, { packages: packages.map(({ manifest, digest, folder }) => summaryOf(manifest, digest, folder)), broken: faults });
    return 0;
  }
  const rows = packages.map(({ manifest }) => [manifest.id, kindOf(manifest), doesOf(manifest), manifest.title]);
  if (rows.length === 0) io.stdout.write('no packages\n');
  else io.stdout.write(`${alignAndWrap([['PACKAGE', 'KIND', 'DOES', 'TITLE'], ...rows], io.columns).join('\n')}\n`);
  for (const { id, error } of faults) io.stderr.write(`${wrapText(`${id} cannot be used: ${error.message}`, io.columns, '', '  ')}\n`);
  return 0;
}

export async function modelsShowVerb(args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const [id = ''] = args;
  const registry = await loadRegistry(io);
  const found = registry.models.get(id) ?? registry.evaluators.get(id);
  if (found === undefined) throw notFound(id, registry);
  const { manifest, digest, folder } = found;
  if (options.json) writeJson(io, { ...summaryOf(manifest, digest, folder), manifest });
  else io.stdout.write(`${describe(manifest, digest, folder, io.columns).join('\n')}\n`);
  return 0;
}

function packagesOf(registry: Registry) {
  return [...registry.models.values(), ...registry.evaluators.values()];
}

function faultOf({ id, folder, error }: Registry['faults'][number]) {
  return { id, folder, error: { code: error.code, message: error.message, remedy: error.remedy } };
}

function summaryOf(manifest: ModelManifest | EvaluatorManifest, digest: string, folder: string) {
  const { id, kind, version, title, license } = manifest;
  const head = { id, kind, version, title, license, digest, folder };
  if (manifest.kind === 'evaluator') return { ...head, scorers: Object.keys(manifest.scorers) };
  return { ...head, tasks: manifest.tasks, protocol: manifest.protocol, reference: manifest.reference };
}

function kindOf(manifest: ModelManifest | EvaluatorManifest): string {
  if (manifest.kind === 'evaluator') return 'evaluator';
  return manifest.reference ? 'reference' : 'model';
}

function doesOf(manifest: ModelManifest | EvaluatorManifest): string {
  return manifest.kind === 'evaluator' ? Object.keys(manifest.scorers).join(', ') : manifest.tasks.join(', ');
}

function describe(manifest: ModelManifest | EvaluatorManifest, digest: string, folder: string, columns: number): string[] {
  const { requirements, weights } = manifest;
  const megabytes = weights.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const facts = [
    ['package', `${manifest.id} ${manifest.version}: ${manifest.title}`],
    ['kind', kindOf(manifest)],
    ['does', doesOf(manifest)],
    ['protocol', manifest.protocol],
    ['runtime', runtimeText(manifest.runtime)],
    ['needs', `${requirements.cpu} CPU, ${requirements.memoryMiB} MiB memory, accelerator ${requirements.accelerator.kind}`],
    ['serves', `${requirements.maxConcurrency} at once`],
    ['weights', weights.length === 0 ? 'none' : `${weights.length} ${weights.length === 1 ? 'file' : 'files'}, ${megabytes.toFixed(1)} MB`],
    ['license', manifest.license],
    ['sha256', digest],
    ['folder', folder],
  ];
  const rows = manifest.kind === 'model' ? describeParams(manifest) : describeMetrics(manifest);
  return [...alignColumns(facts).map(safeText), '', ...(rows.length === 0 ? ['no params'] : alignAndWrap(rows, columns))];
}

function describeParams({ params }: ModelManifest): string[][] {
  const rows = Object.entries(params.properties).map(([name, schema]) => {
    const allowed =
      schema.enum?.map((value) => JSON.stringify(value)).join(' | ') ?? [schema.minimum ?? '', schema.maximum ?? ''].join('..');
    return [
      name,
      schema.type,
      schema.default === undefined ? 'required' : JSON.stringify(schema.default),
      allowed === '..' ? '' : allowed,
      schema.description ?? '',
    ];
  });
  return rows.length === 0 ? [] : [['PARAM', 'TYPE', 'DEFAULT', 'ALLOWED', ''], ...rows];
}

function describeMetrics({ scorers }: EvaluatorManifest): string[][] {
  const rows = Object.entries(scorers).flatMap(([scorer, { metrics }]) =>
    metrics.map(({ name, unit, direction, title }) => [
      `${scorer}.${name}`,
      unit,
      direction === 'none' ? 'diagnostic' : `${direction} is better`,
      title,
    ]),
  );
  return [['METRIC', 'UNIT', 'DIRECTION', ''], ...rows];
}

function notFound(id: string, registry: Registry): BakeoffError {
  const fault = registry.faults.find((candidate) => candidate.kind === 'package' && candidate.id === id);
  if (fault !== undefined) return fault.error;
  const known = packagesOf(registry).map(({ manifest }) => manifest.id);
  const nearest = nearestName(id, known);
  return new BakeoffError({
    code: 'unknown-model',
    message: `no package ${JSON.stringify(id)} is registered${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    remedy: 'Name a package that "bakeoff models list" shows.',
  });
}

function runtimeText(runtime: ModelManifest['runtime']): string {
  if ('image' in runtime) return `image ${runtime.image}`;
  return 'python' in runtime ? `Python ${runtime.python.version}` : 'Node';
}
