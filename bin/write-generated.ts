/** `npm run schema`: writes the documents that follow from code. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedDocs } from '../lib/cli/generate-docs.ts';
import { infraDocs } from '../lib/infra/generate-docs.ts';
import { INSTALLATION_ROOT } from '../lib/cli/software-version.ts';

/** As committed; a test holds them to what is synthesised. */
const templates = await Promise.all(
  ['data', 'service'].map((name) => readFile(join(INSTALLATION_ROOT, `test/infra/golden/bakeoff-${name}.json`), 'utf8')),
);
for (const [path, content] of [...generatedDocs(), ...infraDocs(templates)]) await writeFile(join(INSTALLATION_ROOT, path), content);
