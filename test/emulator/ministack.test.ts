/** The emulator of the tests: several at once, each with a state of its own, and none that outlives its starter. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { startMiniStack } from './ministack.ts';

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

it('runs twice at once, with nothing in common, and leaves nothing behind', async () => {
  const both = await Promise.all([startMiniStack(), startMiniStack()]);
  const [one, other] = both.map(({ clientConfig }) => new S3Client(clientConfig));
  await one!.send(new CreateBucketCommand({ Bucket: 'only-here' }));
  expect((await one!.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual(['only-here']);
  expect((await other!.send(new ListBucketsCommand())).Buckets ?? []).toEqual([]);
  await Promise.all(both.map((each) => each.stop()));
  expect(await Promise.all(both.map(({ url }) => answers(url)))).toEqual([false, false]);
  expect(both.map(({ logFile }) => existsSync(dirname(logFile)))).toEqual([false, false]);
});

it('ends when its starter is killed', async () => {
  const program = `import { startMiniStack } from './ministack.ts'; console.log(JSON.stringify(await startMiniStack())); setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(import.meta.dirname),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) => starter.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  const { url, logFile }: { url: string; logFile: string } = JSON.parse(said);
  expect(await answers(url)).toBe(true);
  starter.kill('SIGKILL');
  // Until it is gone: a test that waits for ever fails by its own limit.
  while (await answers(url)) await pause(50);
  expect(await answers(url)).toBe(false);
  await rm(dirname(logFile), { recursive: true });
});

it('says why it did not come up', async () => {
  const first = await startMiniStack();
  await expect(startMiniStack({ port: first.port })).rejects.toThrow(/already in use/);
  await first.stop();
});
