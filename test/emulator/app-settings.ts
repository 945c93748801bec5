/** What the emulator's app is told by the harness, in a file: the substitutions' values. Written by deploy.ts, read by app.ts. */
import { z } from 'zod';

/** The variable that names the file. */
export const APP_SETTINGS = 'BAKEOFF_E2E_APP_SETTINGS';

export const appSettingsSchema = z.object({
  /** Of the emulated AWS. */
  endpoint: z.url(),
  driverImage: z.string(),
  packageImages: z.record(z.string(), z.string()),
  volume: z.object({ outputs: z.string(), inputs: z.string() }),
  /** Version of the software that the stack says it is. */
  version: z.string(),
});
export type AppSettings = z.infer<typeof appSettingsSchema>;
