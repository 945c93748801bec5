/** What a run cost, as the API tells it. A figure that is not known is null, with the reason. */
import { z } from 'zod';

const usdSchema = z.number().nonnegative().nullable();

export const runCostViewSchema = z
  .object({
    taskUsd: usdSchema.meta({ description: 'Task-seconds x price of their class, of all attempts so far.' }),
    billedUsd: usdSchema.meta({
      description: "The machines of the run's tasks from launch to termination, shared with other runs by task time.",
    }),
    idleUsd: usdSchema.meta({ description: 'Of billedUsd, what no task used.' }),
    /** Milliseconds since the epoch. */
    soFarAtMs: z.number().nullable().meta({ description: 'Set while a machine of the run is still there: billedUsd grows.' }),
    priceDate: z.string().nullable().meta({ description: 'Date of the price sheet that the tasks were priced by, YYYY-MM-DD.' }),
    jobsUsd: z.record(z.string(), usdSchema).meta({ description: 'taskUsd by job id.' }),
    reason: z.string().nullable().meta({ description: 'Why a figure is null; null where none is.' }),
  })
  .meta({ id: 'RunCost', description: 'What the run cost, in dollars. A figure that is not known is null, with the reason.' });
export type RunCostView = z.infer<typeof runCostViewSchema>;
