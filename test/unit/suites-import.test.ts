/**
 * `bakeoff suites import` as it is called: every format, what is refused and how, subsets, and that every entry of a source is an item or is named.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../lib/cli/program.ts';
import { selectItems } from '../../lib/core/select-items.ts';
import { describePublished } from './published-data.ts';

const DATASETS = join(import.meta.dirname, '../fixtures/datasets');
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

const folder = mkdtempSync(join(tmpdir(), 'bakeoff-imports-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let calls = 0;

async function call(argv: readonly string[], input = '') {
  const told = { stdout: '', stderr: '' };
  async function* stdin() {
    const bytes = new TextEncoder().encode(input);
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  }
  const exitCode = await main(argv, {
    stdout: { write: (text) => (told.stdout += text) },
    stderr: { write: (text) => (told.stderr += text) },
    stdin: stdin(),
    environment: {},
    cwd: folder,
    root: folder,
    isTty: false,
    isStdoutTty: false,
    columns: 80,
  });
  return { exitCode, ...told };
}

function put(files: Readonly<Record<string, string | Uint8Array>>): string {
  calls += 1;
  const name = `source-${calls}`;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), content);
  }
  return name;
}

interface Item {
  id: string;
  input: { prompt?: string; row?: object; messages?: unknown; files?: { path: string; contentType: string }[] };
  reference: Record<string, unknown> | null;
  attributes: Record<string, string>;
}

/** Imports, and reads the suite again as `suites show` does. */
async function imported(argv: readonly string[], input = '') {
  calls += 1;
  const out = `suite-${calls}`;
  const end = await call(['suites', 'import', ...argv, '--out', out, '--json'], input);
  expect(end.exitCode, end.stdout).toBe(0);
  const shown = await call(['suites', 'show', `./${out}`, '--json']);
  expect(shown.exitCode, shown.stderr).toBe(0);
  const items = readFileSync(join(folder, out, 'items.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const told = JSON.parse(end.stdout);
  expect(JSON.parse(shown.stdout).digest).toBe(told.digest);
  return { out, told, shown: JSON.parse(shown.stdout), items: items.map((line): Item => JSON.parse(line)) };
}

/** The error of an import that writes nothing. */
async function refused(argv: readonly string[], input = '') {
  const before = readdirSync(folder).length;
  const end = await call(['suites', 'import', ...argv, '--out', 'never', '--json'], input);
  expect(end.exitCode, end.stdout).toBe(2);
  expect(existsSync(join(folder, 'never'))).toBe(false);
  expect(readdirSync(folder)).toHaveLength(before);
  return JSON.parse(end.stdout).error as { code: string; message: string; remedy: string };
}

const VBENCH = JSON.stringify([
  { prompt_en: 'a red bicycle', dimension: ['color'], auxiliary_info: { color: { color: 'red' } } },
  { prompt_en: 'alley', dimension: ['scene', 'background_consistency'], auxiliary_info: { scene: { scene: { scene: 'alley' } } } },
  { prompt_en: 'alley', dimension: ['temporal_flickering'] },
]);

describe("VBench's metadata", () => {
  it('keeps every entry, its dimensions to filter and break down by, and its auxiliary information as truth', async () => {
    const { items, shown } = await imported(['vbench', '-', '--id', 'vb'], VBENCH);

    expect(items.map(({ input }) => input.prompt)).toEqual(['a red bicycle', 'alley', 'alley']);
    expect(new Set(items.map(({ id }) => id)).size).toBe(3);
    expect(items[1]).toMatchObject({
      reference: { dimension: ['scene', 'background_consistency'], auxiliary_info: { scene: { scene: { scene: 'alley' } } } },
      attributes: { dimensions: 'scene+background_consistency', 'dimension.scene': 'yes', 'dimension.background_consistency': 'yes' },
    });
    expect(shown.manifest).toMatchObject({ id: 'vb', task: 'text-to-video', license: 'Apache-2.0', categories: ['dimensions'] });
  });

  it('takes one dimension by a filter', async () => {
    const { items, told } = await imported(['vbench', '-', '--id', 'vb', '--filter', 'dimension.scene=yes'], VBENCH);

    expect([items.map(({ input }) => input.prompt), told.filtered]).toEqual([['alley'], 2]);
  });

  it.each([
    ['not JSON', 'vbench-invalid', '{'],
    ['no list', 'vbench-invalid', '{}'],
    ['an empty list', 'vbench-invalid', '[]'],
    [
      'entries without a prompt, by their place',
      'entries-refused',
      `[${JSON.stringify({ prompt_en: 'a', dimension: ['b'] })},{"dimension":["b"]},7]`,
    ],
  ])('refuses %s', async (_, code, text) => {
    const error = await refused(['vbench', '-', '--id', 'vb'], text);

    expect(error.code).toBe(code);
    if (code === 'entries-refused') expect(error.message).toMatch(/^entry 2: prompt_en: .*; entry 3: entry: /);
  });
});

describePublished('vbench/VBench_full_info.json', (text) => {
  it('becomes 946 items with 944 prompts in 16 dimensions, each of the size that VBench has', async () => {
    const { items, told } = await imported(['vbench', '-', '--id', 'vbench'], text);

    const dimensions = new Map<string, number>();
    for (const { reference } of items) {
      for (const name of (reference?.dimension ?? []) as string[]) dimensions.set(name, (dimensions.get(name) ?? 0) + 1);
    }
    expect([told.entries, told.items, told.refusedCount]).toEqual([946, 946, 0]);
    expect(new Set(items.map(({ input }) => input.prompt)).size).toBe(944);
    expect(new Set(items.map(({ id }) => id.toLowerCase())).size).toBe(946);
    expect(dimensions.size).toBe(16);
    expect([dimensions.get('subject_consistency'), dimensions.get('human_action'), dimensions.get('overall_consistency')]).toEqual([
      72, 100, 93,
    ]);
    const source = JSON.parse(text) as { prompt_en: string; dimension: string[] }[];
    expect(items.map(({ input, reference }) => [input.prompt, reference?.dimension])).toEqual(
      source.map(({ prompt_en, dimension }) => [prompt_en, dimension]),
    );
  });
});

describe('JSON lines and CSV', () => {
  it('recognise columns by their usual names, and keep the others as attributes', async () => {
    const line = { uid: 'clip 1', prompt: 'a boat', motion: 'left', frames: 16, nested: { a: 1 } };
    const { items, told } = await imported(['jsonl', '-', '--id', 'clips', '--task', 'text-to-video'], `\uFEFF${JSON.stringify(line)}\n\n`);

    expect(items).toEqual([
      {
        id: expect.stringMatching(/^clip-1-[0-9a-f]{12}$/),
        input: { prompt: 'a boat' },
        reference: null,
        attributes: { motion: 'left', frames: '16' },
      },
    ]);
    expect(told.notes).toEqual(['columns: id from uid; prompt']);
  });

  it('take columns by name where they are called otherwise', async () => {
    const csv = 'what,"the answer",kind\n"a, b",7.5,x\nc,-1,y\n';
    const { items } = await imported(
      [
        'csv',
        '-',
        '--id',
        'rows',
        '--task',
        'tabular-regression',
        '--map',
        'value=the answer',
        '--attribute',
        'kind',
        '--category',
        'kind',
      ],
      csv,
    );

    expect(items.map(({ input, reference, attributes }) => [input.row, reference, attributes])).toEqual([
      [{ what: 'a, b' }, { value: 7.5 }, { kind: 'x' }],
      [{ what: 'c' }, { value: -1 }, { kind: 'y' }],
    ]);
  });

  it('take the items of a suite as they are, with their images, bit for bit', async () => {
    const item = {
      id: 'line-1',
      input: { prompt: 'Read.', files: [{ path: 'images/a.png', sha256: '0'.repeat(64), contentType: 'image/png' }] },
      reference: { text: 'x' },
      attributes: { font: 'serif' },
    };
    const source = put({ 'items.jsonl': `${JSON.stringify(item)}\n`, 'images/a.png': PNG });
    const { items, out } = await imported(['jsonl', `${source}/items.jsonl`, '--task', 'image-to-text']);

    expect(items[0]).toMatchObject({ id: 'line-1', reference: item.reference, attributes: item.attributes });
    expect(readFileSync(join(folder, out, items[0]!.input.files![0]!.path)).equals(PNG)).toBe(true);
  });

  it.each([
    [
      'bad lines by number',
      '{"id":"a","prompt":"x"}\nnope\n[1]\n{"id":"A","prompt":"y"}\n{"id":"b","prompt":7}\n',
      /^line 2: not JSON.*; line 3: a JSON object.*; line 4: A: the id was there before; line 5: prompt: a text/,
    ],
    [
      'empty prompts',
      '{"id":"a","prompt":"x"}\n{"id":"b","prompt":" "}\n{"id":"c"}\n',
      /^line 2: nothing to send: no prompt; line 3: nothing/,
    ],
    [
      'what is nested without end',
      `{"id":"a","prompt":"x"}\n{"id":"b","input":{"messages":${'['.repeat(50_000)}${']'.repeat(50_000)}}}\n`,
      /^line 2: /,
    ],
    ['the same entry twice', '{"prompt":"x"}\n{"prompt":"x"}\n', /^line 2: x-[0-9a-f]{12}: the same entry was there before$/],
  ])('refuse %s', async (_, text, message) => {
    const error = await refused(['jsonl', '-', '--id', 'x', '--task', 'text-to-video'], text);

    expect([error.code, error.message]).toEqual(['entries-refused', expect.stringMatching(message)]);
  });

  it('refuse messages and truths that are nested without end', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const error = await refused(
      ['jsonl', '-', '--id', 'x', '--task', 'image-to-text'],
      `{"messages":${deep}}\n{"prompt":"a","fields":${deep}}\n`,
    );

    expect(error.message).toBe('line 1: it is nested deeper than 64 levels; line 2: it is nested deeper than 64 levels');
  });

  it('leave refused entries out when asked to, name each, and say so in the suite', async () => {
    const argv = ['jsonl', '-', '--id', 'x', '--task', 'text-to-video', '--skip-refused'];
    const { told, items, shown } = await imported(argv, '{"id":"a","prompt":"x"}\nnope\n{"id":"b"}\n');

    expect(items.map(({ id }) => id)).toEqual(['a']);
    expect(told.refused.map(({ where }: { where: string }) => where)).toEqual(['line 2', 'line 3']);
    expect(shown.manifest.description).toContain('2 could not be read');
  });

  it.each([
    ['a file that is not UTF-8', ['csv', 'latin.csv', '--task', 'text-to-video'], 'not-utf8'],
    ['a file that is not there', ['csv', 'nothing.csv', '--task', 'text-to-video'], 'file-unreadable'],
    ['a folder', ['jsonl', '.', '--task', 'text-to-video'], 'source-unreadable'],
    ['a missing task', ['jsonl', 'rows.jsonl'], 'bad-usage'],
    ['an unknown task', ['jsonl', 'rows.jsonl', '--task', 'text-to-vide'], 'bad-usage'],
    ['an unknown format', ['parquet', 'rows.jsonl'], 'bad-usage'],
    ['a part that the task has not', ['jsonl', 'rows.jsonl', '--task', 'text-to-video', '--map', 'value=a'], 'bad-usage'],
    ['a column that is not there', ['jsonl', 'rows.jsonl', '--task', 'text-to-video', '--map', 'prompt=promt'], 'unknown-column'],
    ['an attribute that is not there', ['jsonl', 'rows.jsonl', '--task', 'text-to-video', '--attribute', 'b'], 'unknown-column'],
    ['no column to send', ['csv', 'bare.csv', '--task', 'text-to-video'], 'columns-missing'],
    ['two columns of one name', ['csv', 'twice.csv', '--task', 'text-to-video'], 'csv-header'],
    ['columns that become one', ['csv', 'alike.csv', '--task', 'text-to-video'], 'columns-alike'],
    ['a quote that is not closed', ['csv', 'open.csv', '--task', 'text-to-video'], 'csv-syntax'],
    ['a filter that leaves nothing', ['jsonl', 'rows.jsonl', '--task', 'text-to-video', '--filter', 'a=9'], 'nothing-imported'],
    ['a filter without a value', ['jsonl', 'rows.jsonl', '--task', 'text-to-video', '--filter', 'a'], 'bad-usage'],
    ['an id that is none', ['jsonl', 'rows.jsonl', '--task', 'text-to-video', '--id', '../x'], 'bad-usage'],
    ['a seed that is none', ['jsonl', 'rows.jsonl', '--task', 'text-to-video', '--seed', '-1'], 'bad-usage'],
  ])('refuse %s', async (_, argv, code) => {
    writeFileSync(join(folder, 'latin.csv'), Buffer.from('prompt\ncaf\xe9\n', 'latin1'));
    writeFileSync(join(folder, 'rows.jsonl'), '{"prompt":"x","a":1}\n');
    writeFileSync(join(folder, 'bare.csv'), 'a,b\n1,2\n');
    writeFileSync(join(folder, 'twice.csv'), 'prompt,prompt\n1,2\n');
    writeFileSync(join(folder, 'alike.csv'), 'prompt,a b,a-b\n1,2,3\n');
    writeFileSync(join(folder, 'open.csv'), 'prompt\n"x\n');

    expect((await refused(argv)).code).toBe(code);
  });

  it('never touches a folder that is there', async () => {
    const out = put({ 'keep.txt': 'kept' });
    const end = await call(['suites', 'import', 'jsonl', '-', '--id', 'x', '--task', 'text-to-video', '--out', out], '{"prompt":"x"}\n');

    expect([end.exitCode, end.stderr]).toEqual([2, expect.stringContaining('error[out-exists]')]);
    expect(readdirSync(join(folder, out))).toEqual(['keep.txt']);
  });
});

describe('images', () => {
  it('take the name of the sub-folder as label, and store equal images once', async () => {
    const source = put({ 'cat/1.png': PNG, 'cat/2.png': Buffer.concat([PNG, Buffer.from('2')]), 'dog/1.png': PNG, '.hidden/1.png': PNG });
    const { items, out, shown } = await imported(['images', source, '--prompt', 'Cat or dog?']);

    expect(items.map(({ reference, attributes }) => [reference, attributes])).toEqual(
      ['cat', 'cat', 'dog'].map((label) => [{ label }, { label }]),
    );
    expect(items[0]!.input).toMatchObject({ prompt: 'Cat or dog?', files: [{ contentType: 'image/png' }] });
    expect(readdirSync(join(folder, out, 'files'))).toHaveLength(2);
    expect(shown.manifest.categories).toEqual(['label']);
  });

  it.each([
    ['metadata.csv', 'file_name,text,font\na.png,Hello,serif\nsub/b.png,World,sans\n'],
    ['metadata.jsonl', '{"file_name":"a.png","text":"Hello","font":"serif"}\n{"file_name":"sub/b.png","text":"World","font":"sans"}\n'],
  ])('take rows of %s', async (name, text) => {
    const source = put({ [name]: text, 'a.png': PNG, 'sub/b.png': PNG });
    const { items } = await imported(['images', source]);

    expect(items.map(({ reference, attributes }) => [reference?.text, attributes])).toEqual([
      ['Hello', { font: 'serif' }],
      ['World', { font: 'sans' }],
    ]);
  });

  it('refuse paths and links that lead out, text in disguise, addresses, and images without a row', async () => {
    const names = ['../secret.png', '/etc/passwd', 'link.png', 'text.png', 'http://localhost/a.png', 'gone.png', 'good.png'];
    const source = put({
      'in/metadata.csv': `file_name,text\n${names.map((name) => `${name},x`).join('\n')}\n`,
      'in/text.png': 'not an image',
      'in/good.png': PNG,
      'in/other.png': PNG,
      'secret.png': PNG,
    });
    symlinkSync('../secret.png', join(folder, source, 'in/link.png'));
    const { told, items } = await imported(['images', `${source}/in`, '--skip-refused']);

    expect(items).toHaveLength(1);
    expect(told.refused.map(({ where, why }: { where: string; why: string }) => `${where}: ${why}`)).toEqual([
      expect.stringMatching(/^line 2 .*leads out of the folder/),
      expect.stringMatching(/^line 3 .*leads out of the folder/),
      expect.stringMatching(/^line 4 .*link .*leads out of the folder/),
      expect.stringMatching(/^line 5 .*is no PNG/),
      expect.stringMatching(/^line 6 .*(addresses are not fetched|no file)/),
      expect.stringMatching(/^line 7 .*there is no file/),
      'other.png: no row of the metadata names it',
    ]);
  });
});

describe('dataset folders', () => {
  it.each(['none', 'snappy', 'gzip', 'brotli', 'zstd'])('read Parquet compressed by %s, to one digest', async (codec) => {
    const source = put({ 'data/rows.parquet': readFileSync(join(DATASETS, `codecs/${codec}.parquet`)) });
    const { items, told } = await imported(['dataset', source, '--task', 'text-to-video']);

    expect(items.map(({ input, attributes }) => [input.prompt, attributes.frames, attributes.motion])).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((n) => [`a paper boat number ${n}`, String(n), n === 6 ? undefined : ['left', 'right'][n % 2]]),
    );
    expect(told.digest).toBe('b7564b5bc3586b2b8bea0bd6604eca4159abe4179de380c755fdb79356e960f3');
  });

  it('read one split, with images that lie within the rows', async () => {
    const { items, out } = await imported(['dataset', join(DATASETS, 'questions'), '--split', 'test', '--task', 'image-to-text']);

    expect(items.map(({ input, reference }) => [input.prompt, reference])).toEqual(
      ['0', '1', '2'].map((n) => [`What is ${n}?`, { texts: [n, `number ${n}`] }]),
    );
    const [first] = items;
    expect(readFileSync(join(folder, out, first!.input.files![0]!.path)).equals(Buffer.concat([PNG, Buffer.from([0])]))).toBe(true);
  });

  it('read the layout of a hub cache, whose files are links to blobs', async () => {
    const cache = put({ 'blobs/abc': '{"prompt":"x"}\n', 'snapshots/main/README.md': '# x' });
    mkdirSync(join(folder, cache, 'snapshots/main/data'));
    symlinkSync('../../../blobs/abc', join(folder, cache, 'snapshots/main/data/train.jsonl'));
    const { items } = await imported(['dataset', `${cache}/snapshots/main`, '--task', 'text-to-video']);

    expect(items.map(({ input }) => input.prompt)).toEqual(['x']);
  });

  it.each([
    ['several splits', { 'train.jsonl': '{}\n', 'test.jsonl': '{}\n' }, [], 'split-missing'],
    ['a split that is not there', { 'train.jsonl': '{}\n' }, ['--split', 'test'], 'unknown-split'],
    ['Arrow files', { 'data-00000-of-00001.arrow': 'x', 'state.json': '{}' }, [], 'dataset-arrow'],
    ['an empty folder', { '.keep': '' }, [], 'dataset-empty'],
    ['several formats', { 'a.jsonl': '{}\n', 'b.csv': 'a\n' }, [], 'dataset-mixed'],
    ['Parquet that is none', { 'a.parquet': 'PAR1 but no more PAR1' }, [], 'parquet-unreadable'],
    ['a codec that is not read', { 'a.parquet': readFileSync(join(DATASETS, 'codecs/lz4.parquet')) }, [], 'parquet-unreadable'],
  ])('refuse %s', async (_, files, argv, code) => {
    const error = await refused(['dataset', put(files as Record<string, string>), '--task', 'text-to-video', ...argv]);

    expect(error.code).toBe(code);
  });

  it('refuse Parquet with any byte changed, or read what is there; never anything else', async () => {
    const bytes = readFileSync(join(DATASETS, 'codecs/zstd.parquet'));
    const property = fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const source = put({ 'a.parquet': bytes.map((byte, index) => (index === at ? byte ^ change : byte)) });
      calls += 1;
      const argv = ['suites', 'import', 'dataset', source, '--task', 'text-to-video', '--out', `suite-${calls}`, '--json'];
      const { exitCode, stdout } = await call(argv);
      expect([0, 2], stdout).toContain(exitCode);
      rmSync(join(folder, source), { recursive: true });
    });
    await fc.assert(property, { numRuns: 150 });
  });
});

describe('every import', () => {
  const row = fc.record(
    {
      id: fc.option(fc.string({ maxLength: 12 }), { nil: undefined }),
      prompt: fc.string({ unit: 'grapheme', maxLength: 20 }),
      motion: fc.constantFrom('left', 'right'),
    },
    { requiredKeys: ['motion'] },
  );

  it('makes of every entry an item or names it, whatever it holds; equal content has equal ids and digests', async () => {
    const property = fc.asyncProperty(
      fc.array(
        fc.oneof(
          row,
          fc.jsonValue().filter((value) => Array.isArray(value) || typeof value !== 'object'),
        ),
        { minLength: 1, maxLength: 12 },
      ),
      async (rows) => {
        const text = [{ prompt: 'always there', motion: 'left' }, ...rows].map((each) => JSON.stringify(each)).join('\n');
        const argv = ['jsonl', '-', '--id', 'x', '--task', 'text-to-video', '--map', 'prompt=prompt', '--skip-refused'];
        const [first, again] = [await imported(argv, text), await imported(argv, `${text}\n`)];
        const places = first.told.refused.map(({ where }: { where: string }) => where);
        expect(new Set(places).size).toBe(places.length);
        expect([first.told.entries, first.told.items + places.length]).toEqual([rows.length + 1, rows.length + 1]);
        expect(again.told.digest).toBe(first.told.digest);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it('gives entries without an id the same one in any order', async () => {
    const lines = ['a boat', 'a boat!', 'ein Boot', '舟'].map((prompt) => JSON.stringify({ prompt }));
    const argv = ['jsonl', '-', '--id', 'x', '--task', 'text-to-video'];
    const ids = async (text: string) => (await imported(argv, text)).items.map(({ id }) => id);

    expect((await ids(lines.toReversed().join('\n'))).toReversed()).toEqual(await ids(lines.join('\n')));
  });

  it('takes of a long source the very items that a spec with that seed and limit sends, in the order of the source', async () => {
    const text = Array.from({ length: 5000 }, (_, n) => JSON.stringify({ id: `p-${n}`, prompt: `prompt ${n}` })).join('\n');
    const argv = ['jsonl', '-', '--id', 'x', '--task', 'text-to-video'];
    const whole = (await imported(argv, text)).items;
    const part = await imported([...argv, '--limit', '40', '--seed', '7'], text);

    const { selected } = selectItems(whole, { perItem: 1, seed: 7, limit: 40 });
    const wanted = new Set(selected.map(({ id }) => id));
    expect(part.items.map(({ id }) => id)).toEqual(whole.map(({ id }) => id).filter((id) => wanted.has(id)));
    expect([part.told.items, part.told.beyondLimit, part.told.entries]).toEqual([40, 4960, 5000]);
  });

  it('keeps no image of an item that a limit leaves out', async () => {
    const files = Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`${n}.png`, Buffer.concat([PNG, Buffer.from(String(n))])]));
    const { items, out } = await imported(['images', put(files), '--limit', '3', '--seed', '1']);

    expect(readdirSync(join(folder, out, 'files')).sort()).toEqual(
      items.map(({ input }) => input.files![0]!.path.slice('files/'.length)).sort(),
    );
    expect(items).toHaveLength(3);
  });
});

it('prints at most 80 columns, refused entries on stderr, and how to use the suite', async () => {
  cpSync(join(DATASETS, 'codecs/snappy.parquet'), join(folder, 'one-folder/rows.parquet'));
  const { exitCode, stdout, stderr } = await call(
    ['suites', 'import', 'jsonl', '-', '--id', 'boats', '--task', 'text-to-video', '--skip-refused'],
    '{"prompt":"x"}\n{"prompt":"x"}\n',
  );

  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^refused: line 2: x-/)]);
  expect(stdout).toMatch(/^suite +boats \(text-to-video\)\nitems +1 of 2 entries; left out: 1 refused\nlicense +unknown/);
  expect(stdout).toContain('suite: ./boats');
});
