/** Pages of sample rows, as they are stored. */
import { z } from 'zod';
import { sampleRowSchema } from '../../core/sample.ts';
import { nextCursorSchema } from './page.ts';

export const MAX_SAMPLES = 1000;

export const samplePageSchema = z
  .object({ items: z.array(sampleRowSchema), cursor: nextCursorSchema })
  .meta({ id: 'SamplePage', description: 'Rows in the order of (attempt, part, line). Of several rows of one sample the first stands.' });
