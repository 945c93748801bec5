/** The version in package.json, as far as it is read. Used where the installation's own version has to travel elsewhere. */
import { z } from 'zod';

export const packageVersionSchema = z.looseObject({ version: z.string() });
