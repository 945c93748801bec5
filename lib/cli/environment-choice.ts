/** What `--env` asks for, checked against the spec. Called by run and plan. */
import { BakeoffError } from '../core/errors.ts';
import type { RunEnvironment } from '../core/plan.ts';
import type { Spec } from '../core/spec.ts';

/** Throws `image-needs-docker`. */
export function environmentChoice(given: unknown, spec: Spec): RunEnvironment {
  const wanted = given === 'docker' || given === 'process' ? given : 'auto';
  const entry = spec.models.find(({ image }) => image !== undefined);
  if (wanted !== 'process' || entry === undefined) return wanted;
  throw new BakeoffError({
    code: 'image-needs-docker',
    message: `the model ${entry.model} is an image, which cannot run in the environment process`,
    remedy: 'Use --env docker, or leave --env out.',
  });
}
