/**
 * A stand-in for the CLI in the tests of sudden death: supervises the command of its order (argv 2, JSON) and waits to be
 * killed. Prints the pid of the supervisor.
 */
import { supervise } from '../../../lib/adapters/local/process/supervise.ts';

const [, , order = '', compileCacheFolder = ''] = process.argv;
const supervised = supervise({ order: JSON.parse(order), compileCacheFolder });
process.stdout.write(`${supervised.supervisorPid}\n`);
await supervised.exited;
