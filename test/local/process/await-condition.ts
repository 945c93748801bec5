/** Waits for what a real process does: looks every 20 ms, gives up after 20 s with the last value in the error. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../../lib/adapters/local/process/process-table.ts';

export async function awaitCondition(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never happened: ${what}`);
}

/** The pid that a process wrote into a file of this name, once it is there. */
export async function awaitPid(folder: string, name: string): Promise<number> {
  await awaitCondition(`${name} writes its pid`, () => existsSync(join(folder, name)));
  return Number(readFileSync(join(folder, name), 'utf8'));
}

export async function awaitDeath(pids: Readonly<Record<string, number>>): Promise<void> {
  await awaitCondition(`death of ${JSON.stringify(pids)}`, () => !Object.values(pids).some((pid) => isAlive(pid)));
}
