/** Suites that specs can name. */
import { z } from 'zod';
import { idSchema, sha256Schema } from '../../core/ids.ts';
import { suiteManifestSchema } from '../../core/suite.ts';
import { nextCursorSchema } from './page.ts';

const { task, title, description, license, source } = suiteManifestSchema.shape;

export const suiteSchema = z
  .object({
    id: idSchema,
    version: z.string(),
    title,
    description,
    task,
    license,
    source,
    digest: sha256Schema,
    itemCount: z.int().nonnegative(),
  })
  .meta({ id: 'Suite', description: 'A suite: the items that every model is sent.' });

export const suitePageSchema = z
  .object({ items: z.array(suiteSchema), cursor: nextCursorSchema })
  .meta({ id: 'SuitePage', description: 'Suites by id.' });
