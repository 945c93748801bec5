/** Results over many runs: leaderboards and histories. */
import { z } from 'zod';
import { sha256Schema } from '../../core/ids.ts';
import { resultRecordSchema } from '../../core/result-record.ts';
import { nextCursorSchema } from './page.ts';

export const resultSchema = resultRecordSchema.meta({ id: 'Result', description: 'One metric of one job of a finished run.' });

export const leaderboardSchema = z
  .object({
    suiteDigest: sha256Schema,
    metric: z.string(),
    metricVersion: z.string(),
    direction: z.enum(['higher', 'lower']),
    /** Best first. References are shown, never ranked: they carry `reference: true`. */
    items: z.array(resultSchema),
    cursor: nextCursorSchema,
  })
  .meta({ id: 'Leaderboard', description: 'Results of one suite and one metric over all runs, best first.' });

export const historySchema = z
  .object({ items: z.array(resultSchema), cursor: nextCursorSchema })
  .meta({ id: 'ModelHistory', description: 'Results of a model over its runs, newest first.' });
