/** That the API answers, and which version of Bakeoff it is: the CLI compares it with its own. */
import { z } from 'zod';

export const healthSchema = z
  .object({ status: z.literal('ok'), version: z.string() })
  .meta({ id: 'Health', description: 'The version of the software that answers.' });
