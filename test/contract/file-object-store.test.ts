/** The file adapter keeps the object store's contract, and explains what the disk refuses. */
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileObjectStore, sweepAside } from '../../lib/adapters/local/file-object-store.ts';
import { objectStoreContract } from './object-store-contract.ts';

const emptyFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'bakeoff-store-'));

objectStoreContract('a folder of files', async () => fileObjectStore(await emptyFolder()));

it('leaves nothing on its way behind', async () => {
  const folder = await emptyFolder();
  const store = fileObjectStore(folder);
  await store.put('a/b', 'one');
  await store.put('a/b', 'two', { ifAbsent: true });
  expect(await readdir(join(folder, '.aside'))).toEqual([]);
});

it('sweeps what a dead process left, and keeps what a living one is writing', async () => {
  const folder = await emptyFolder();
  await mkdir(join(folder, '.aside'));
  await writeFile(join(folder, '.aside', '4194304-dead'), 'half');
  await writeFile(join(folder, '.aside', `${process.pid}-mine`), 'half');
  await sweepAside(folder);
  expect(await readdir(join(folder, '.aside'))).toEqual([`${process.pid}-mine`]);
});

it('says that a path is unusable when a file stands where its folder should be', async () => {
  const folder = await emptyFolder();
  await writeFile(join(folder, 'runs'), 'in the way');
  await expect(fileObjectStore(folder).put('runs/r1/plan.json', 'x')).rejects.toThrow(/runs/);
});
