/**
 * The checks of `bakeoff doctor`, in the order in which they are told.
 */
import type { Machine } from '../compose/machine.ts';
import { checkContainers } from './docker-answers.ts';
import { checkCorePinning } from './core-pinning.ts';
import { checkCacheSpace, checkRunsSpace } from './disk-space.ts';
import type { Check, Finding } from './finding.ts';
import { checkCacheFolder, checkRunsFolder } from './folder-writable.ts';
import { checkLoopbackPort } from './loopback-port.ts';
import { checkNodeVersion } from './node-version.ts';
import { checkNpm } from './npm-present.ts';
import { checkPython } from './python-present.ts';
import { checkUv } from './uv-present.ts';

const CHECKS: readonly Check[] = [
  checkNodeVersion,
  checkPython,
  checkUv,
  checkNpm,
  checkRunsFolder,
  checkRunsSpace,
  checkCacheFolder,
  checkCacheSpace,
  checkLoopbackPort,
  checkCorePinning,
  checkContainers,
];

/** All findings; a check that fails on its own is a fault of ours and throws. */
export function examine(machine: Machine): Promise<Finding[]> {
  return Promise.all(CHECKS.map((check) => check(machine)));
}
