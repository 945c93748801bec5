/**
 * ECS takes at most 8,192 characters of overrides in one RunTask. The bound is computed from the definition: each value at its longest, as
 * the API counts them, in JSON.
 */
import { z } from 'zod';
import { TASK_ENVIRONMENT } from '../../core/environment-names.ts';
import { type Check, ofType } from './check.ts';

const MAX_CHARACTERS = 8192;

/** Ids have at most 64 characters, a token 16 hex and its attempt, the rest are short numbers and words; what is not known is counted as 256. */
const LONGEST: Readonly<Record<string, number>> = {
  [TASK_ENVIRONMENT.run]: 64,
  [TASK_ENVIRONMENT.job]: 128,
  [TASK_ENVIRONMENT.stage]: 64,
  [TASK_ENVIRONMENT.attempt]: 10,
  [TASK_ENVIRONMENT.instance]: 64,
  [TASK_ENVIRONMENT.port]: 5,
};
const UNKNOWN = 256;

const variableSchema = z.looseObject({ Name: z.string() });
const overridesSchema = z.looseObject({
  ContainerOverrides: z.array(z.looseObject({ Environment: z.array(variableSchema).default([]) })).default([]),
});

export const overrideSize: Check = {
  name: 'override-size',
  remedy: 'Pass less by overrides: the task can read the rest from its job.',
  find: (stack) =>
    ofType(stack, 'AWS::StepFunctions::StateMachine').flatMap((resource) =>
      overridesIn(definitionOf(resource.Properties.DefinitionString)).flatMap((overrides) => {
        const characters = longestOverrides(overrides);
        if (characters < MAX_CHARACTERS) return [];
        return [{ resource, message: `overrides may have ${characters} characters; expected fewer than ${MAX_CHARACTERS}` }];
      }),
    ),
};

/** Characters of the overrides as JSON, with the longest values. */
export function longestOverrides(overrides: unknown): number {
  const { ContainerOverrides: containers } = overridesSchema.parse(overrides);
  const filled = containers.map((container) => ({
    ...container,
    Environment: container.Environment.map(({ Name }) => ({ Name, Value: 'x'.repeat(LONGEST[Name] ?? UNKNOWN) })),
  }));
  return JSON.stringify({ ContainerOverrides: filled }).length;
}

/** The definition with every intrinsic function as one letter: they stand in values alone. */
function definitionOf(text: unknown): unknown {
  if (typeof text === 'string') return JSON.parse(text);
  const joined = z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }).parse(text);
  return JSON.parse(joined['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'x')).join(''));
}

/** Every value of a key `Overrides`, at any depth. */
function overridesIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(overridesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === 'Overrides' ? [inner] : overridesIn(inner)));
}
