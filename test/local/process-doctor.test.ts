/** `bakeoff doctor` and `bakeoff clean`, on a real cache and folders. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MARKER } from '../../lib/adapters/local/process/build-aside.ts';
import { environments } from '../../lib/adapters/local/process/environments.ts';
import { cleanVerb } from '../../lib/cli/clean.ts';
import { doctorVerb } from '../../lib/cli/doctor.ts';
import type { VerbIo } from '../../lib/cli/io.ts';
import { openLocalStores } from '../../lib/compose/local.ts';
import { thisOwner } from '../../lib/compose/run-owner.ts';
import { thisMachine } from '../../lib/compose/machine.ts';
import { examine } from '../../lib/doctor/list.ts';
import { readSettings, type Settings } from '../../lib/settings.ts';
import { digestOf, openWorkbench, type Workbench } from './process/tiny-packages.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench();
});
afterAll(() => rmSync(bench.root, { recursive: true, force: true }));

interface Place {
  readonly dir: string;
  readonly cacheDir: string;
  readonly settings: Settings;
  readonly io: VerbIo;
  readonly text: () => string;
}

function placeOf(changes: Record<string, string> = {}): Place {
  const folder = mkdtempSync(join(bench.root, 'place-'));
  const cacheDir = join(folder, 'cache');
  const settings = readSettings({ ...bench.env, BAKEOFF_CACHE: cacheDir, BAKEOFF_PYTHON: bench.python.executable, ...changes });
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text) };
  const io = { stdout: sink, stderr: sink, settings, root: '.', cwd: folder, isTty: false, isStdoutTty: false, columns: 120 };
  return { dir: join(folder, 'out'), cacheDir: settings.cacheDir, settings, io, text: () => written.join('') };
}

describe('bakeoff doctor', () => {
  it('finds nothing missing on a machine that can run, makes no folder, and exits 0', async () => {
    const place = placeOf();

    const exitCode = await doctorVerb([], { dir: place.dir, json: true }, place.io);

    const document = JSON.parse(place.text());
    expect(exitCode).toBe(0);
    expect(document.able).toBe(true);
    expect(document.findings.filter((finding: { status: string }) => finding.status === 'missing')).toEqual([]);
    expect(existsSync(place.dir) || existsSync(place.cacheDir)).toBe(false);
  });

  it('exits 4 and tells a remedy for everything that is missing', async () => {
    const blocked = join(bench.root, 'a-file');
    writeFileSync(blocked, '');
    const place = placeOf({ PATH: '/nowhere', BAKEOFF_PYTHON: '/nowhere/python', BAKEOFF_CACHE: blocked });

    const exitCode = await doctorVerb([], { dir: place.dir, json: false }, place.io);

    const findings = await examine(thisMachine(place.settings, place.dir));
    const missing = findings.filter((finding) => finding.status === 'missing');
    expect(exitCode).toBe(4);
    expect(missing.map((finding) => finding.id)).toEqual(['python', 'npm', 'cache-folder']);
    expect(missing.every((finding) => finding.remedy !== null && /^[A-Z].*\.$/.test(finding.remedy))).toBe(true);
    for (const finding of missing) expect(place.text()).toContain(`missing  ${finding.id}`);
  });

  it('warns of a Node that is not the tested one', async () => {
    const place = placeOf();

    const findings = await examine({ ...thisMachine(place.settings, place.dir), nodeVersion: '22.20.0' });

    expect(findings.find((finding) => finding.id === 'node')).toMatchObject({ status: 'warn', found: 'Node 22.20.0, not tested' });
  });
});

describe('bakeoff clean', () => {
  const build = async (place: Place) => {
    const made = environments({ cacheDir: place.cacheDir, python: bench.python.executable, installerEnv: bench.env });
    return { made, environment: await made.prepare(bench.pythonPackage('tiny', '1.0.0')) };
  };
  const built = (place: Place) => readdirSync(join(place.cacheDir, 'environments'));
  const clean = (place: Place, options: Record<string, boolean> = {}) =>
    cleanVerb([], { dir: place.dir, json: true, ...options }, place.io);

  it('removes what killed builders left, keeps what is in use or was used lately, and says what it freed', async () => {
    const place = placeOf();
    const { environment } = await build(place);
    const aside = join(place.cacheDir, 'environments', `${digestOf('killed')}.aside-00ff00ff`);
    mkdirSync(aside);
    writeFileSync(join(aside, 'half'), 'x'.repeat(3 << 20));

    expect(await clean(place)).toBe(0);

    const document = JSON.parse(place.text());
    expect(document).toMatchObject({ removed: [aside], inUse: [] });
    expect(document.freedBytes).toBeGreaterThanOrEqual(3 << 20);
    expect(built(place)).toEqual([environment.digest]);
  });

  it('removes an environment that nobody used for a month; one use keeps it', async () => {
    const place = placeOf();
    const { made, environment } = await build(place);
    const longAgo = new Date(Date.now() - 31 * 24 * 3600 * 1000);
    const age = () => utimesSync(join(environment.folder, MARKER), longAgo, longAgo);

    age();
    await made.prepare(bench.pythonPackage('tiny', '1.0.0'));
    await clean(place);
    expect(built(place)).toEqual([environment.digest]);

    age();
    await clean(place);
    expect(built(place)).toEqual([]);
  });

  it('--all keeps what a server uses at this moment, and removes it afterwards', async () => {
    const place = placeOf();
    const { made, environment } = await build(place);
    const held = await made.hold(environment);

    await clean(place, { all: true });
    expect(JSON.parse(place.text())).toMatchObject({ removed: [], inUse: [environment.folder] });

    held.release();
    await clean(place, { all: true });
    expect(built(place)).toEqual([]);
    expect(existsSync(join(place.cacheDir, 'downloads'))).toBe(false);
  });

  it('--runs asks for --yes, and keeps everything while a run is being driven', async () => {
    const place = placeOf();
    const stores = openLocalStores(place.dir);
    const run = { schema: 1, runId: 'run', name: 'run', version: 0, start: 1, state: 'running', specSha256: digestOf('spec') } as const;
    const rest = { createdAtMs: 1, updatedAtMs: 1, finishedAtMs: null, cancelRequested: false, failure: null };
    await stores.runs.createRun({ ...run, ...rest, owner: thisOwner() });
    await stores.objects.put('runs/run/plan.json', '{}');
    const runFile = join(place.dir, 'runs/run/plan.json');

    await expect(clean(place, { runs: true })).rejects.toMatchObject({ code: 'clean-not-confirmed' });
    await clean(place, { runs: true, yes: true });
    expect(existsSync(runFile)).toBe(true);

    await stores.runs.replaceRun({ ...run, ...rest, version: 1, owner: null });
    stores.close();
    await clean(place, { runs: true, yes: true });
    expect(existsSync(runFile) || existsSync(join(place.dir, 'records.sqlite'))).toBe(false);
  });
});
