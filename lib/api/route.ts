/**
 * A route as a value: its place, its parameters, its answer, its problems and its work. create-api.ts serves it, openapi.ts describes it,
 * so that the two cannot differ.
 */
import type { z } from 'zod';
import type { SpecProblem } from '../core/spec-problem.ts';
import type { ApiPorts } from './ports.ts';
import { type ApiProblemCode, problemOf } from './problems.ts';

/** What a route may use of its request. */
export interface Call<P, Q> {
  readonly params: P;
  readonly query: Q;
  /** Empty where the route takes none. */
  readonly body: Uint8Array;
  readonly isJsonBody: boolean;
  /** Value of `Idempotency-Key`. */
  readonly idempotencyKey: string | undefined;
  /** Of the software. */
  readonly version: string;
  /** An address of this API: `/v1/…` behind the base that callers use. */
  readonly link: (path: string) => string;
}

export type Answer<B> =
  | { readonly kind: 'json'; readonly body: B; readonly location?: string }
  /** 303: signed, expiring, never logged. */
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'spec-invalid' | 'gates-invalid'; readonly problems: readonly SpecProblem[] };

export interface BodyRule {
  readonly mediaTypes: readonly string[];
  readonly maxBytes: number;
  /** Described in the document; the route parses the bytes itself. */
  readonly schema: z.ZodType;
  readonly description: string;
}

interface RouteHead {
  readonly method: 'get' | 'post' | 'delete';
  /** As OpenAPI writes it: `/v1/runs/{id}`. The last parameter may be `{path}`, which holds slashes. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: 'runs' | 'results' | 'models' | 'suites' | 'specs' | 'service';
  readonly accepts?: BodyRule;
  /** True where `Idempotency-Key` is read. */
  readonly isIdempotentByKey?: boolean;
  /** Beside those that every route can answer. */
  readonly problems: readonly ApiProblemCode[];
  /** `no-store` for what is not a function of stored state; default: an ETag, revalidated on every use. */
  readonly cache?: 'no-store';
}

export interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> extends RouteHead {
  readonly params: P;
  readonly query: Q;
  readonly success: { readonly status: 200 | 201 | 202; readonly schema: B; readonly description: string } | { readonly status: 303 };
  readonly handle: (call: Call<z.output<P>, z.output<Q>>, ports: ApiPorts) => Promise<Answer<z.input<B>>>;
}

/** A request before its parameters are parsed. */
export interface RawCall extends Omit<Call<unknown, unknown>, 'params' | 'query'> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

export interface ApiRoute extends RouteHead {
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly success:
    | { readonly status: 200 | 201 | 202; readonly schema: z.ZodType; readonly description: string }
    | { readonly status: 303 };
  /** Throws BakeoffErrors. */
  readonly answer: (call: RawCall, ports: ApiPorts) => Promise<Answer<unknown>>;
}

/** Hides the types of one route, so that all of them stand in one list. */
export function defineRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(definition: RouteDefinition<P, Q, B>): ApiRoute {
  const { handle, ...head } = definition;
  return {
    ...head,
    answer: (call, ports) => {
      const params = parseParams(definition.params, call.params);
      const query = parseQuery(definition.query, call.query);
      return handle({ ...call, params, query }, ports);
    },
  };
}

function parseParams<T extends z.ZodType>(schema: T, given: Readonly<Record<string, string>>): z.output<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const name = String(parsed.error.issues[0]?.path[0] ?? 'path');
  throw problemOf('bad-parameter', `the path's "${name}" is not of the form that is allowed there`, 'Use the ids that listings give.');
}

/** Values are not repeated in messages: they may be anything. */
function parseQuery<T extends z.ZodType>(schema: T, given: URLSearchParams): z.output<T> {
  const names = [...given.keys()];
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success && new Set(names).size === names.length) return parsed.data;
  const issue = parsed.error?.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    throw problemOf(
      'unknown-parameter',
      'the query has a parameter that this route does not know',
      'Remove it; docs/openapi.json lists those known.',
    );
  }
  const name = issue === undefined ? 'a parameter' : `"${String(issue.path[0])}"`;
  const reason = issue === undefined ? 'is given twice' : `is not what it must be: ${issue.message}`;
  throw problemOf(
    'bad-parameter',
    `${name} of the query ${reason}`.slice(0, 500),
    'Correct the parameter; docs/openapi.json says what is allowed.',
  );
}
