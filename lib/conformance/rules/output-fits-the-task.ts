/** Rule: the answer is of the kind that scorers of the task read. */
import type { ModelAnswer } from '../../driver/protocols/model-protocol.ts';
import { putGeneration, readGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

const ID = 'check-kind';

interface Expected {
  readonly what: string;
  readonly isMet: (answer: ModelAnswer) => boolean;
}

const A_TEXT: Expected = {
  what: 'a text',
  isMet: ({ text, files }) => text !== null || files.some(({ kind }) => kind === 'text'),
};

const EXPECTED: ReadonlyMap<string, Expected> = new Map([
  [
    'text-to-video',
    {
      what: 'a file of kind video with a video/… type, width, height and frames',
      isMet: ({ files }: ModelAnswer) =>
        files.some(
          ({ kind, contentType, width, height, frames }) =>
            kind === 'video' && contentType.startsWith('video/') && Boolean(width) && Boolean(height) && Boolean(frames),
        ),
    },
  ],
  ['image-to-text', A_TEXT],
  ['chat', A_TEXT],
  ['tabular-regression', { what: 'a number under output.value', isMet: ({ value }: ModelAnswer) => typeof value === 'number' }],
]);

export const outputFitsTheTask: Rule = {
  id: 'output-fits-the-task',
  title: 'the output is what its task asks for: a video with its facts, a text, a number',
  protocols: ['native'],
  run: async ({ input, ...context }) => {
    if (input === null) return skipped('no registered suite has this task');
    const expected = EXPECTED.get(input.task);
    if (expected === undefined) return skipped(`nothing is known of the outputs of ${input.task}`);
    const read = readGeneration(await putGeneration({ input, ...context }, input, { id: ID, seed: 12 }), ID);
    if (!read.ok) return skipped(`nothing was generated: ${read.failure.code}`);
    if (expected.isMet(read.answer)) return passed(expected.what);
    const { text, value, files } = read.answer;
    const seen = JSON.stringify({
      text: text?.slice(0, 40) ?? null,
      value,
      files: files.map(({ path, contentType }) => [path, contentType]),
    });
    return failed(seen.slice(0, 200), `Answer ${input.task} with ${expected.what}.`);
  },
};
