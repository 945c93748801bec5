/** `npm run schema`: writes the documents that follow from code. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedDocs } from '../lib/cli/generate-docs.ts';
import { infraDocs } from '../lib/infra/generate-docs.ts';
import { INSTALLATION_ROOT } from '../lib/cli/software-version.ts';

for (const [path, content] of [...generatedDocs(), ...infraDocs()]) await writeFile(join(INSTALLATION_ROOT, path), content);
