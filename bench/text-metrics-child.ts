/**
 * Scores a small and then a large file of rows or numbers in this process, as `bakeoff score text` and `bakeoff stats` do, interval included,
 * and prints `{value, seconds, baseMiB, peakMiB}`: time of the large one, peak memory after the small one and after both.
 */
import { readText } from '../lib/cli/read-text.ts';
import { keepYoungGenerationSmall } from '../lib/compose/steady-memory.ts';
import { numberLines } from '../lib/core/measures/number-lines.ts';
import { summariseNumbers } from '../lib/core/measures/number-summary.ts';
import { scoreTexts } from '../lib/core/text/score-texts.ts';
import { textMetric } from '../lib/core/text/text-metrics.ts';

const [name = '', variant = '', small = '', large = ''] = process.argv.slice(2);
const io = { cwd: process.cwd() };

async function score(file: string): Promise<number | null> {
  if (name === 'stats') {
    const lines = numberLines();
    for await (const text of readText(file, io)) lines.write(text);
    const { mean, percentiles } = summariseNumbers(lines.end(), {});
    return (mean ?? 0) + (percentiles.p99?.empirical ?? 0);
  }
  const scoring = scoreTexts(textMetric(name, variant), { keepRows: false });
  for await (const text of readText(file, io)) scoring.write(text);
  return scoring.end().score.value;
}

const peakMiB = (): number => process.resourceUsage().maxRSS / 1024;

keepYoungGenerationSmall();
await score(small);
const baseMiB = peakMiB();
const startedMs = performance.now();
const value = await score(large);
console.log(JSON.stringify({ value, seconds: (performance.now() - startedMs) / 1000, baseMiB, peakMiB: peakMiB() }));
