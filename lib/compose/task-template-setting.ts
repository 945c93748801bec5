/** The setting that says what a task definition made at run time needs beside the package: written by lib/infra/task-template.ts. */
import { z } from 'zod';

export const taskTemplateSchema = z.object({
  driverImage: z.string().min(1),
  taskRoleArn: z.string().min(1),
  executionRoleArn: z.string().min(1),
  logGroup: z.string().min(1),
  region: z.string().min(1),
  volume: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('docker') }),
    z.object({ kind: z.literal('host'), outputsPath: z.string(), inputsPath: z.string() }),
  ]),
  driverEnvironment: z.record(z.string(), z.string()),
  maxGpus: z.int().nonnegative().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});
