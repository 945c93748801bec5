/** Reading packages and suites: what is identity, what is refused, and that one broken folder spoils no other. */
import { mkdtemp, rename, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSuite } from '../../lib/adapters/local/read-suite.ts';
import { readRegistry } from '../../lib/adapters/local/registry.ts';
import { sha256Hex } from '../../lib/core/canonical-json.ts';
import { BakeoffError } from '../../lib/core/errors.ts';
import { write, writeImageSuite, writeInstallation } from '../fixtures/installation-fixture.ts';
import { modelDocuments } from '../fixtures/registry-fixture.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bakeoff-registry-'));
  await writeInstallation(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const digestOf = async (id: string): Promise<string | undefined> => (await readRegistry({ root })).models.get(id)?.digest;

async function faultOf(id: string): Promise<BakeoffError | undefined> {
  const { faults } = await readRegistry({ root });
  expect(faults.map((fault) => fault.id)).toEqual(faults.length === 0 ? [] : [id]);
  return faults[0]?.error;
}

describe('a package', () => {
  test('is registered by the name of its folder, as a model or an evaluator', async () => {
    const { models, evaluators, faults } = await readRegistry({ root });
    expect(faults).toEqual([]);
    expect([...models.keys()]).toEqual(['oracle-t2v', 'pocket-t2v', 'ridge', 'tesseract']);
    expect([...evaluators.keys()]).toEqual(['frames', 'other']);
  });

  test.each(['adapter.py', 'model.yaml', 'data/new.csv'])('has another digest when %s changes', async (path) => {
    const before = await digestOf('ridge');
    await write(root, `models/ridge/${path}`, `${JSON.stringify({ ...modelDocuments.ridge, version: '1.0.1' })}\n`);
    expect(await digestOf('ridge')).not.toBe(before);
  });

  test.each(['README.md', 'tests/test_it.py', 'training/train.py', 'requirements.in', '__pycache__/a.pyc', '.hidden'])(
    'has the same digest when %s changes',
    async (path) => {
      const before = await digestOf('ridge');
      await write(root, `models/ridge/${path}`, 'changed');
      expect(await digestOf('ridge')).toBe(before);
    },
  );

  test('in Python has another digest when the SDK changes', async () => {
    const before = await digestOf('ridge');
    await write(root, 'models/_server/src/sdk.py', 'VERSION = 2\n');
    expect(await digestOf('ridge')).not.toBe(before);
  });

  test('of another name than its folder is refused, and the others stay', async () => {
    await rename(join(root, 'models/ridge'), join(root, 'models/lasso'));
    expect(await faultOf('lasso')).toMatchObject({ code: 'package-misnamed' });
    expect(await digestOf('pocket-t2v')).toBeDefined();
  });

  test('with a link is refused', async () => {
    await symlink('/etc/passwd', join(root, 'models/ridge/weights.bin'));
    expect(await faultOf('ridge')).toMatchObject({ code: 'package-link', message: expect.stringContaining('weights.bin') });
  });

  test('whose pinned file differs is corrupt: the digests seen and expected are told', async () => {
    const weights = [{ path: 'weights.bin', sha256: sha256Hex('right'), bytes: 5 }];
    await write(root, 'models/ridge/model.yaml', JSON.stringify({ ...modelDocuments.ridge, weights }));
    await write(root, 'models/ridge/weights.bin', 'wrong');
    const fault = await faultOf('ridge');
    expect(fault).toMatchObject({ code: 'package-corrupt', kind: 'environment' });
    expect(fault?.message).toContain(sha256Hex('wrong'));
    expect(fault?.message).toContain(sha256Hex('right'));
  });

  test('whose pinned file is missing is corrupt', async () => {
    const weights = [{ path: 'weights.bin', sha256: sha256Hex('right'), bytes: 5 }];
    await write(root, 'models/ridge/model.yaml', JSON.stringify({ ...modelDocuments.ridge, weights }));
    expect(await faultOf('ridge')).toMatchObject({ code: 'package-corrupt', message: expect.stringContaining('no such file') });
  });

  test.each([
    ['no manifest', null, 'package-unreadable'],
    ['a manifest that is not YAML', '{', 'package-unreadable'],
    ['an unknown key', JSON.stringify({ ...modelDocuments.ridge, extra: 1 }), 'package-invalid'],
    ['a default that its own schema refuses', JSON.stringify(withDefault(0)), 'package-invalid'],
  ])('with %s is refused', async (_, manifest, code) => {
    if (manifest === null) await unlink(join(root, 'models/ridge/model.yaml'));
    else await write(root, 'models/ridge/model.yaml', manifest);
    expect(await faultOf('ridge')).toMatchObject({ code });
  });

  test('with an id that another has, ignoring case, is refused', async () => {
    await write(root, 'more/Ridge/model.yaml', JSON.stringify({ ...modelDocuments.ridge, id: 'Ridge' }));
    const { faults, models } = await readRegistry({ root, extraModelFolders: [join(root, 'more')] });
    expect(faults).toMatchObject([{ id: 'Ridge', error: { code: 'package-twice' } }]);
    expect(models.has('ridge')).toBe(true);
  });
});

function withDefault(value: number) {
  return {
    ...modelDocuments.ridge,
    params: { type: 'object', additionalProperties: false, properties: { alpha: { type: 'number', default: value, minimum: 1 } } },
  };
}

describe('a suite', () => {
  const codeOf = (reading: Promise<unknown>): Promise<string> =>
    reading.then(
      () => 'read',
      (thrown: unknown) => (thrown instanceof BakeoffError ? thrown.code : String(thrown)),
    );

  test('is read with its items, their attributes, and a digest over items and files', async () => {
    await writeImageSuite(join(root, 'mine'));
    const { suites } = await readRegistry({ root, suitePaths: [{ name: './mine', folder: join(root, 'mine') }] });
    expect([...suites.keys()]).toEqual(['diabetes', 'ocr-lines', 'shapes', './mine']);
    expect(suites.get('shapes')?.attributes.motion).toEqual(['down', 'left', 'right', 'up']);
    expect(suites.get('./mine')).toMatchObject({ itemCount: 2, manifest: { id: 'images' } });
  });

  test('keeps its digest when only its description changes', async () => {
    const before = (await readRegistry({ root })).suites.get('shapes');
    await write(root, 'examples/suites/shapes/suite.yaml', JSON.stringify({ ...before?.manifest, description: 'Better.' }));
    const after = (await readRegistry({ root })).suites.get('shapes');
    expect(after?.manifest.description).toBe('Better.');
    expect(after?.digest).toBe(before?.digest);
  });

  test('whose file differs is corrupt: the file and both digests are told', async () => {
    await writeImageSuite(join(root, 'mine'));
    await write(root, 'mine/images/1.png', 'broken');
    const read = readSuite(join(root, 'mine'));
    await expect(read).rejects.toMatchObject({
      code: 'suite-corrupt',
      kind: 'environment',
      message: expect.stringContaining('images/1.png'),
    });
    await expect(read).rejects.toThrow(new RegExp(`${sha256Hex('broken')}.*${sha256Hex('image 1')}`));
  });

  test('whose file is missing is corrupt', async () => {
    await writeImageSuite(join(root, 'mine'));
    await unlink(join(root, 'mine/images/0.png'));
    expect(await codeOf(readSuite(join(root, 'mine')))).toBe('suite-corrupt');
  });

  test.each(['../secret.png', '/etc/passwd', 'images/../../x', 'images//0.png', 'a\\b'])(
    'that names the file %s is refused',
    async (path) => {
      const files = [{ path, sha256: sha256Hex('x'), contentType: 'image/png' }];
      await writeImageSuite(join(root, 'mine'), (item) => ({ ...item, input: { files } }));
      expect(await codeOf(readSuite(join(root, 'mine')))).toBe('suite-path');
    },
  );

  test('that reaches a file through a link is refused, even with the right digest', async () => {
    await writeImageSuite(join(root, 'mine'));
    await rename(join(root, 'mine/images'), join(root, 'elsewhere'));
    await symlink(join(root, 'elsewhere'), join(root, 'mine/images'));
    expect(await codeOf(readSuite(join(root, 'mine')))).toBe('suite-path');
  });

  test('with ids that differ in case only is refused, by line number', async () => {
    await writeImageSuite(join(root, 'mine'), (item, index) => ({ ...item, id: index === 0 ? 'Line' : 'line' }));
    await expect(readSuite(join(root, 'mine'))).rejects.toMatchObject({
      code: 'suite-item-twice',
      message: expect.stringMatching(/items\.jsonl:2: .*line 1/),
    });
  });

  test.each([
    ['not JSON', '{"id": '],
    ['not an object', '[]'],
    ['with an unknown key', '{"id":"a","input":{},"extra":1}'],
    ['with a bad id', '{"id":"../a","input":{}}'],
  ])('with a line %s is refused, by line number', async (_, line) => {
    await writeImageSuite(join(root, 'mine'), (item, index) => (index === 1 ? line : item));
    await expect(readSuite(join(root, 'mine'))).rejects.toMatchObject({
      code: 'suite-item-invalid',
      message: expect.stringContaining('items.jsonl:2'),
    });
  });

  test('without items is refused', async () => {
    await writeImageSuite(join(root, 'mine'), () => '');
    expect(await codeOf(readSuite(join(root, 'mine')))).toBe('suite-invalid');
  });
});
