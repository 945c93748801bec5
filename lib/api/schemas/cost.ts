/** What a run cost, as the API tells it. A figure that is not known is null, with the reason. */
import { z } from 'zod';

export const runCostViewSchema = z
  .object({
    /** Dollars of the time in which tasks ran: task-seconds x price of the class. */
    taskUsd: z.number().nonnegative().nullable(),
    /** Dollars of the instances from launch to termination; the difference is idle. */
    billedUsd: z.number().nonnegative().nullable(),
    /** Date of the price sheet, YYYY-MM-DD. */
    priceDate: z.string().nullable(),
    /** `taskUsd` by job id. */
    jobsUsd: z.record(z.string(), z.number().nonnegative().nullable()),
    /** Why a figure is null; null where none is. */
    reason: z.string().nullable(),
  })
  .meta({ id: 'RunCost', description: 'What the run cost, in dollars. A figure that is not known is null, with the reason.' });
export type RunCostView = z.infer<typeof runCostViewSchema>;
