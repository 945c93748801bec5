/** `bakeoff score text` as it is called: one document, rows, standard input, refusals by line, 80 columns. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../lib/cli/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'bakeoff-texts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function call(argv: readonly string[], input = '', pieceBytes = 7) {
  const told = { stdout: '', stderr: '' };
  const bytes = new TextEncoder().encode(input);
  async function* stdin() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
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

const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const TWO = [
  { id: 'a', prediction: 'i am', references: ['i'] },
  { id: 2, prediction: 'i good', references: ['am i good'], extra: true },
];
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('bakeoff score text', () => {
  it('prints one document with value, settings, and rows where they are asked for', async () => {
    writeFileSync(join(folder, 'two.jsonl'), lines(TWO));

    const { exitCode, stdout, stderr } = await call(['score', 'text', 'two.jsonl', '--metric', 'cer', '--rows', '--json']);

    expect([exitCode, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      ...{ metric: 'cer', variant: 'jiwer', value: 0.6, reason: null, n: 2, ci: null, ciReason: 'fewer than 10 rows (2)' },
      ...{
        direction: 'lower',
        version: '1.0.0',
        normalisation: expect.any(String),
        formula: expect.any(String),
        source: expect.any(String),
      },
      ...{ signature: null, rowSignature: null },
      rows: [
        { id: 'a', value: 3, errors: 3, referenceLength: 1 },
        { id: '2', value: 1 / 3, errors: 3, referenceLength: 9 },
      ],
    });
  });

  it('names what made a BLEU, for the corpus and for its rows', async () => {
    const { stdout } = await call(['score', 'text', '-', '--metric', 'bleu', '--json'], lines(TWO));

    expect(JSON.parse(stdout)).toMatchObject({
      variant: '13a',
      signature: 'nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:bakeoff-1.0.0',
      rowSignature: 'nrefs:1|case:mixed|eff:yes|tok:13a|smooth:exp|version:bakeoff-1.0.0',
    });
    expect(JSON.parse(stdout)).not.toHaveProperty('rows');
  });

  it('gives an interval around the value of ten rows and more, the same whatever their order', async () => {
    const rows = Array.from({ length: 40 }, (_, index) => ({
      id: `row-${index}`,
      prediction: index % 3 === 0 ? 'a b c' : 'a b d e',
      references: [index % 2 === 0 ? 'a b c' : 'a x c'],
    }));

    const [forth, back] = await Promise.all(
      [rows, rows.toReversed()].map((each) => call(['score', 'text', '-', '--metric', 'wer', '--json'], lines(each), 100)),
    );

    const { value, ci } = JSON.parse(forth!.stdout);
    expect(ci).toMatchObject({ confidence: 0.95, method: 'bca-bootstrap' });
    expect(ci.low).toBeLessThan(value);
    expect(ci.high).toBeGreaterThan(value);
    expect(back!.stdout).toBe(forth!.stdout);
  });

  it('scores structured answers, choices and numbers as they are written', async () => {
    const rows = [
      '{"id":"x","prediction":{"total":1.0,"items":["b","a"]},"references":[{"total":1.0,"items":["a","b"]}]}',
      '{"id":"y","prediction":{"total":1},"references":[{"total":{"$oneOf":["one","1"]}}]}',
    ];

    const { stdout } = await call(['score', 'text', '-', '--metric', 'anls-star', '--json'], rows.join('\r\n'));

    expect(JSON.parse(stdout)).toMatchObject({ value: 1, n: 2 });
  });

  it('reads the row that docs/measures.md shows', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/measures.md'), 'utf8');
    const row = /^\{"id": "q1".*$/m.exec(page)?.[0] ?? '';

    const { stdout } = await call(['score', 'text', '-', '--metric', 'exact', '--json'], row);

    expect(JSON.parse(stdout)).toMatchObject({ value: 1, n: 1 });
  });

  it('keeps apart the variants of ANLS that disagree at one half', async () => {
    const rows = lines([{ id: 'a', prediction: 'abxy', references: ['abcd'] }]);
    const values = await Promise.all(
      ['rrc', 'paper_strict', 'paper-strict', 'lmms_eval', 'vlmevalkit_mmlongbench', 'anls_star'].map(async (variant) => {
        const { stdout } = await call(['score', 'text', '-', '--metric', 'anls', '--variant', variant, '--json'], rows);
        return JSON.parse(stdout).value;
      }),
    );
    expect(values).toEqual([0.5, 0, 0, 0.5, 0, 0.5]);
  });

  it('says why there is no value', async () => {
    const { exitCode, stdout } = await call(
      ['score', 'text', '-', '--metric', 'wer', '--json'],
      lines([{ id: 'a', prediction: 'b', references: [' '] }]),
    );

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ value: null, reason: 'the references hold no words', ci: null });
  });

  it('refuses bad rows by line, all of them, and computes nothing', async () => {
    const bad = [
      '{"id":"a","prediction":"x","references":["x"]}',
      'nonsense',
      '{"id":"a","prediction":"x","references":["y"]}',
      '{"id":"b","prediction":null,"references":["y"]}',
      '{"id":"c","prediction":"x","references":[]}',
      '{"id":"","prediction":"x","references":"y"}',
      '[]',
    ];

    const { exitCode, stdout } = await call(['score', 'text', '-', '--metric', 'wer', '--json'], bad.join('\n'));

    expect(exitCode).toBe(2);
    const { error } = JSON.parse(stdout);
    expect(error.code).toBe('bad-rows');
    expect(error.message.split(/; (?=line)/)).toEqual([
      'line 2: is no JSON',
      'line 3: the id "a" stands on an earlier line, too',
      'line 4: prediction: expected a text; write "" for no answer',
      'line 5: references: expected a list with at least one entry',
      'line 6: id: expected a text that is not empty, or a number; references: expected a list with at least one entry',
      'line 7: expected an object {id, prediction, references}',
    ]);
  });

  it('counts the bad rows that it does not tell', async () => {
    const { stdout } = await call(['score', 'text', '-', '--metric', 'wer', '--json'], 'x\n'.repeat(5000), 4096);

    expect(JSON.parse(stdout).error.message).toMatch(/^line 1: .*line 20: is no JSON; and 4980 more$/);
  });

  it('refuses structures that are too deep or too long to be matched', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    const rows = [`{"id":1,"prediction":${deep},"references":[1]}`, `{"id":2,"prediction":[],"references":[[${'1,'.repeat(600)}1]]}`];

    const { stdout } = await call(['score', 'text', '-', '--metric', 'anls-star', '--json'], rows.join('\n'), 1 << 16);

    expect(JSON.parse(stdout).error.message).toBe('line 1: nested more than 64 deep; line 2: a list of 601, at most 500 can be matched');
  });

  it.each([
    [['--metric', 'rouge'], 'unknown-metric'],
    [[], 'bad-usage'],
    [['--metric', 'bleu', '--variant', 'intl'], 'unknown-variant'],
    [['--metric', 'chrf', '--variant', 'chrF2+++'], 'unknown-variant'],
    [['--metric', 'anls', '--variant', 'x'], 'unknown-variant'],
  ])('refuses %j with code %s', async (options, code) => {
    const { exitCode, stdout } = await call(['score', 'text', '-', ...options, '--json'], lines(TWO));

    expect([exitCode, JSON.parse(stdout).error.code]).toEqual([2, code]);
  });

  it('refuses an empty file', async () => {
    const { exitCode, stdout } = await call(['score', 'text', '-', '--metric', 'wer', '--json'], '\n\n');

    expect([exitCode, JSON.parse(stdout).error.code]).toEqual([2, 'table-empty']);
  });

  it('prints at most 80 columns for people, and no sign that steers a terminal', async () => {
    const rows = lines([...TWO, { id: 'c\u001b[2J', prediction: 'x', references: ['x', 'y'] }]);
    for (const metric of ['wer', 'bleu', 'chrf', 'anls', 'exact']) {
      const { exitCode, stdout } = await call(['score', 'text', '-', '--metric', metric, '--rows'], rows);

      expect(exitCode).toBe(0);
      expect(widest(stdout)).toBeLessThanOrEqual(80);
      expect(stdout).toContain('c\\u{1b}[2J');
      expect(stdout).toMatch(/^value {6}\d/m);
    }
  });
});
