/** Rule: what cannot be done is refused, or fails with a class that tells the driver whether to try again. */
import { FAILURE_CLASSES, isRetryable } from '../../core/failure.ts';
import type { HttpResult } from '../../driver/http-client.ts';
import { isObject } from '../../driver/protocols/answer-guards.ts';
import { putGeneration } from '../generate.ts';
import { type Finding, failed, jsonOf, passed, type Rule, wordsOf } from '../rule.ts';

export const errorsHaveClasses: Rule = {
  id: 'errors-have-classes',
  title: 'an unknown task answers 400; an input without content is refused, fails as invalid_input, or is answered',
  protocols: ['native'],
  run: async (context) => {
    const task = context.input?.task ?? 'text-to-video';
    const unknown = await putGeneration(context, { task: 'no-such-task', prompt: 'a prompt' }, { id: 'check-task', seed: 1 });
    if (unknown.kind !== 'answer' || unknown.status !== 400)
      return failed(`unknown task: ${wordsOf(unknown)}`, 'Answer 400 to a task that GET /requirements does not name.');
    const empty = await putGeneration(context, { task }, { id: 'check-empty', seed: 1 });
    return judge(empty);
  },
};

function judge(empty: HttpResult): Finding {
  const seen = `input without content: ${wordsOf(empty)}`;
  if (empty.kind === 'answer' && (empty.status === 400 || empty.status === 422)) return passed(`400, and ${empty.status}`);
  const record = jsonOf(empty);
  if (empty.kind !== 'answer' || empty.status !== 200 || !isObject(record))
    return failed(seen, 'Answer 400, or 200 with a record whose error has a class.');
  if (record.status === 'succeeded') return passed('400; an input without content is answered');
  const error = isObject(record.error) ? record.error : {};
  if (!FAILURE_CLASSES.some((known) => known === error.class) || typeof error.code !== 'string' || typeof error.message !== 'string')
    return failed(
      `error ${JSON.stringify(record.error)?.slice(0, 150)}`,
      'Give error {class, code, message, retryable}, with a class of the contract.',
    );
  if (error.class !== 'invalid_input')
    return failed(
      `class ${error.class}, code ${error.code}`,
      "Check the input first: the sender's fault is invalid_input, not the model's error.",
    );
  if (error.retryable !== undefined && error.retryable !== isRetryable(error.class))
    return failed(`${error.class} says retryable: ${JSON.stringify(error.retryable)}`, 'Only transient and infra may be tried again.');
  return passed(`400, and ${error.class} (${error.code})`);
}
