/** Files of answers go to a folder that the model may write to as well: never through what it has put there. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import { answerFileSink, writeAnswerFiles } from '../../lib/driver/protocols/answer-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bakeoff-answer-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const WAYS: [string, (bytes: Buffer) => Promise<unknown>][] = [
  ['in the answer', (bytes) => writeAnswerFiles([{ contentType: 'video/mp4', bytes }], folder)],
  [
    'in pieces',
    (bytes) => {
      const sink = answerFileSink(folder, 'video/mp4', 100);
      for (const byte of bytes) sink.take(Buffer.from([byte]));
      return sink.finish();
    },
  ],
];

it.each(WAYS)('a file %s is written with its digest and size', async (_title, write) => {
  const bytes = Buffer.from('a video');
  const [claim] = [await write(bytes)].flat();
  expect(claim).toMatchObject({ kind: 'video', path: 'output-0.mp4', bytes: 7, sha256: sha256Hex(bytes) });
  expect(await readFile(join(folder, 'output-0.mp4'))).toEqual(bytes);
});

it.each(WAYS)('a file %s goes through no link and over no file', async (_title, write) => {
  const precious = join(folder, 'precious');
  await writeFile(precious, 'keep me');
  await symlink(precious, join(folder, 'output-0.mp4'));
  await expect(write(Buffer.from('a video'))).rejects.toMatchObject({ code: 'output-taken' });
  expect(await readFile(precious, 'utf8')).toBe('keep me');
});
