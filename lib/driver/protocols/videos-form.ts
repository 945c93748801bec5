/**
 * A sample as the form of `POST /v1/videos`: its prompt, seed and params as fields, its files as `input_reference`. Called by openai-videos.ts.
 */
import { readFile } from 'node:fs/promises';
import type { Sample } from './model-protocol.ts';

export interface FormOptions {
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
}

/** Each character is a byte (latin1), so that files fit into a string. Rejects when an input file cannot be read. */
export function formOf({ item, seed }: Sample, boundary: string, options: FormOptions): string | Promise<string> {
  const { prompt = '', files = [] } = item.input;
  const fields = Object.entries({ model: options.model, prompt, ...options.params, seed }).map(([name, value]) =>
    fieldOf(name, String(value)),
  );
  const end = `--${boundary}--\r\n`;
  const joined = (parts: readonly string[]): string => parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('') + end;
  if (files.length === 0) return joined(fields);
  const reading = files.map(async ({ sha256, contentType }) => {
    const head = `content-disposition: form-data; name="input_reference"; filename="${sha256}"\r\ncontent-type: ${contentType}\r\n\r\n`;
    return asBytes(head) + (await readFile(options.inputPath(sha256))).toString('latin1');
  });
  return Promise.all(reading).then((parts) => joined([...fields, ...parts]));
}

function fieldOf(name: string, value: string): string {
  return asBytes(`content-disposition: form-data; name="${escaped(name)}"\r\n\r\n${value}`);
}

function asBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** As browsers do it. */
function escaped(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
