/** Every function states its time-out and its memory, is traced, runs the pinned runtime, and logs into a group that forgets. */
import { z } from 'zod';
import { type Check, ofType, referenced } from './check.ts';

const RUNTIME = 'nodejs24.x';
const functionSchema = z.looseObject({
  Timeout: z.number().optional(),
  MemorySize: z.number().optional(),
  Runtime: z.string().optional(),
  Architectures: z.array(z.string()).optional(),
  TracingConfig: z.looseObject({ Mode: z.string() }).optional(),
  LoggingConfig: z.looseObject({ LogGroup: z.unknown().optional() }).optional(),
});

export const functionSettings: Check = {
  name: 'function-settings',
  remedy: 'Make the function with ServiceFunction, which sets all of it.',
  find: (stack) => {
    const forgetting = new Set(
      ofType(stack, 'AWS::Logs::LogGroup')
        .filter(({ Properties }) => typeof Properties.RetentionInDays === 'number')
        .map(({ logicalId }) => logicalId),
    );
    return ofType(stack, 'AWS::Lambda::Function').flatMap((resource) => {
      const settings = functionSchema.parse(resource.Properties);
      const missing = [
        settings.Timeout === undefined ? 'a time-out' : null,
        settings.MemorySize === undefined ? 'a memory size' : null,
        settings.Runtime === RUNTIME ? null : `the runtime ${RUNTIME}`,
        settings.Architectures?.[0] === 'arm64' ? null : 'the architecture arm64',
        settings.TracingConfig?.Mode === 'Active' ? null : 'tracing',
        forgetting.has(referenced(settings.LoggingConfig?.LogGroup) ?? '') ? null : 'a log group with retention',
      ].filter((one) => one !== null);
      return missing.map((what) => ({ resource, what, message: `the function lacks ${what}` }));
    });
  },
};
