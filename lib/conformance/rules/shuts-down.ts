/** Rule: the server ends itself when asked. Last of all: nothing can be asked afterwards. */
import { failed, passed, type Rule, skipped, wordsOf } from '../rule.ts';

const EXIT_MS = 20_000;

export const shutsDown: Rule = {
  id: 'shuts-down',
  title: 'POST /shutdown answers 202 and the process exits 0',
  protocols: ['native', 'evaluator'],
  run: async (context) => {
    if (context.exited === null) return skipped('this server was running already; it is not ours to end');
    const result = await context.send({ method: 'POST', path: '/shutdown' });
    if (result.kind !== 'answer' || result.status !== 202) return failed(wordsOf(result), 'Answer 202, finish what runs, exit 0.');
    const timer = new Promise<'late'>((resolve) => setTimeout(() => resolve('late'), EXIT_MS).unref());
    const exit = await Promise.race([context.exited, timer]);
    if (exit === 0) return passed('202, exit code 0');
    return failed(
      exit === 'late' ? `alive after ${EXIT_MS} ms` : `exit code ${exit}`,
      'Exit with code 0 once running generations are done.',
    );
  },
};
