/** Models that runs can name, and the registration of an image as one. */
import { z } from 'zod';
import { idSchema, sha256Schema } from '../../core/ids.ts';
import { modelManifestSchema } from '../../core/manifest.ts';
import { nextCursorSchema } from './page.ts';

const { tasks, protocol, reference, requirements, params, license } = modelManifestSchema.shape;

export const modelSchema = z
  .object({
    id: idSchema,
    version: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    tasks,
    protocol,
    reference,
    requirements,
    params,
    license,
    /** Identity of the package or image. */
    digest: sha256Schema,
    /** Where the image is; null for a package of this installation. */
    image: z.string().nullable(),
  })
  .meta({ id: 'Model', description: 'A model that a spec can name.' });

export const modelPageSchema = z
  .object({ items: z.array(modelSchema), cursor: nextCursorSchema })
  .meta({ id: 'ModelPage', description: 'Models by id.' });

/** `<host>/<repository>@sha256:<digest>`: a tag can change, a digest cannot. */
export const imageSchema = z
  .string()
  .max(512)
  .regex(/^[a-z0-9][a-z0-9.:-]*(\/[a-z0-9][a-z0-9._-]*)+@sha256:[0-9a-f]{64}$/)
  .meta({ description: '<registry>/<repository>@sha256:<digest>' });

export const registerModelBodySchema = z
  .strictObject({ manifest: modelManifestSchema, image: imageSchema })
  .meta({ id: 'RegisterModel', description: 'An image and the manifest of the model in it.' });

export const registeredModelSchema = z
  .object({ id: idSchema, version: z.int().positive(), image: z.string(), digest: sha256Schema, registeredAtMs: z.number() })
  .meta({ id: 'RegisteredModel', description: 'The registration; its version is raised when a model is registered again.' });
