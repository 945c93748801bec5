/** Rule: output files lie where the record says, with the digest that it says. */
import { sha256Hex } from '../../core/canonical-json.ts';
import { openInside } from '../../driver/open-inside.ts';
import { BadAnswer } from '../../driver/protocols/answer-guards.ts';
import type { ClaimedFile } from '../../driver/protocols/model-protocol.ts';
import { putGeneration, readGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

const ID = 'check-files';

export const writesWhatItClaims: Rule = {
  id: 'writes-what-it-claims',
  title: 'output files lie below output.dir, are no links, and have the claimed size and digest',
  protocols: ['native'],
  run: async (context) => {
    const { input, outputsDir } = context;
    if (input === null || outputsDir === null) return skipped('the folder of outputs, or an input, is not known');
    const read = readGeneration(await putGeneration(context, input, { id: ID, seed: 2 }), ID);
    if (!read.ok) return skipped('nothing was generated');
    if (read.answer.files.length === 0) return skipped('the answer has no files');
    try {
      for (const file of read.answer.files) await compare(outputsDir, file);
    } catch (error) {
      if (!(error instanceof BadAnswer)) throw error;
      return failed(error.message.slice(0, 200), 'Write regular files below output.dir and claim their relative path, size and SHA-256.');
    }
    return passed(`${read.answer.files.length} file(s) as claimed`);
  },
};

async function compare(outputsDir: string, claim: ClaimedFile): Promise<void> {
  const handle = await openInside(outputsDir, [ID], claim.path);
  try {
    const bytes = await handle.readFile();
    const sha256 = sha256Hex(bytes);
    if (bytes.length !== claim.bytes || sha256 !== claim.sha256) {
      throw new BadAnswer('output-digest-mismatch', `${claim.path} has ${bytes.length} bytes and digest ${sha256.slice(0, 12)}`);
    }
  } finally {
    await handle.close();
  }
}
