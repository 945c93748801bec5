/** Rule: a generation past its deadline fails as `timeout`, and the server works on. */
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { putGeneration } from '../generate.ts';
import { failed, jsonOf, passed, type Rule, skipped, wordsOf } from '../rule.ts';

const DEADLINE_S = 0.001;
/** Far more than a busy machine needs to see that a millisecond is over. */
const LATE_MS = 1_000;
const REMEDY = 'Count deadlineSeconds from when the generation is accepted; fail it with class timeout when they are over.';

export const deadlineIsKept: Rule = {
  id: 'deadline-is-kept',
  title: 'a generation that is not done by its deadline fails with class timeout',
  protocols: ['native'],
  run: async (context) => {
    if (context.input === null) return skipped('no registered suite has this task');
    const began = performance.now();
    const change = { deadlineSeconds: DEADLINE_S };
    const result = await putGeneration(context, context.input, { id: 'check-deadline', seed: 11, change });
    const elapsedMs = performance.now() - began;
    const record = jsonOf(result);
    if (result.kind !== 'answer' || result.status !== 200 || !isObject(record)) return failed(wordsOf(result), REMEDY);
    if (record.status === 'succeeded' && elapsedMs > LATE_MS)
      return failed(`succeeded ${Math.round(elapsedMs)} ms after it was sent`, REMEDY);
    if (record.status === 'succeeded') return skipped('too fast for a deadline of 1 ms to be seen');
    const error = isObject(record.error) ? record.error : {};
    if (record.status === 'failed' && error.class === 'timeout') return passed('failed as timeout');
    return failed(`${JSON.stringify(record.status)} with class ${JSON.stringify(error.class)}`, REMEDY);
  },
};
