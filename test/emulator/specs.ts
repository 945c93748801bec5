/** Specs of the level: the examples as they are, and small ones with something to disturb. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './world.ts';
import type { Example } from './reference-runs.ts';

export const exampleText = (example: Example): string => readFileSync(join(ROOT, 'examples', `${example}.yaml`), 'utf8');

/** Long enough to be struck in the middle: one job, `limit` prompts, clips of sixteen steps each, about a third of a second apiece. */
export function slowSpec(name: string, limit: number, perItem = 1): string {
  return JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name,
    suite: 'shapes',
    samples: { perItem, seed: 7, limit },
    models: [{ model: 'pocket-t2v', params: { steps: 16 } }],
    load: { mode: 'closed', concurrency: 1, warmup: 1 },
    limits: { ready: '3m', sample: '1m', job: '15m' },
    scorers: ['latency', 'resources'],
  });
}

/** Over in seconds. */
export function quickSpec(name: string, gates?: readonly object[]): string {
  return JSON.stringify({
    apiVersion: 'bakeoff/v1',
    name,
    suite: 'diabetes',
    samples: { perItem: 1, seed: 7, limit: 10 },
    models: [{ model: 'mean-baseline' }],
    load: { mode: 'closed', concurrency: 1, warmup: 0 },
    scorers: ['latency', 'resources', 'numbers'],
    score: { rankBy: 'numbers.mae' },
    ...(gates === undefined ? {} : { gates }),
  });
}

/** Wrong in three places at once. */
export const BROKEN_SPEC = [
  'apiVersion: bakeoff/v1',
  'name: broken',
  'suite: diabetis',
  'models:',
  '  - model: rigde',
  'scorers: [latency, nmbers]',
  '',
].join('\n');
