/** Every check of our own, in the order in which they are told. A new check is a file beside this one and a line here. */
import { alarmRunbook } from './alarm-runbook.ts';
import type { Check } from './check.ts';
import { deadLetterCheck } from './dead-letters.ts';
import { functionSettings } from './function-settings.ts';
import { knownActions } from './known-actions.ts';
import { noStarActions } from './no-star-actions.ts';
import { noStarResources } from './no-star-resources.ts';
import { overrideSize } from './override-size.ts';
import { retainedData } from './retained-data.ts';
import { taskLimits } from './task-limits.ts';
import { userDataSize } from './user-data-size.ts';

export const CHECKS: readonly Check[] = [
  ...[noStarActions, knownActions, noStarResources],
  ...[functionSettings, deadLetterCheck, alarmRunbook, retainedData],
  ...[taskLimits, overrideSize, userDataSize],
];
