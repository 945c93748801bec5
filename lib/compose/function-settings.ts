/**
 * The settings of the Lambda functions: environment variables that lib/infra sets, parsed once at the start of a process. Each function
 * picks those that it needs; all problems are told at once.
 */
import { z } from 'zod';
import { ENVIRONMENT } from '../core/environment-names.ts';
import { BakeoffError } from '../core/errors.ts';

const textSchema = z.string().min(1).max(2048);

/** A variable that holds JSON; `schema` says of what. */
export function jsonText<T extends z.ZodType>(schema: T) {
  const parse = (text: string, context: z.RefinementCtx): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'not JSON' });
      return z.NEVER;
    }
  };
  return z.string().max(32_768).transform(parse).pipe(schema);
}

/** All of them; a function takes `functionSettings.pick({ … })`. */
export const functionSettings = z.object({
  bucket: textSchema,
  table: textSchema,
  cluster: textSchema,
  stateMachine: textSchema.regex(/:stateMachine:/, 'expected the ARN of a state machine'),
  eventBus: textSchema,
  stack: textSchema,
  allowedRegistries: jsonText(z.array(z.string().min(1))),
  taskTemplate: jsonText(z.record(z.string(), z.unknown())),
});

/** Throws `settings-invalid` naming every variable that is missing or wrong; never its value, which may be long or private. */
export function readFunctionSettings<T>(environment: NodeJS.ProcessEnv, wanted: z.ZodType<T>): T {
  const given = Object.fromEntries(Object.entries(ENVIRONMENT).map(([setting, variable]) => [setting, environment[variable]]));
  const parsed = wanted.safeParse(given);
  if (parsed.success) return parsed.data;
  const variables = new Map<string, string>(Object.entries(ENVIRONMENT));
  const told = parsed.error.issues.map((issue) => {
    const [setting = '', ...inside] = issue.path.map(String);
    const variable = variables.get(setting) ?? setting;
    if (given[setting] === undefined) return `${variable} is not set`;
    return `${variable}${inside.length === 0 ? '' : ` (${inside.join('.')})`}: ${issue.message}`;
  });
  throw new BakeoffError({
    code: 'settings-invalid',
    message: [...new Set(told)].join('; '),
    remedy: 'Deploy the service stack again: it sets these variables.',
    kind: 'environment',
  });
}
