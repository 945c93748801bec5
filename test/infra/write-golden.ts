/** `node test/infra/write-golden.ts`: writes the golden templates anew. Look at the difference before committing it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GOLDEN_FOLDER, goldenTemplates } from './golden-templates.ts';
import { root } from './synth-fixture.ts';

mkdirSync(join(root, GOLDEN_FOLDER), { recursive: true });
for (const [path, content] of goldenTemplates()) writeFileSync(join(root, path), content);
