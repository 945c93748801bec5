/** Rule: a chat server of ours says in a header which instance it is. */
import { INSTANCE_HEADER } from '../../driver/protocols/openai-chat.ts';
import { failed, passed, type Rule, skipped } from '../rule.ts';

export const namesItsInstance: Rule = {
  id: 'names-its-instance',
  title: `every answer has the header ${INSTANCE_HEADER}`,
  protocols: ['openai-chat'],
  run: async (context) => {
    if (context.instance === null) return skipped('this server was running already; stock servers do not name an instance');
    for (const path of ['/health', '/v1/models']) {
      const result = await context.send({ method: 'GET', path });
      const named = result.kind === 'answer' ? result.headers[INSTANCE_HEADER] : undefined;
      if (named !== context.instance)
        return failed(`${path}: ${JSON.stringify(named) ?? 'no header'}`, `Send BAKEOFF_INSTANCE as ${INSTANCE_HEADER} with every answer.`);
    }
    return passed('named');
  },
};
