/** The routes of models: what can be named in a spec, how it did, and the registration of an image. */
import { z } from 'zod';
import { idSchema } from '../../core/ids.ts';
import type { RegisteredModel } from '../../core/registry.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { pageById } from '../id-page.ts';
import type { ApiPorts } from '../ports.ts';
import { problemOf } from '../problems.ts';
import { type ApiRoute, defineRoute } from '../route.ts';
import { modelPageSchema, modelSchema, registeredModelSchema, registerModelBodySchema } from '../schemas/model.ts';
import { pageQuerySchema } from '../schemas/page.ts';
import { historySchema } from '../schemas/result.ts';

type Model = z.input<typeof modelSchema>;
const idParams = z.strictObject({ id: idSchema });

const listModels = defineRoute({
  method: 'get',
  path: '/v1/models',
  operationId: 'listModels',
  tag: 'models',
  summary: 'List the models that a spec can name, by id',
  params: z.strictObject({}),
  query: pageQuerySchema,
  success: { status: 200, schema: modelPageSchema, description: 'A page of models' },
  problems: ['bad-cursor', 'not-acceptable'],
  handle: async ({ query }, ports) => ({ kind: 'json', body: pageById(await knownModels(ports), 'models', query) }),
});

const showModel = defineRoute({
  method: 'get',
  path: '/v1/models/{id}',
  operationId: 'getModel',
  tag: 'models',
  summary: 'Show a model: its params, requirements and identity',
  params: idParams,
  query: z.strictObject({}),
  success: { status: 200, schema: modelSchema, description: 'The model' },
  problems: ['model-missing', 'not-acceptable'],
  handle: async ({ params }, ports) => {
    const model = (await knownModels(ports)).find(({ id }) => id === params.id);
    if (model === undefined)
      throw problemOf('model-missing', `no model ${params.id} is registered`, 'Name a model that GET /v1/models lists.');
    return { kind: 'json', body: model };
  },
});

const listHistory = defineRoute({
  method: 'get',
  path: '/v1/models/{id}/history',
  operationId: 'getModelHistory',
  tag: 'results',
  summary: 'List the results of a model over its runs, newest first',
  description: 'Also for models that are no longer registered; empty where there are no results.',
  params: idParams,
  query: pageQuerySchema,
  success: { status: 200, schema: historySchema, description: 'A page of results' },
  problems: ['bad-cursor', 'not-acceptable'],
  handle: async ({ params, query }, ports) => {
    const scope = `history/${params.id}`;
    const position = decodeCursor(scope, z.string(), query.cursor);
    const { items, cursor } = await ports.index.modelHistory({ modelId: params.id, limit: query.limit, cursor: position });
    return { kind: 'json', body: { items: [...items], cursor: cursor === null ? null : encodeCursor(scope, cursor) } };
  },
});

const registerModel = defineRoute({
  method: 'post',
  path: '/v1/models',
  operationId: 'registerModel',
  tag: 'models',
  summary: 'Register an image as a model',
  description:
    'Repeatable: the same image and manifest are one registration. Of the caller come the digest, the command, the environment and the sizes; ' +
    'roles, network, users and mounts are those of the deployment.',
  params: z.strictObject({}),
  query: z.strictObject({}),
  accepts: {
    mediaTypes: ['application/json'],
    maxBytes: 262_144,
    schema: registerModelBodySchema,
    description: 'The image by its digest, and the manifest of the model in it.',
  },
  success: { status: 201, schema: registeredModelSchema, description: 'The registration' },
  problems: [
    ...(['bad-body', 'manifest-invalid', 'body-too-large', 'media-type-unsupported', 'registry-not-allowed', 'bad-image'] as const),
    ...(['image-missing', 'model-exists', 'no-class-fits', 'record-contended', 'not-on-one-machine', 'not-acceptable'] as const),
  ],
  handle: async ({ body, link }, ports) => {
    const { manifest, image, version, imageDigest, registeredAtMs } = await ports.registerModel(parsedBody(body));
    const answer = { id: manifest.id, version, image, digest: imageDigest, registeredAtMs };
    return { kind: 'json', body: answer, location: link(`/v1/models/${manifest.id}`) };
  },
});

function parsedBody(body: Uint8Array): z.output<typeof registerModelBodySchema> {
  const parsed = registerModelBodySchema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  const told = parsed.error.issues
    .slice(0, 20)
    .map(({ path, message }) => `${path.join('.').slice(0, 200) || 'the body'}: ${message.slice(0, 200)}`);
  throw problemOf('manifest-invalid', told.join('; '), 'Correct what is named; docs/how-to-add-a-model.md describes the manifest.');
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw problemOf('bad-body', 'the body is not JSON', 'Send one JSON document.');
    throw error;
  }
}

/** Registered models with where their images are. */
async function knownModels(ports: ApiPorts): Promise<Model[]> {
  const [registry, images] = await Promise.all([ports.readRegistry(null), ports.listImages()]);
  const imageOf = new Map(images.map(({ manifest, image }) => [manifest.id, image]));
  return [...registry.models.values()].map((model) => modelView(model, imageOf.get(model.manifest.id) ?? null));
}

function modelView({ manifest, digest }: RegisteredModel, image: string | null): Model {
  const { id, version, title, description, tasks, protocol, reference, requirements, params, license } = manifest;
  return { id, version, title, description: description ?? null, tasks, protocol, reference, requirements, params, license, digest, image };
}

export const MODEL_ROUTES: readonly ApiRoute[] = [listModels, registerModel, showModel, listHistory];
