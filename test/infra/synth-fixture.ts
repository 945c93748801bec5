/**
 * Synthesises the stacks of a deployment as bin/app.ts does, but with empty functions and named images: templates depend on neither. The
 * flags are those of cdk.json.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { manifestSchema } from '../../lib/core/manifest.ts';
import { parseDeploymentSettings } from '../../lib/infra/deployment-settings.ts';
import { Fleet } from '../../lib/infra/fleet.ts';
import { FUNCTION_NAMES } from '../../lib/infra/functions.ts';
import type { DeployedPackage } from '../../lib/infra/packages.ts';
import { type PlacementProps, type PlacedStacks, placeStacks } from '../../lib/infra/place-stacks.ts';

export const root = join(import.meta.dirname, '../..');

/** The context of cdk.json without the settings of a deployment. */
export function flags(): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  const { bakeoff: _settings, ...rest } = context;
  return rest;
}

let folder: string | undefined;

/** One file a function; the same for the whole process. */
function emptyFunctions(): string {
  if (folder !== undefined) return folder;
  folder = mkdtempSync(join(tmpdir(), 'bakeoff-functions-'));
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'index.mjs'), 'export const handler = async () => {};\n');
  }
  return folder;
}

export function somePackage(id: string, requirements: Record<string, unknown> = {}): DeployedPackage {
  const manifest = manifestSchema.parse({
    apiVersion: 'bakeoff/v1',
    kind: 'model',
    id,
    version: '1.0.0',
    title: id,
    tasks: ['tabular-regression'],
    protocol: 'native',
    runtime: { python: { version: '3.11', lock: 'requirements.lock' }, command: ['python', '-m', 'server'] },
    requirements: { accelerator: { kind: 'none' }, cpu: 1, memoryMiB: 1024, diskMiB: 400, maxConcurrency: 1, ...requirements },
    license: 'Apache-2.0',
  });
  return { manifest, digest: 'd'.repeat(64) };
}

export const GPU_PACKAGE = somePackage('needs-gpu', { accelerator: { kind: 'cuda', count: 1, minMemoryMiB: 8000 } });

export interface Synthesised extends PlacedStacks {
  readonly app: App;
  /** Throws what a guard found. */
  readonly templates: () => Record<string, CfnTemplate>;
}

export interface CfnTemplate {
  readonly Resources: Record<string, CfnResourceText>;
  readonly Outputs?: Record<string, unknown>;
}

export interface CfnResourceText {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is whatever was synthesised
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export function place(
  settings: Record<string, unknown> = {},
  props: Partial<PlacementProps> = {},
  context: Record<string, unknown> = {},
): Synthesised {
  const app = new App({
    context: { ...flags(), ...context },
    outdir: mkdtempSync(join(tmpdir(), 'bakeoff-synth-')),
    analyticsReporting: false,
  });
  const parsed = parseDeploymentSettings(settings);
  const stacks = placeStacks(app, {
    settings: parsed,
    packages: [somePackage('ridge'), GPU_PACKAGE],
    functionsFolder: emptyFunctions(),
    capacity: (scope) => new Fleet(scope, 'Fleet', parsed),
    images: () => ({ driver: 'example/driver:1', ofPackage: (id) => `example/${id}:1`, allowPullBy: () => {} }),
    volume: { kind: 'docker' },
    version: '1.2.3',
    ...props,
  });
  return { app, ...stacks, templates: () => templatesOf(app) };
}

function templatesOf(app: App): Record<string, CfnTemplate> {
  return Object.fromEntries(app.synth().stacks.map((stack) => [stack.stackName, stack.template]));
}
