/** What the README says can be done: its spec is valid, its verbs and scripts exist, its links lead somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readRegistry } from '../../lib/adapters/local/registry.ts';
import { VERBS } from '../../lib/cli/verbs.ts';
import { manifestSchema } from '../../lib/core/manifest.ts';
import { parseSpec } from '../../lib/core/parse-spec.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the README', () => {
  it('shows a spec that this version accepts', async () => {
    const [, spec = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(parseSpec(spec, { registry: await readRegistry({ root }) })).toMatchObject({ ok: true });
  });

  it('names only verbs that there are', () => {
    const named = [...readme.matchAll(/npx bakeoff ([a-z]+)/g)].map(([, verb]) => verb);
    const known = new Set(VERBS.map(({ name }) => name.split(' ')[0]));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((verb) => !known.has(verb ?? ''))).toEqual([]);
  });

  it('names only npm scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const named = [...readme.matchAll(/npm (?:run )?(demo|test|bench|check|[a-z]+:[a-z]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
  });
});

it('the guide for authors shows a manifest that this version accepts', () => {
  const [, manifest = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/how-to-add-a-model.md'), 'utf8')) ?? [];
  expect(manifestSchema.safeParse(parse(manifest))).toMatchObject({ success: true });
});

it('every relative link in the documents leads to a file', () => {
  const models = readdirSync(join(root, 'models')).map((id) => `models/${id}/README.md`);
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`);
  const documents = ['README.md', 'CHANGELOG.md', ...docs, ...models].filter(
    (path) => path.endsWith('.md') && existsSync(join(root, path)),
  );
  const broken = documents.flatMap((path) => {
    const links = [...readFileSync(join(root, path), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, link = '']) => link);
    return links.filter((link) => !existsSync(join(root, dirname(path), link))).map((link) => `${path}: ${link}`);
  });
  expect(documents.length).toBeGreaterThan(10);
  expect(broken).toEqual([]);
});
