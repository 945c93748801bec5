/** Rule: an output file begins as files of its content type do. */
import { openInside } from '../../driver/open-inside.ts';
import { BadAnswer } from '../../driver/protocols/answer-guards.ts';
import { putGeneration, readGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

const ID = 'check-types';
const HEAD_BYTES = 16;

/** How files of a type begin: hexadecimal bytes at an offset, as their formats define it. */
const BEGINNINGS: ReadonlyMap<string, { readonly at: number; readonly hex: string }> = new Map([
  ['video/webm', { at: 0, hex: '1a45dfa3' }],
  ['video/x-matroska', { at: 0, hex: '1a45dfa3' }],
  ['video/mp4', { at: 4, hex: '66747970' }],
  ['image/png', { at: 0, hex: '89504e470d0a1a0a' }],
  ['image/jpeg', { at: 0, hex: 'ffd8ff' }],
  ['image/gif', { at: 0, hex: '47494638' }],
  ['audio/wav', { at: 0, hex: '52494646' }],
]);

export const filesAreWhatTheySay: Rule = {
  id: 'files-are-what-they-say',
  title: 'output files begin as files of their contentType do',
  protocols: ['native'],
  run: async (context) => {
    const { input, outputsDir } = context;
    if (input === null || outputsDir === null) return skipped('the folder of outputs, or an input, is not known');
    const read = readGeneration(await putGeneration(context, input, { id: ID, seed: 13 }), ID);
    if (!read.ok) return skipped('nothing was generated');
    const known = read.answer.files.flatMap((file) => {
      const beginning = BEGINNINGS.get(file.contentType.split(';', 1)[0] ?? '');
      return beginning === undefined ? [] : [{ ...file, ...beginning }];
    });
    if (known.length === 0) return skipped('the answer has no files of a type that can be told by its first bytes');
    for (const { path, contentType, at, hex } of known) {
      const seen = await headOf(outputsDir, path);
      if (seen === null) return skipped('its files are not where they should be');
      if (!seen.startsWith(hex, at * 2)) return failed(`${path} begins with ${seen}`, `Write ${contentType}, or say what it is.`);
    }
    return passed(known.map(({ contentType }) => contentType).join(', '));
  },
};

/** The first bytes in hexadecimal; null where writes-what-it-claims has more to say. */
async function headOf(outputsDir: string, path: string): Promise<string | null> {
  try {
    const handle = await openInside(outputsDir, [ID], path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead).toString('hex');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof BadAnswer) return null;
    throw error;
  }
}
