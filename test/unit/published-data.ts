/**
 * The published vectors that lie beside a checkout. They are no part of the repository: where they are absent their tests are skipped and
 * say so, and in CI (CI is set) they fail.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../../shared/data');

/** Declares `tests` with the text of the file. */
export function describePublished(fileName: string, tests: (text: string) => void): void {
  const path = join(folder, fileName);
  if (existsSync(path)) describe(`published vectors of ${fileName}`, () => tests(readFileSync(path, 'utf8')));
  else if (process.env.CI === undefined || process.env.CI === '') {
    it.skip(`NOT CHECKED: ${fileName} does not lie in shared/data beside the checkout`);
  } else {
    it(`needs ${fileName}`, () => expect.fail(`${fileName} does not lie in shared/data beside the checkout`));
  }
}
