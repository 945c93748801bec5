/** The id that API Gateway gave a request, as hono/aws-lambda hands its event on. For the handlers of the Lambda functions. */
import { z } from 'zod';

const platformSchema = z.object({ event: z.object({ requestContext: z.object({ requestId: z.string().min(1).max(128) }) }) });

/** Null where there is none: then a new id is made. */
export function lambdaRequestId(platform: unknown): string | null {
  const parsed = platformSchema.safeParse(platform);
  return parsed.success ? parsed.data.event.requestContext.requestId : null;
}
