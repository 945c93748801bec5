/** Every profile by its name, for `bakeoff score profile` and for the `score` section of a spec. */
import { BakeoffError } from '../errors.ts';
import { nearestName } from '../nearest-name.ts';
import { MLPERF_WAN22 } from './mlperf-wan22.ts';
import type { Profile } from './profile.ts';
import { VBENCH_2 } from './vbench-2.ts';
import { VBENCH_I2V } from './vbench-i2v.ts';
import { VBENCH_T2V } from './vbench-t2v.ts';

export const PROFILES: ReadonlyMap<string, Profile> = new Map(
  [VBENCH_T2V, VBENCH_I2V, VBENCH_2, MLPERF_WAN22].map((profile) => [profile.name, profile]),
);

/** A profile's name as specs write it. */
export const PROFILE_NAMES = ['vbench-t2v', 'vbench-i2v', 'vbench-2.0', 'mlperf-wan22'] as const;

/** The profile, or `unknown-profile` with the nearest name. */
export function findProfile(name: string): Profile {
  const profile = PROFILES.get(name);
  if (profile !== undefined) return profile;
  const nearest = nearestName(name, PROFILES.keys());
  throw new BakeoffError({
    code: 'unknown-profile',
    message: `there is no profile ${JSON.stringify(name)}${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    remedy: `Name one of ${[...PROFILES.keys()].join(', ')}.`,
  });
}
