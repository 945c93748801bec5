/**
 * Keeps the memory of a long-running scoring process flat. Called once by an entry point, before it scores.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * V8 doubles its young generation, up to 128 MiB, when enough objects have survived in all. Scoring streams rows: each dies at
 * once, a few survive by chance, and a million of them would pay for room that nothing needs. The young generation stays as it is.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
