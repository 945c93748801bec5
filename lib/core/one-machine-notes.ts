/** What a spec asks for that one machine has not: said in a plain line, never refused, so that one spec serves both. Called by `bakeoff run` and `plan`. */
import type { Spec } from './spec.ts';

/** One sentence for each; empty for most specs. */
export function oneMachineNotes({ compute, budget }: Pick<Spec, 'compute' | 'budget'>): string[] {
  return [
    ...(compute.class === 'auto' ? [] : [`compute.class "${compute.class}" applies to a deployment: all models run on this machine`]),
    ...(compute.spot === undefined ? [] : ['compute.spot applies to a deployment: this machine is neither Spot nor On-Demand']),
    ...(budget === undefined ? [] : ['budget applies to a deployment: this machine has no price, and nothing stops the run']),
  ];
}
