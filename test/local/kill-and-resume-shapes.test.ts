/** The text-to-video example survives 27 kills, of the CLI, its driver, its model and evaluator servers and their workers. */
import { expect, it } from 'vitest';
import { expectAllLanded, killAndResume, undisturbedScores } from './kill-and-resume.ts';
import { drawMoments } from './kill-moments.ts';

it('holds the same samples and scores after 27 kills as without one', { timeout: 600_000 }, async () => {
  const moments = drawMoments(13, {
    install: ['cli', 'cli', 'cli'],
    load: ['cli', 'server', 'cli', 'driver'],
    infer: ['cli', 'worker', 'cli', 'server', 'cli', 'driver'],
    flush: ['cli', 'driver', 'cli'],
    evaluate: ['cli', 'server', 'cli', 'driver', 'worker', 'cli'],
    report: ['cli', 'cli', 'cli', 'cli', 'cli'],
  });
  expect(moments).toHaveLength(27);
  const spec = { example: 'shapes-steps.yaml', limit: 8, perItem: 2 };
  const expected = await undisturbedScores(spec);
  expectAllLanded(await killAndResume({ spec, moments }, expected));
});
