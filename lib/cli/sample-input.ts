/**
 * What `bakeoff models check` asks a model: the first item of a registered suite that has one of its tasks; else, for tasks whose input is
 * only words, words.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SampleInput } from '../conformance/rule.ts';
import type { RegisteredSuite, Registry } from '../core/registry.ts';

const WORDS: ReadonlyMap<string, SampleInput> = new Map([
  ['text-to-video', { task: 'text-to-video', prompt: 'a red ball rolls over a table' }],
  ['chat', { task: 'chat', messages: [{ role: 'user', content: 'Say in one sentence what the sea looks like.' }] }],
]);

/** Other words for the same task: the message of a chat, the prompt of anything else. */
export function withPrompt(input: SampleInput, prompt: string): SampleInput {
  return input.task === 'chat' ? { ...input, messages: [{ role: 'user', content: prompt }] } : { ...input, prompt };
}

/** Files are copied to `inputsDir`, where the server may read them, and named there; without it they are named where they lie. */
export async function sampleInput(registry: Registry, tasks: readonly string[], inputsDir: string | null): Promise<SampleInput | null> {
  const suite = [...registry.suites.values()].find(({ manifest }) => tasks.includes(manifest.task));
  const [item] = suite?.items ?? [];
  if (suite === undefined || item === undefined) return tasks.map((task) => WORDS.get(task)).find((input) => input !== undefined) ?? null;
  const { prompt, messages, row, files } = item.input;
  return {
    task: suite.manifest.task,
    ...(prompt === undefined ? {} : { prompt }),
    ...(messages === undefined ? {} : { messages }),
    ...(row === undefined ? {} : { row }),
    ...(files === undefined ? {} : { files: await Promise.all(files.map((file) => placed(file, suite, inputsDir))) }),
  };
}

type InputFile = NonNullable<SampleInput['files']>[number];

async function placed({ path, sha256, contentType }: InputFile, suite: RegisteredSuite, inputsDir: string | null): Promise<InputFile> {
  const source = join(suite.folder, path);
  if (inputsDir === null) return { path: source, sha256, contentType };
  const target = join(inputsDir, sha256);
  await mkdir(inputsDir, { recursive: true });
  await copyFile(source, target);
  return { path: target, sha256, contentType };
}
