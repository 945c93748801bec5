/** The commands of docs/suites.md are executed as they stand, in a folder with files such as they name. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../lib/cli/program.ts';

const ROOT = join(import.meta.dirname, '../..');
const guide = readFileSync(join(ROOT, 'docs/suites.md'), 'utf8');
const commands = [...guide.matchAll(/```console\n([\s\S]*?)```/g)]
  .flatMap(([, text = '']) => text.trim().split('\n'))
  .map((line) => line.replace(/^npx bakeoff /, ''));

const folder = mkdtempSync(join(tmpdir(), 'bakeoff-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  const write = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text);
  const image = join(ROOT, 'examples/suites/ocr-lines/images/prose-01.png');
  for (const label of ['cat', 'dog', 'bird']) {
    mkdirSync(join(folder, 'photos', label), { recursive: true });
    write(`photos/${label}/1.png`, Buffer.concat([readFileSync(image), Buffer.from(label)]));
  }
  cpSync(join(ROOT, 'test/fixtures/datasets/questions'), join(folder, 'receipts'), { recursive: true });
  write('VBench_full_info.json', '[{"prompt_en":"a red bicycle","dimension":["color"]}]');
  write('clips.jsonl', '{"caption":"a boat","motion":"left"}\n');
  write('patients.csv', 'age,sex,progress\n24,1,206\n53,2,179\n');
  write('plan.csv', 'model,task,dataset\ntesseract,ocr,ocr-lines\n');
  write('tasks.yaml', 'tasks:\n  lines: { type: ocr, dataset: ocr-lines, metrics: [cer] }\n');
  write('request.json', '{"model_name":"zeroscope","prompts":["a boat"],"config":{"num_inference_steps":4,"fps":8}}');
  write('cases.jsonl', '{"features":{"age":24},"target":206}\n');
});

it('has commands', () => {
  expect(commands).toHaveLength(10);
});

it.each(commands)('bakeoff %s', async (command) => {
  const argv = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const told = { stdout: '', stderr: '' };
  const exitCode = await main(argv, {
    stdout: { write: (text) => (told.stdout += text) },
    stderr: { write: (text) => (told.stderr += text) },
    environment: {},
    cwd: folder,
    root: ROOT,
    isTty: false,
    isStdoutTty: false,
    columns: 80,
  });

  expect(exitCode, told.stderr).toBe(0);
});
