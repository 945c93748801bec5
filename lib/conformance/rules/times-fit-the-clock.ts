/** Rule: the times that a server tells of a generation fit into the time that the client waited for it. */
import { putGeneration, readGeneration } from '../generate.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

const ID = 'check-times';
/** Two processes read the clock at slightly different moments. */
const SLACK_MS = 20;

export const timesFitTheClock: Rule = {
  id: 'times-fit-the-clock',
  title: 'queueMs, loadMs, generateMs and encodeMs add up to no more than the client waited',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const began = performance.now();
    const read = readGeneration(await putGeneration(context, context.input, { id: ID, seed: 14 }), ID);
    const waitedMs = performance.now() - began;
    if (!read.ok) return skipped(`nothing was generated: ${read.failure.code}`);
    const { server } = read.answer;
    if (server === null) return skipped('it tells no times');
    const toldMs = (server.queueMs ?? 0) + (server.loadMs ?? 0) + (server.generateMs ?? 0) + (server.encodeMs ?? 0);
    const seen = `told ${toldMs.toFixed(1)} ms, waited ${waitedMs.toFixed(1)} ms`;
    if (toldMs <= waitedMs + SLACK_MS) return passed(seen);
    return failed(seen, 'Give each time in milliseconds of this generation, and count no part of it twice.');
  },
};
