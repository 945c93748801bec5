/**
 * What a fleet cannot give a spec: a class that it lacks, packages that fit nowhere, a budget without a price. Only a deployment has a
 * fleet, so only there the parser asks. Pure; called by parse-spec.ts.
 */
import type { Fleet } from './fleet.ts';
import { nearestName } from './nearest-name.ts';
import { type PlacementWish, placePackage, type Requirements, wishOf } from './place-package.ts';
import type { Registry } from './registry.ts';
import { offersOf } from './resolve-scorers.ts';
import type { Spec } from './spec.ts';
import { describeValue, type PathStep, type ProblemDraft } from './spec-problem.ts';

interface Wanted {
  readonly path: readonly PathStep[];
  readonly id: string;
  readonly requirements: Requirements;
  readonly wish: PlacementWish;
}

/** Problems in the order of the spec; names that nobody registered are told elsewhere. */
export function placementProblems(spec: Spec, registry: Registry, fleet: Fleet): ProblemDraft[] {
  const names = fleet.map(({ name }) => name);
  if (spec.compute.class !== 'auto' && !names.includes(spec.compute.class)) {
    const allowed = ['auto', ...names];
    return [
      {
        code: 'unknown-class',
        path: ['compute', 'class'],
        seen: describeValue(spec.compute.class),
        expected: `one of ${allowed.join(', ')}`,
        nearest: nearestName(spec.compute.class, allowed),
      },
    ];
  }
  return wantedBy(spec, registry).flatMap((wanted) => problemsOf(wanted, spec, fleet));
}

function wantedBy(spec: Spec, registry: Registry): Wanted[] {
  const models = spec.models.flatMap(({ model: id }, index): Wanted[] => {
    const requirements = registry.models.get(id)?.manifest.requirements;
    return requirements === undefined ? [] : [{ path: ['models', index, 'model'], id, requirements, wish: wishOf(spec, 'model') }];
  });
  const evaluators = spec.scorers.flatMap((scorer, index): Wanted[] =>
    offersOf(scorer, registry).flatMap(({ evaluator }) => {
      const requirements = evaluator === null ? undefined : registry.evaluators.get(evaluator)?.manifest.requirements;
      if (evaluator === null || requirements === undefined) return [];
      return [{ path: ['scorers', index], id: evaluator, requirements, wish: wishOf(spec, 'evaluator') }];
    }),
  );
  return [...models, ...evaluators];
}

function problemsOf({ path, id, requirements, wish }: Wanted, spec: Spec, fleet: Fleet): ProblemDraft[] {
  const placed = placePackage(requirements, wish, fleet);
  const seen = describeValue(id);
  if (placed.kind === 'unfit') return [{ code: 'no-class-fits', path, seen, detail: `${id} ${placed.message}` }];
  if (spec.budget === undefined || placed.price.usdPerHour !== null) return [];
  const detail = `${id} runs on ${placed.fleetClass.name}, and ${placed.price.reason}`;
  return [{ code: 'budget-without-price', path: ['budget'], seen: describeValue(spec.budget), detail }];
}
