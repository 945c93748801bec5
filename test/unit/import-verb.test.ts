/**
 * `bakeoff import` as it is called, against the packages and suites of this repository: every older format becomes specs that stand, and whatever does
 * not fit is named. Hostile files are refused, never an unexpected error.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { main } from '../../lib/cli/program.ts';
import { OLD_FORMATS } from '../../lib/core/imports/old/old-import.ts';
import { writeInstallation } from '../fixtures/installation-fixture.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'bakeoff-old-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let calls = 0;

async function call(argv: readonly string[], input: string | Uint8Array, root = ROOT) {
  const told = { stdout: '', stderr: '' };
  async function* stdin() {
    yield typeof input === 'string' ? new TextEncoder().encode(input) : input;
  }
  const exitCode = await main(argv, {
    stdout: { write: (text) => (told.stdout += text) },
    stderr: { write: (text) => (told.stderr += text) },
    stdin: stdin(),
    environment: {},
    cwd: folder,
    root,
    isTty: false,
    isStdoutTty: false,
    columns: 80,
  });
  return { exitCode, ...told };
}

/** The specs of one import, each read back, with its notes. */
async function imported(format: string, input: string, ...argv: string[]) {
  calls += 1;
  const out = `out-${calls}`;
  const { exitCode, stdout } = await call(['import', format, '-', '--name', 'old', '--out', out, '--json', ...argv], input);
  const told = JSON.parse(stdout);
  expect(told.error, stdout).toBeUndefined();
  const specs = told.specs.map((spec: { name: string; path: string; notes: string[]; valid: boolean }) => {
    const text = readFileSync(spec.path, 'utf8');
    for (const note of spec.notes) expect(text).toContain(`# - ${note}\n`);
    return { ...spec, document: parse(text) };
  });
  const itemsOf = (id: string) =>
    readFileSync(join(folder, out, id, 'items.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return { exitCode, specs, suites: told.suites, itemsOf };
}

async function refused(format: string, input: string | Uint8Array, ...argv: string[]) {
  const before = readdirSync(folder);
  const { exitCode, stdout } = await call(['import', format, '-', '--name', 'old', '--out', 'never', '--json', ...argv], input);
  expect(exitCode, stdout).toBe(2);
  expect(existsSync(join(folder, 'never'))).toBe(false);
  expect(readdirSync(folder)).toEqual(before);
  return JSON.parse(stdout).error as { code: string; message: string };
}

const CIRCLE = 'a small red circle moving left on a black background';

describe('run requests', () => {
  const request = {
    model_name: 'someone/Pocket-T2V',
    prompts: [CIRCLE, { id: 'second', prompt: 'a boat', motion: 'left' }],
    config: {
      num_frames: 16,
      fps: 8,
      resolution: '512x320',
      num_inference_steps: 4,
      guidance_scale: 2.5,
      seed: 7,
      num_videos_per_prompt: 3,
    },
    callback_url: 'http://localhost/done',
  };

  it('become a spec with the params that the model has, and a suite of their prompts', async () => {
    const { exitCode, specs, itemsOf } = await imported('run-request', JSON.stringify(request));

    expect(exitCode).toBe(0);
    expect(specs[0].document).toMatchObject({
      suite: './old-prompts',
      models: [{ model: 'pocket-t2v', params: { steps: 4, guidance: 2.5 } }],
      samples: { seed: 7, perItem: 3 },
    });
    expect(itemsOf('old-prompts').map(({ input, attributes }) => [input.prompt, attributes])).toEqual([
      [CIRCLE, {}],
      ['a boat', { motion: 'left' }],
    ]);
    const notes = specs[0].notes.join('\n');
    for (const lost of ['num_frames 16', 'fps 8', 'resolution "512x320"', 'callback_url', 'is taken for the registered pocket-t2v'])
      expect(notes).toContain(lost);
  });

  it('with the same prompts become one spec, with others another; a value out of range is left out', async () => {
    const other = { ...request, model_name: 'oracle', config: { num_inference_steps: 4 } };
    const steps = { ...request, model_name: 'pocket-t2v', prompts: ['x'], config: { num_inference_steps: 1000 } };
    const text = [request, other, steps].map((each) => JSON.stringify(each)).join('\n');
    const { exitCode, specs } = await imported('run-request', text, '--model', 'oracle=oracle-t2v');

    expect(exitCode).toBe(0);
    expect(specs.map(({ document }: { document: { models: unknown } }) => document.models)).toEqual([
      [{ model: 'pocket-t2v', params: { steps: 4, guidance: 2.5 } }, { model: 'oracle-t2v' }],
      [{ model: 'pocket-t2v' }],
    ]);
    expect(specs[1].notes.join('\n')).toContain('num_inference_steps 1000 is left out: pocket-t2v takes at least 1, at most 64');
  });

  it('of a model that is not registered keep all params, and say what to do', async () => {
    const { exitCode, specs } = await imported('run-request', JSON.stringify({ ...request, model_name: 'x/pocket-t2' }));

    expect(exitCode).toBe(2);
    expect(specs[0]).toMatchObject({ valid: false, problems: [expect.objectContaining({ code: 'unknown-model' })] });
    expect(specs[0].document.models[0]).toEqual({
      model: 'pocket-t2',
      params: expect.objectContaining({ num_inference_steps: 4, resolution: '512x320' }),
    });
    expect(specs[0].notes.join('\n')).toContain('"x/pocket-t2" is not registered (the nearest name is pocket-t2v)');
  });

  it.each([
    ['no JSON', '{'],
    ['an empty list', '[]'],
    ['no prompts', '{"model_name":"x"}'],
    ['a config nested without end', `{"model_name":"x","prompts":["x"],"config":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`],
    ['no model', '{"prompts":["x"]}'],
    ['prompts that are none', '{"model_name":"x","prompts":"x"}'],
    ['a line that is no JSON', '{"model_name":"x","prompts":["x"]}\nnope\n{}'],
  ])('are refused with %s', async (_, text) => {
    expect((await refused('run-request', text)).code).toBe('import-invalid');
  });

  it('are refused with a prompt that is no text, by its place, unless it may be left out', async () => {
    const text = JSON.stringify({ ...request, prompts: ['x', 7, ''] });

    expect(await refused('run-request', text)).toMatchObject({
      code: 'entries-refused',
      message: 'request 1, prompt 2: no prompt: a text is expected; request 1, prompt 3: no prompt: a text is expected',
    });
    expect((await imported('run-request', text, '--skip-refused')).suites[0]).toMatchObject({ items: 1, entries: 3, refusedCount: 2 });
  });
});

describe('run plans', () => {
  it('become one spec per task and data set', async () => {
    const plan = [
      'model_name,task,dataset,num_inference_steps,prompt,num_samples,priority,metric',
      `pocket-t2v,text_to_video,,4,${CIRCLE},,1,`,
      `oracle-t2v,text_to_video,,4,${CIRCLE},,1,`,
      'tesseract,ocr,ocr-lines,,,12,2,cer',
      'rapidocr,ocr,ocr-lines,,,13,2,cer',
      'ridge,regression,elsewhere,,,,,rmse',
    ].join('\n');
    const { exitCode, specs, itemsOf } = await imported('run-plan', plan);

    expect(exitCode).toBe(2);
    expect(specs.map(({ name, valid }: { name: string; valid: boolean }) => [name, valid])).toEqual([
      ['old-text-to-video', true],
      ['old-ocr-ocr-lines', true],
      ['old-regression-elsewhere', false],
    ]);
    expect(specs[0].document.models).toEqual([{ model: 'pocket-t2v', params: { steps: 4 } }, { model: 'oracle-t2v' }]);
    expect(specs[1].document).toMatchObject({ suite: 'ocr-lines', samples: { limit: 12 }, score: { rankBy: 'text.cer' } });
    expect(specs[1].notes.join('\n')).toMatch(/priority[\s\S]*limit differs from row to row \(12, 13\)/);
    expect(specs[2].notes.join('\n')).toContain('"elsewhere" is no registered suite');
    expect(itemsOf('old-text-to-video-prompts')).toHaveLength(1);
  });

  it('take the suite that the user gives, and say when rows are no full matrix', async () => {
    const { exitCode, specs } = await imported(
      'run-plan',
      'model,task\nridge,fit\n',
      '--suite',
      'diabetes',
      '--task',
      'tabular-regression',
    );
    expect([exitCode, specs[0].document.suite]).toEqual([0, 'diabetes']);

    const uneven = await imported('run-plan', 'model,task,prompt\npocket-t2v,t2v,x\noracle-t2v,t2v,y\n');
    expect(uneven.specs[0].notes.join('\n')).toContain('pairs models with different prompts');
  });

  it.each([
    ['no rows', 'model,task\n'],
    ['no model', 'task\nx\n'],
    ['a row of another length, by its line', 'model,task\na,b\nc\n'],
  ])('are refused with %s', async (what, text) => {
    const error = await refused('run-plan', text);

    expect(error.code).toBe('import-invalid');
    if (what.includes('line')) expect(error.message).toMatch(/^line 3: /);
  });
});

describe('task registries', () => {
  it('become a spec per task, with the metrics that Bakeoff has', async () => {
    const text = `
models: [tesseract, { name: rapidocr, params: { dpi: 300 } }]
tasks:
  lines: { type: ocr, dataset: ocr-lines, metrics: [cer, latency_p95, clip_score], num_samples: 10, prompt_template: "Read {image}" }
  clips: { type: text-to-video, prompts: [one, two], models: [pocket-t2v], config: { steps: 2 } }
`;
    const { exitCode, specs, itemsOf } = await imported('task-registry', text);

    expect(exitCode).toBe(0);
    expect(specs[0].document).toMatchObject({
      models: [{ model: 'tesseract' }, { model: 'rapidocr' }],
      samples: { limit: 10 },
      scorers: ['latency', 'resources', 'text'],
      score: { rankBy: 'text.cer' },
    });
    const notes = specs[0].notes.join('\n');
    for (const lost of ['prompt_template', '"clip_score"', 'dpi 300']) expect(notes).toContain(lost);
    expect(notes).not.toContain('latency');
    expect(specs[1].document).toMatchObject({ suite: './old-clips-prompts', models: [{ model: 'pocket-t2v', params: { steps: 2 } }] });
    expect(itemsOf('old-clips-prompts')).toHaveLength(2);
  });

  it('of one task of an evaluation harness, with functions in it, take what is data and name the rest', async () => {
    const text =
      'task: lines\ndataset_path: ocr-lines\noutput_type: ocr\ndoc_to_text: !function utils.text\nmetric_list:\n  - metric: wer\n';
    const { exitCode, specs } = await imported('task-registry', text, '--model', 'tesseract');

    expect([exitCode, specs[0].document.suite, specs[0].document.score]).toEqual([0, 'ocr-lines', { rankBy: 'text.wer' }]);
    expect(specs[0].notes.join('\n')).toMatch(/line 4: yaml-tag[\s\S]*doc_to_text/);
  });

  it.each([
    ['no mapping', '- a\n- b\n'],
    ['no models', 'tasks: { a: { dataset: x } }\n'],
    ['no tasks', 'tasks: {}\n'],
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
        .join('\n')}\n`,
    ],
    ['control characters', 'tasks: "\u0007"\n'],
  ])('are refused with %s', async (_, text) => {
    expect((await refused('task-registry', text)).code).toBe('import-invalid');
  });
});

describe('regression files', () => {
  it('of rows become a tabular suite with their targets', async () => {
    const text = [
      { id: 'r1', features: { age: 24, bmi: 25.3 }, target: 206, prediction: 199, tolerance: 20, split: 'test' },
      { features: [53, 23.7], feature_names: ['age', 'bmi'], y: 179 },
    ];
    const { exitCode, specs, itemsOf } = await imported(
      'regression',
      text.map((row) => JSON.stringify(row)).join('\n'),
      '--model',
      'ridge',
      '--model',
      'mean-baseline',
    );

    expect(exitCode).toBe(0);
    expect(specs[0].document).toMatchObject({
      models: [{ model: 'ridge' }, { model: 'mean-baseline' }],
      scorers: ['latency', 'resources', 'numbers'],
    });
    expect(itemsOf('old-rows').map(({ id, input, reference, attributes }) => [id, input.row, reference, attributes])).toEqual([
      ['r1', { age: 24, bmi: 25.3 }, { value: 206 }, { split: 'test' }],
      [expect.stringMatching(/^row-[0-9a-f]{12}$/), { age: 53, bmi: 23.7 }, { value: 179 }, {}],
    ]);
    expect(specs[0].notes.join('\n')).toMatch(/prediction, tolerance[\s\S]*write gates/);
  });

  it('of cases become items with the expected answer', async () => {
    const rows = [
      { id: 'fact', input: 'What is it?', expected: { reference: 'a boat' }, category: 'facts', model: 'tesseract' },
      { prompt: 'And this?', expected: ['a', 'b'] },
    ];
    const { specs, itemsOf } = await imported('regression', rows.map((row) => JSON.stringify(row)).join('\n'));

    expect(itemsOf('old-rows').map(({ input, reference, attributes }) => [input, reference, attributes])).toEqual([
      [{ prompt: 'What is it?' }, { text: 'a boat' }, { category: 'facts' }],
      [{ prompt: 'And this?' }, { texts: ['a', 'b'] }, {}],
    ]);
    expect(specs[0].document.models).toEqual([{ model: 'tesseract' }]);
  });

  it.each([
    ['no rows', '', 'import-invalid'],
    ['no model', '{"features":{"a":1},"target":1}\n', 'import-invalid'],
    ['a row without target, by its line', '{"features":{"a":1},"target":1,"model":"ridge"}\n{"features":{"a":1}}\n', 'entries-refused'],
    ['a line that is no JSON', '{"features":{"a":1},"target":1,"model":"ridge"}\nx\n', 'entries-refused'],
  ])('are refused with %s', async (_, text, code) => {
    const error = await refused('regression', text);

    expect(error.code).toBe(code);
    if (code === 'entries-refused') expect(error.message).toMatch(/^line 2: /);
  });
});

describe('every format', () => {
  it.each(OLD_FORMATS)('%s is refused when it is not UTF-8', async (format) => {
    expect((await refused(format, Buffer.from([0x7b, 0xff, 0xfe]))).code).toBe('not-utf8');
  });

  const word = fc.constantFrom(
    'model',
    'model_name',
    'prompts',
    'prompt',
    'config',
    'tasks',
    'task',
    'features',
    'target',
    'seed',
    'steps',
    '__proto__',
    'a',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      word,
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(word, tie('tree'), { maxKeys: 5 }),
    ),
  }));

  /** A registry that is read in no time. */
  const small = mkdtempSync(join(tmpdir(), 'bakeoff-small-'));
  beforeAll(() => writeInstallation(small));
  afterAll(() => rmSync(small, { recursive: true, force: true }));

  it.each(OLD_FORMATS)('%s meets no unexpected error, whatever the file holds', async (format) => {
    const property = fc.asyncProperty(tree, fc.string({ maxLength: 20 }), fc.boolean(), async (value, noise, isNoisy) => {
      calls += 1;
      const text = `${JSON.stringify(value)}${isNoisy ? `\n${noise}` : ''}`;
      const argv = ['import', format, '-', '--name', 'old', '--out', `out-${calls}`, '--model', 'ridge', '--skip-refused', '--json'];
      const { exitCode, stdout } = await call(argv, text, small);
      expect([0, 2], `${text}\n${stdout}`).toContain(exitCode);
      rmSync(join(folder, `out-${calls}`), { recursive: true, force: true });
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('writes notes that stay comments, whatever names hold', async () => {
    const { exitCode, stdout } = await call(
      ['import', 'run-plan', '-', '--name', 'lines', '--suite', 'diabetes', '--json'],
      'model,"notes\nname: other","output\u2028x"\nridge,1,2\n',
    );

    expect(exitCode, stdout).toBe(0);
    const text = readFileSync(join(folder, 'lines/lines.yaml'), 'utf8');
    expect(text.split('\n').filter((line) => line.startsWith('name:'))).toEqual(['name: lines']);
  });

  it('prints at most 80 columns, notes on stderr', async () => {
    const { exitCode, stdout, stderr } = await call(
      ['import', 'run-plan', '-', '--name', 'wide', '--suite', 'diabetes'],
      'model,task,priority,alpha\nridge,regression,1,nine\n',
    );

    expect([exitCode, stdout]).toEqual([0, 'spec     wide/wide.yaml: valid\n']);
    expect(stderr).toContain('note: columns that were left out: priority');
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
