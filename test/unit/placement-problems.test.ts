/** What a deployment's fleet refuses, told with its place in the document; and what one machine says instead. */
import { describe, expect, it } from 'vitest';
import type { Fleet } from '../../lib/core/fleet.ts';
import { oneMachineNotes } from '../../lib/core/one-machine-notes.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';
import type { Requirements } from '../../lib/core/place-package.ts';
import type { Registry } from '../../lib/core/registry.ts';
import { SHAPES_SPEC, testRegistry } from '../fixtures/registry-fixture.ts';

const shared = { market: 'on-demand', maxInstances: 1, rootVolumeGiB: 100 } as const;
const FLEET: Fleet = [
  { name: 'cpu', instanceType: 'c7i.xlarge', ...shared },
  { name: 'g6e-xlarge', instanceType: 'g6e.xlarge', ...shared, market: 'spot' },
  // Nobody read its On-Demand price.
  { name: 'unpriced', instanceType: 'p5e.48xlarge', ...shared },
];

function withCompute(compute: string): string {
  return SHAPES_SPEC.replace('compute: { class: auto, maxParallelJobs: 1 }', compute);
}

function registryWith(id: string, changes: Partial<Requirements>): Registry {
  const change = <T extends { manifest: { requirements: Requirements } }>(entries: ReadonlyMap<string, T>) =>
    new Map(
      [...entries].map(([key, entry]) => {
        const requirements = key === id ? { ...entry.manifest.requirements, ...changes } : entry.manifest.requirements;
        return [key, { ...entry, manifest: { ...entry.manifest, requirements } }] as const;
      }),
    );
  return { ...testRegistry, models: change(testRegistry.models), evaluators: change(testRegistry.evaluators) };
}

function problemsOf(text: string, registry: Registry = testRegistry, fleet: Fleet | undefined = FLEET) {
  const parsed = parseSpec(text, fleet === undefined ? { registry } : { registry, fleet });
  return parsed.ok ? [] : parsed.problems;
}

describe('a fleet', () => {
  it('refuses nothing that fits', () => {
    expect(problemsOf(SHAPES_SPEC)).toEqual([]);
    expect(problemsOf(withCompute('compute: { class: g6e-xlarge, spot: true }\nbudget: { maxUsd: 25, onExceed: stop }'))).toEqual([]);
  });

  it('refuses a class that it lacks, at its place, with the nearest name', () => {
    expect(problemsOf(withCompute('compute: { class: g6-xlarge }'))).toMatchObject([
      { code: 'unknown-class', path: 'compute.class', line: 15, column: 19, seen: '"g6-xlarge"', nearest: 'g6e-xlarge' },
    ]);
  });

  it('refuses a model that fits nowhere, naming the nearest class and what it lacks', () => {
    const registry = registryWith('pocket-t2v', { accelerator: { kind: 'cuda', minMemoryMiB: 45_000 } });
    const fleet = FLEET.slice(0, 2);
    expect(problemsOf(SHAPES_SPEC, registry, fleet)).toMatchObject([
      {
        code: 'no-class-fits',
        path: 'models[0].model',
        line: 7,
        message:
          'no class of the fleet has what the package needs: pocket-t2v needs 45,000 MiB of GPU memory; ' +
          'the nearest class g6e-xlarge has 44,752 MiB after the reserve',
      },
    ]);
  });

  it('refuses an evaluator that fits nowhere, at the scorer that asks for it, whatever class the models name', () => {
    const [id = ''] = [...testRegistry.evaluators.keys()];
    const registry = registryWith(id, { memoryMiB: 10_000_000 });
    const found = problemsOf(withCompute('compute: { class: cpu }'), registry);
    expect(new Set(found.map(({ code }) => code))).toEqual(new Set(['no-class-fits']));
    expect(found.every(({ path }) => path.startsWith('scorers['))).toBe(true);
  });

  it('refuses a budget that nobody could keep', () => {
    const found = problemsOf(withCompute('compute: { class: unpriced }\nbudget: { maxUsd: 25 }'));
    expect(found.map(({ code, path }) => [code, path])).toEqual([['budget-without-price', 'budget']]);
    expect(found[0]?.message).toContain('no On-Demand price of p5e.48xlarge');
  });

  it('is asked by a deployment alone: one machine accepts the same spec', () => {
    const parsed = parseSpec(withCompute('compute: { class: g6-xlarge, spot: false }\nbudget: { maxUsd: 25 }'), { registry: testRegistry });
    expect(parsed).toMatchObject({ ok: true, spec: { budget: { maxUsd: 25, onExceed: 'stop' } } });
  });
});

describe('one machine', () => {
  const compute = { class: 'auto', maxParallelJobs: 1 };

  it('says in one line each what applies to a deployment', () => {
    const notes = oneMachineNotes({ compute: { ...compute, class: 'g6-xlarge', spot: true }, budget: { maxUsd: 25, onExceed: 'stop' } });
    expect(notes.map((note) => note.split(' applies')[0])).toEqual(['compute.class "g6-xlarge"', 'compute.spot', 'budget']);
  });

  it('says nothing of what a spec leaves out', () => {
    expect(oneMachineNotes({ compute })).toEqual([]);
  });
});
