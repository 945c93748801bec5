/** Rule: SIGTERM ends the server with exit code 0. Last of all: nothing can be asked afterwards. */
import { failed, passed, type Rule, skipped } from '../rule.ts';

export const endsOnSigterm: Rule = {
  id: 'ends-on-sigterm',
  title: 'SIGTERM ends the process with exit code 0',
  protocols: ['openai-chat', 'cog', 'oip-v2', 'sagemaker', 'openai-videos'],
  run: async (context) => {
    if (context.terminate === null) return skipped('this server was running already; it is not ours to end');
    const exit = await context.terminate();
    return exit === 0
      ? passed('exit code 0')
      : failed(`exit code ${exit ?? 'none: it was killed'}`, 'Handle SIGTERM: finish what runs, exit 0 within 20 s.');
  },
};
