/** The OCR example survives 26 kills, of the CLI, its driver, its model servers and their workers. */
import { expect, it } from 'vitest';
import { expectAllLanded, killAndResume, undisturbedScores } from './kill-and-resume.ts';
import { drawMoments } from './kill-moments.ts';

it('holds the same samples and scores after 26 kills as without one', { timeout: 600_000 }, async () => {
  const moments = drawMoments(11, {
    install: ['cli', 'cli', 'cli'],
    load: ['cli', 'cli', 'server', 'cli', 'driver', 'cli'],
    infer: ['cli', 'worker', 'cli', 'server', 'cli', 'driver', 'cli', 'cli'],
    flush: ['cli', 'cli', 'driver', 'cli'],
    evaluate: [],
    report: ['cli', 'cli', 'cli', 'cli', 'cli'],
  });
  expect(moments).toHaveLength(26);
  const spec = { example: 'ocr-lines.yaml', limit: 20, perItem: 5 };
  const expected = await undisturbedScores(spec);
  expectAllLanded(await killAndResume({ spec, moments }, expected));
});
