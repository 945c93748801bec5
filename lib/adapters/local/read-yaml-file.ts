/** Reads a small YAML file of a package or a suite and checks it against its schema. Called by the readers of the registry. */
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import type { z } from 'zod';
import { BakeoffError, messageOf } from '../../core/errors.ts';

const MAX_BYTES = 1_048_576;

/** Throws `<what>-unreadable` or `<what>-invalid`; the message names the file and every problem. */
export async function readYamlFile<T>(path: string, schema: z.ZodType<T>, what: 'package' | 'suite'): Promise<T> {
  const document = await readDocument(path, what);
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'document'}: ${issue.message}`);
  throw new BakeoffError({
    code: `${what}-invalid`,
    message: `${path} is not a valid ${what} description: ${problems.join('; ')}`,
    remedy: `Correct the file; ${what === 'package' ? 'models/' : 'examples/suites/'} has others to compare with.`,
  });
}

async function readDocument(path: string, what: 'package' | 'suite'): Promise<unknown> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Error(`${size} bytes; at most ${MAX_BYTES} are read`);
    return parse(await readFile(path, 'utf8'), { version: '1.2', maxAliasCount: 100, logLevel: 'error' });
  } catch (thrown) {
    throw new BakeoffError({
      code: `${what}-unreadable`,
      message: `${path} cannot be read: ${messageOf(thrown)}`,
      remedy: 'Restore the file, or remove its folder.',
      cause: thrown,
    });
  }
}
