/** The build context of the driver's image: complete, equal wherever it is written, and able to start. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USERS } from '../../lib/core/environment-names.ts';
import { type DriverContext, writeDriverContext } from '../../lib/driver/image/build-bundle.ts';

const root = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'bakeoff-image-'));
const folder = join(scratch, 'one');
const given: { context: DriverContext | null } = { context: null };
beforeAll(async () => {
  given.context = await writeDriverContext(folder);
});
afterAll(() => rmSync(scratch, { recursive: true }));

function filesOf(at: string): Map<string, string> {
  const files = readdirSync(at, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => [join(entry.parentPath, entry.name).slice(at.length), readFileSync(join(entry.parentPath, entry.name), 'utf8')]),
  );
}

describe("the context of the driver's image", () => {
  it('is the same in every folder, and names none of this machine', async () => {
    const elsewhere = join(scratch, 'deep/er/two');
    await writeDriverContext(elsewhere);
    expect(filesOf(elsewhere)).toEqual(filesOf(folder));
    expect([...filesOf(folder)].filter(([, text]) => text.includes(root)).map(([name]) => name)).toEqual([]);
  });

  it('leaves nothing of an earlier bundle', async () => {
    const before = [...filesOf(folder).keys()];
    await writeDriverContext(folder);
    expect([...filesOf(folder).keys()]).toEqual(before);
  });

  it('starts with Node alone, and says what it lacks', () => {
    const env = { PATH: '/usr/bin:/bin' };
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bundle/main.mjs')], { cwd: scratch, env, encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('BAKEOFF_BUCKET');
  });

  it('has the licence of every package in it', () => {
    const text = readFileSync(join(folder, 'third-party-licenses.txt'), 'utf8');
    const sections = text.split(`\n${'-'.repeat(80)}\n\n`);
    expect(sections).toHaveLength(given.context?.packages.length ?? 0);
    const short = sections.filter((section) => section.length < 300 && !section.includes('that of the file LICENSE'));
    expect(short.map((section) => section.split('\n')[0])).toEqual([]);
    expect(filesOf(folder).get('/LICENSE')).toContain('Apache License');
  });

  it('runs as the user and in the group that hosts know, and gives them the volumes', () => {
    const dockerfile = readFileSync(join(folder, 'Dockerfile'), 'utf8');
    const user = `${USERS.driverUid}:${USERS.sharedGid}`;
    expect(dockerfile.match(/^USER .*$/gm)).toEqual([`USER ${user}`]);
    expect(dockerfile).toContain(`chown ${user} /outputs /inputs`);
    expect(dockerfile).toMatch(/^ARG BASE_IMAGE=node:24\S*\nFROM \$\{BASE_IMAGE\}$/m);
  });
});
