/**
 * Limits of ECS on tasks that neither the CDK nor CloudFormation's offline rules know: health checks, GPUs, stop time-outs, containers.
 * Sources: ECS API reference, HealthCheck and ContainerDefinition; Spot notices come 120 s ahead.
 */
import { z } from 'zod';
import { MAX_CONTAINERS, MAX_STOP_SECONDS } from '../../core/task-definition-limits.ts';
import { type Check, ofType } from './check.ts';

const healthSchema = z.looseObject({
  Interval: z.number().min(5).max(300).optional(),
  Timeout: z.number().min(2).max(60).optional(),
  Retries: z.number().min(1).max(10).optional(),
  StartPeriod: z.number().min(0).max(300).optional(),
});
const containerSchema = z.looseObject({
  Name: z.string(),
  StopTimeout: z.number().default(30),
  HealthCheck: z.unknown().optional(),
  ResourceRequirements: z.array(z.looseObject({ Type: z.string(), Value: z.string() })).default([]),
});
const taskSchema = z.looseObject({ ContainerDefinitions: z.array(containerSchema).default([]) });

export const taskLimits: Check = {
  name: 'task-limits',
  remedy: 'Stay within the limits of ECS; docs/limits.md has those of models.',
  find: ({ maxGpus, ...stack }) =>
    ofType({ ...stack, maxGpus }, 'AWS::ECS::TaskDefinition').flatMap((resource) => {
      const { ContainerDefinitions: containers } = taskSchema.parse(resource.Properties);
      const stopSeconds = containers.reduce((sum, { StopTimeout }) => sum + StopTimeout, 0);
      const messages = [
        ...containers.flatMap((container) => healthMessages(container.Name, container.HealthCheck)),
        ...containers.flatMap(({ Name, ResourceRequirements }) =>
          ResourceRequirements.filter(({ Type, Value }) => Type === 'GPU' && !isGpuCount(Number(Value), maxGpus)).map(
            ({ Value }) => `${Name} asks for ${Value} GPUs; expected a whole number up to ${maxGpus}`,
          ),
        ),
        ...(stopSeconds > MAX_STOP_SECONDS ? [`stop time-outs add up to ${stopSeconds} s; expected at most ${MAX_STOP_SECONDS}`] : []),
        ...(containers.length > MAX_CONTAINERS ? [`${containers.length} containers; expected at most ${MAX_CONTAINERS}`] : []),
      ];
      return messages.map((message) => ({ resource, message }));
    }),
};

function isGpuCount(count: number, maxGpus: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= maxGpus;
}

function healthMessages(name: string, healthCheck: unknown): string[] {
  if (healthCheck === undefined) return [];
  const parsed = healthSchema.safeParse(healthCheck);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${name}.HealthCheck.${issue.path.join('.')}: ${issue.message}`);
}
