/** A builder in a process of its own, to be killed: argv 2 is JSON {cacheDir, localPackage, env, python}. Prints one event a line. */
import { environments } from '../../../lib/adapters/local/process/environments.ts';

const { cacheDir, localPackage, env, python } = JSON.parse(process.argv[2] ?? '');
await environments({ cacheDir, python, installerEnv: env }).prepare(localPackage, ({ event }) => process.stdout.write(`${event}\n`));
