/** The golden vectors under test/fixtures are copies of published facts; where the originals lie beside the clone, they must agree. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const golden = join(import.meta.dirname, '../fixtures/golden');
const originals = join(import.meta.dirname, '../../../shared/data');

function read(folder: string, name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

describe.runIf(existsSync(originals))('the golden vectors', () => {
  it.each([
    ['text-metrics.json', 'text-metric-vectors.json'],
    ['early-stopping.json', 'mlperf-rules.json'],
  ])('%s holds nothing but what %s holds', (copy, original) => {
    expect(read(originals, original)).toMatchObject(read(golden, copy));
  });
});
