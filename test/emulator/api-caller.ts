/**
 * Calls the deployed API as a client would, and holds each answer to docs/openapi.json: its status must be described, its body must match.
 * Remembers which operations were called, so that the level can say that none was left out.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';

const METHODS = ['get', 'post', 'delete', 'put', 'patch'] as const;

const operationSchema = z.object({
  operationId: z.string(),
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })).optional() }).loose()),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z
    .object({ schemas: z.record(z.string(), z.unknown()).default({}), responses: z.record(z.string(), z.unknown()).default({}) })
    .loose(),
});

export interface ApiAccess {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface ApiRequest {
  /** Sends the request without a signature, which the API must refuse. */
  readonly isUnsigned?: boolean;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

export interface ApiCaller {
  /** `path` begins with `/v1/`. Redirects are not followed. Throws when the answer is not the described one. */
  readonly call: (path: string, request?: ApiRequest) => Promise<ApiAnswer>;
  readonly operations: () => string[];
  readonly called: () => ReadonlySet<string>;
}

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly params: number;
  readonly responses: z.infer<typeof operationSchema>['responses'];
}

export function apiCaller(root: string, baseUrl: string, access: ApiAccess): ApiCaller {
  const document = documentSchema.parse(JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')));
  const operations = operationsOf(document);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'document', components: document.components });
  const called = new Set<string>();
  const call = async (path: string, request: ApiRequest = {}): Promise<ApiAnswer> => {
    const method = request.method ?? 'GET';
    const operation = operationOf(operations, method, path.split('?')[0] ?? path);
    const url = new URL(`${baseUrl.replace(/\/+$/, '')}${path}`);
    const headers = request.isUnsigned ? (request.headers ?? {}) : await signed(url, method, request, access);
    const body = request.body === undefined ? {} : { body: request.body };
    const response = await fetch(url, { method, redirect: 'manual', headers, ...body });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, text, json: parsed(text, response.headers) };
    if (operation === null || request.isUnsigned) return answer;
    called.add(operation.id);
    check(operation, answer, (schema) => ajv.compile(rebased(schema)));
    return answer;
  };
  return { call, operations: () => operations.map(({ id }) => id), called: () => called };
}

async function signed(url: URL, method: string, request: ApiRequest, { region, credentials }: ApiAccess): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...request.headers, host: url.host },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  return headers;
}

function operationsOf({ paths }: z.infer<typeof documentSchema>): Operation[] {
  const found = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) => {
      const { operationId, responses } = operationSchema.parse(item[method]);
      const pattern = new RegExp(`^${path.replace(/\{path\}$/, '.+').replace(/\{[^}]+\}/g, '[^/]+')}$`);
      return { id: operationId, method: method.toUpperCase(), pattern, params: path.split('{').length - 1, responses };
    }),
  );
  return found.sort((a, b) => a.params - b.params);
}

function operationOf(operations: readonly Operation[], method: string, path: string): Operation | null {
  return operations.find((operation) => operation.method === method && operation.pattern.test(path)) ?? null;
}

function check(operation: Operation, answer: ApiAnswer, compile: (schema: unknown) => ValidateFunction): void {
  // Caches' answer to If-None-Match; has no body.
  if (answer.status === 304) return;
  const described = operation.responses[String(answer.status)] ?? operation.responses.default;
  if (described === undefined) {
    throw new Error(`${operation.id} answered ${answer.status}, which docs/openapi.json does not describe: ${answer.text.slice(0, 500)}`);
  }
  const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
  const schema = described.content?.[type]?.schema;
  if (schema === undefined) return;
  const validate = compile(schema);
  if (validate(answer.json)) return;
  throw new Error(
    `${operation.id}'s answer is not the described one: ${JSON.stringify(validate.errors?.slice(0, 3))} in ${answer.text.slice(0, 500)}`,
  );
}

/** References of the document, seen from a schema that was taken out of it. */
function rebased(schema: unknown): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/'));
}

function parsed(text: string, headers: Headers): unknown {
  if (text === '' || !/json/.test(headers.get('content-type') ?? '')) return undefined;
  return JSON.parse(text);
}
