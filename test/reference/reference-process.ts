/**
 * One Python process with the reference libraries, in the environment that requirements.lock makes (built once, cached like those of
 * packages). Tests send it questions by the thousand and read its answers in order.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { environments } from '../../lib/adapters/local/process/environments.ts';
import { environment, readSettings } from '../../lib/settings.ts';
import { lockAsPackage } from '../lock-as-package.ts';

/** The Python of that environment. */
export async function referencePython(): Promise<string> {
  const settings = readSettings(environment());
  const built = environments({ cacheDir: settings.cacheDir, python: settings.python, installerEnv: environment() });
  const installed = await built.prepare(lockAsPackage('reference', import.meta.dirname, 'requirements.lock'));
  return join(installed.folder, 'bin/python');
}

export interface ReferenceProcess {
  /** Answers in the order of the questions. Throws with what Python said. */
  readonly ask: <T>(questions: readonly object[]) => Promise<T[]>;
  readonly stop: () => Promise<void>;
}

export async function startReference(): Promise<ReferenceProcess> {
  const child = spawn(await referencePython(), ['-u', join(import.meta.dirname, 'reference_server.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...environment(), PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answerTo = async (question: object) => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the reference process ended');
    const { answer, error } = JSON.parse(value);
    if (error !== undefined) throw new Error(`${error} for ${JSON.stringify(question)}`);
    return answer;
  };
  return {
    ask: async (questions) => {
      const sent = (async () => {
        for (const question of questions) if (!child.stdin.write(`${JSON.stringify(question)}\n`)) await once(child.stdin, 'drain');
      })();
      const answers = [];
      for (const question of questions) answers.push(await answerTo(question));
      await sent;
      return answers;
    },
    stop: async () => {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}
