/**
 * Reads the body of POST /v1/chat/completions. Everything in it is hostile until it has passed here: unknown members are
 * refused, because a setting that is silently ignored would make a measurement a lie.
 */
import { z } from 'zod';
import { RequestFault } from './request-fault.mjs';

const PNG_URL = 'data:image/png;base64,';

const partSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: z.string(), detail: z.string().optional() }) }),
]);

const messageSchema = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(partSchema).min(1)]),
});

const envelope = {
  model: z.string(),
  messages: z.array(messageSchema).min(1),
  /** Accepted and without effect: recognition is deterministic. */
  seed: z.int().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
  /** What clients send anyway and what cannot change an answer here. */
  n: z.literal(1).nullish(),
  user: z.unknown().optional(),
  store: z.unknown().optional(),
  metadata: z.unknown().optional(),
};

/**
 * Makes the reader for one model.
 * @param {string} modelId the only model served
 * @param {import('zod').ZodType} paramsSchema the params, top-level members of the body
 * @returns {(text: string) => {image: Buffer, params: Record<string, unknown>, stream: boolean}} throws RequestFault
 */
export function chatRequestReader(modelId, paramsSchema) {
  const envelopeSchema = z.object(envelope);
  return (text) => {
    const body = parseJsonObject(text);
    const { model, messages, stream } = check(envelopeSchema, body);
    if (model !== modelId) {
      throw new RequestFault(404, 'model_not_found', `The model ${JSON.stringify(model)} does not exist; expected "${modelId}".`);
    }
    const params = check(paramsSchema, Object.fromEntries(Object.entries(body).filter(([name]) => !Object.hasOwn(envelope, name))));
    return { image: onlyImage(messages), params, stream: stream ?? false };
  };
}

function parseJsonObject(text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new RequestFault(400, 'invalid_json', `The body is not JSON: ${cause.message}`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RequestFault(400, 'invalid_body', 'The body is not a JSON object.');
  }
  return body;
}

function check(schema, value) {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => (path.length ? `${path.join('.')}: ${message}` : message));
  throw new RequestFault(400, 'invalid_value', problems.join('; '));
}

/** Text parts are instructions, which an OCR engine cannot follow: they are read past. */
function onlyImage(messages) {
  const urls = messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .flatMap((part) => (part.type === 'image_url' ? [part.image_url.url] : []));
  if (urls.length !== 1) {
    throw new RequestFault(400, 'image_count', `The messages hold ${urls.length} image_url parts; expected exactly one.`);
  }
  const [url] = urls;
  if (!url.startsWith(PNG_URL)) {
    throw new RequestFault(400, 'image_url', `The image URL starts with ${JSON.stringify(url.slice(0, 40))}; expected "${PNG_URL}".`);
  }
  const data = url.slice(PNG_URL.length);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) {
    throw new RequestFault(400, 'image_base64', 'The image is not base64.');
  }
  return Buffer.from(data, 'base64');
}
