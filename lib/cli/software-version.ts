/** Which Bakeoff this is, and where it is installed. Used by bin/, the help and plans. */
import { resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };

export const SOFTWARE_VERSION: string = packageJson.version;

/** The folder that holds `models/` and `examples/`. */
export const INSTALLATION_ROOT: string = resolve(import.meta.dirname, '../..');
