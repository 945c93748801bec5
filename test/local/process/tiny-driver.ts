/**
 * A driver for the tests of the compute: waits for its server, writes what it saw to TINY_FACTS, and ends as TINY_MODE says:
 * `done` exits 0; `stay` waits for SIGTERM or the end of stdin; `until-server-exit` waits for word of its server's end.
 */
import { writeFileSync } from 'node:fs';

const { env } = process;
process.stdin.on('data', (chunk) => {
  if (env.TINY_MODE !== 'until-server-exit') return;
  writeFileSync(env.TINY_FACTS ?? '', chunk.toString());
  process.exit(9);
});
process.stdin.on('end', () => process.exit(5));
process.on('SIGTERM', () => process.exit(6));

async function awaitServer(): Promise<unknown> {
  for (;;) {
    const answer = await fetch(env.BAKEOFF_SERVER_URL ?? '').catch(() => null);
    if (answer !== null) return answer.json();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

process.stderr.write(`driving ${env.BAKEOFF_JOB}\n`);
if (env.TINY_MODE === 'until-server-exit') await new Promise(() => undefined);
writeFileSync(env.TINY_FACTS ?? '', JSON.stringify({ server: await awaitServer(), environment: env, pid: process.pid }));
if (env.TINY_MODE === 'done') process.exit(0);
