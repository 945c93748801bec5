/** How runs start: once for each delivered version, healed after a crash, refused with all problems when the spec is not valid. */
import { createHash } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { readRegistry } from '../../lib/adapters/local/registry.ts';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import { keys } from '../../lib/core/object-key.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';
import { runIdOfObject } from '../../lib/workflow/run-id.ts';
import { containersOfRun, createdEvent, executionsOf, findRun, runInState, uploadSpec } from './deployed-runs.ts';
import { deployedStores } from './deployed-stores.ts';
import { BROKEN_SPEC, quickSpec } from './specs.ts';
import { waitFor } from './wait-for.ts';
import { ROOT, type World } from './world.ts';

export function startSuite(world: () => World): void {
  describe('the start of a run', () => {
    it('happens once, though its event comes five times at once', async () => {
      const upload = await uploadSpec(world(), 'five-times.json', quickSpec('five-times'));
      const launcher = await functionNamed(world(), 'launcher');
      await Promise.all(Array.from({ length: 5 }, () => world().aws.invoke(launcher, upload.event, false)));
      await runInState(world(), upload.runId, ['succeeded']);
      await world().aws.invoke(launcher, upload.event, false);
      expect(await executionsOf(world(), upload.runId)).toEqual([`${upload.runId}-1`]);
      expect((await findRun(world(), upload.runId))?.start).toBe(1);
    });

    it('happens anew for a new version of the same bytes, and for a copy', async () => {
      const { aws, outputs } = world();
      const body = quickSpec('same-bytes');
      const first = await uploadSpec(world(), 'same-bytes.json', body);
      const copy = await uploadSpec(world(), 'a-copy.json', body);
      // The emulator's events name no version, AWS's do: the launcher is told one as AWS would.
      const etag = createHash('md5').update(body).digest('hex');
      const event = createdEvent(outputs.BucketName, 'specs/same-bytes.json', etag, body.length);
      const version = await versionOf(world(), 'specs/same-bytes.json');
      const versioned = JSON.parse(JSON.stringify(event).replace('"etag"', `"version-id":${JSON.stringify(version)},"etag"`));
      await aws.invoke(await functionNamed(world(), 'launcher'), versioned, false);
      const again = runIdOfObject({ bucket: outputs.BucketName, key: 'specs/same-bytes.json', version });
      const ids = [first.runId, copy.runId, again];
      expect(new Set(ids).size).toBe(3);
      for (const runId of ids) expect((await runInState(world(), runId, ['succeeded'])).runId).toBe(runId);
    });

    it('is healed by the redelivery after a crash between the record and the execution', async () => {
      const { outputs } = world();
      const body = quickSpec('crashed');
      const etag = createHash('md5').update(body).digest('hex');
      const runId = runIdOfObject({ bucket: outputs.BucketName, key: 'specs/crashed.json', version: etag });
      await recordAsAccepted(world(), runId, body);
      expect(await executionsOf(world(), runId)).toEqual([]);
      const upload = await uploadSpec(world(), 'crashed.json', body);
      expect(upload.runId).toBe(runId);
      await runInState(world(), runId, ['succeeded']);
      expect(await executionsOf(world(), runId)).toEqual([`${runId}-1`]);
    });

    it('is refused for a spec that is not valid, with all of its problems and no task', async () => {
      const fromMs = Date.now();
      const { runId } = await uploadSpec(world(), 'broken.yaml', BROKEN_SPEC);
      const run = await runInState(world(), runId, ['rejected']);
      expect(run.failure?.code).toBe('spec-invalid');
      expect(run.problems?.length).toBeGreaterThanOrEqual(3);
      expect(JSON.stringify(run.problems)).toContain('ridge');
      expect(await executionsOf(world(), runId)).toEqual([]);
      expect(await containersOfRun(world(), runId)).toEqual([]);
      await waitFor('the event of the rejection', async () => {
        const requests = await world().aws.requestCounts({ fromMs, untilMs: Date.now() });
        return (requests.get('events:PutEvents') ?? 0) > 0;
      });
    });
  });
}

async function functionNamed(world: World, name: string): Promise<string> {
  const names = await world.aws.functionNames();
  const found = names.find((each) => each.toLowerCase().includes(name.replaceAll('-', '')));
  if (found === undefined) throw new Error(`no function is named like ${name}: ${names.join(', ')}`);
  return found;
}

async function versionOf(world: World, key: string): Promise<string> {
  const { VersionId } = await world.aws.s3.send(new HeadObjectCommand({ Bucket: world.outputs.BucketName, Key: key }));
  if (VersionId === undefined) throw new Error('the bucket keeps no versions');
  return VersionId;
}

/** What a launcher has done that died before it started the execution. */
async function recordAsAccepted(world: World, runId: string, body: string): Promise<void> {
  const { objects, runs } = deployedStores(world);
  const registry = await readRegistry({ root: ROOT });
  const parsed = parseSpec(body, { registry });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const text = `${JSON.stringify(parsed.spec, null, 2)}\n`;
  await objects.put(keys.spec(runId), text, { ifAbsent: true });
  const nowMs = Date.now();
  const isNew = await runs.createRun({
    ...{ schema: 1, runId, name: parsed.spec.name, version: 1, start: 1, state: 'accepted', specSha256: sha256Hex(text) },
    ...{ createdAtMs: nowMs, updatedAtMs: nowMs, finishedAtMs: null, cancelRequested: false, owner: null, failure: null },
  });
  expect(isNew).toBe(true);
  await waitFor('the accepted run in the API', async () => (await findRun(world, runId))?.state === 'accepted');
}
