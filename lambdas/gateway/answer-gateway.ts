/**
 * Between API Gateway's HTTP API (payload 2.0) and the API as (Request) => Response. The entries api.ts and register-model.ts use it; the
 * routes know nothing of it.
 */
import { z } from 'zod';

const gatewayEventSchema = z.object({
  version: z.literal('2.0'),
  rawPath: z.string().startsWith('/').max(8192),
  rawQueryString: z.string().max(16_384).default(''),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    requestId: z.string().min(1).max(200),
    // Some emulators tell a name that no URL can hold.
    domainName: z
      .string()
      .max(300)
      .refine((name) => URL.canParse(`https://${name}`))
      .catch('localhost'),
    stage: z.string().max(128).default('$default'),
    http: z.object({ method: z.string().regex(/^[A-Z]{1,20}$/) }),
  }),
});
type GatewayEvent = z.infer<typeof gatewayEventSchema>;

export interface GatewayAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** What the API is handed beside the request. */
export interface Platform {
  readonly requestId: string;
}

type Fetch = (request: Request, platform: Platform) => Response | Promise<Response>;

/** Throws a ZodError for an event that is no request of an HTTP API. */
export async function answerGateway(event: unknown, fetch: Fetch): Promise<GatewayAnswer> {
  const parsed = gatewayEventSchema.parse(event);
  const response = await fetch(requestOf(parsed), { requestId: parsed.requestContext.requestId });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText = /^(text\/|application\/([a-z.+-]*json|yaml|xml))/i.test(response.headers.get('content-type') ?? 'text/plain');
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}

/** For createApi's `requestIdOf`. */
export function gatewayRequestId(platform: unknown): string | null {
  const parsed = z.object({ requestId: z.string() }).safeParse(platform);
  return parsed.success ? parsed.data.requestId : null;
}

function requestOf({ rawPath, rawQueryString, headers, body, isBase64Encoded, requestContext }: GatewayEvent): Request {
  const { domainName, stage, http } = requestContext;
  // A stage with a name stands before the path; the routes do not know it.
  const path = stage !== '$default' && rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) : rawPath;
  const url = new URL(`https://${domainName}`);
  url.pathname = path;
  url.search = rawQueryString;
  const hasBody = typeof body === 'string' && body !== '' && http.method !== 'GET' && http.method !== 'HEAD';
  const content = hasBody ? Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') : null;
  return new Request(url, { method: http.method, headers: new Headers(headers), ...(content === null ? {} : { body: content }) });
}
