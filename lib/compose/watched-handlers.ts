/**
 * The step functions as the interpreter calls them, watched: errors are kept whole, an interrupt lets nothing new begin, and one can
 * wait for what has begun. Made by local-runner.ts for each drive of a run; knows nothing of what the steps do.
 */
import type { TaskHandler } from '../adapters/local/workflow-interpreter.ts';

export interface WatchedHandlers {
  readonly handlers: Readonly<Record<string, TaskHandler>>;
  /** What handlers have thrown, in order: the interpreter hands on names and messages only, the errors know what to do. */
  readonly thrown: readonly unknown[];
  /** Nothing begins from now on: an aborted interpreter still calls what waited for its turn. */
  readonly close: () => void;
  /** Resolves once nothing is in flight any more; what the handlers came to does not matter. */
  readonly settled: () => Promise<void>;
}

/** One watch per execution: after `close` its handlers reject. */
export function watchHandlers(handlers: Readonly<Record<string, TaskHandler>>): WatchedHandlers {
  const inFlight = new Set<Promise<unknown>>();
  const thrown: unknown[] = [];
  let closed = false;
  const watch =
    (handler: TaskHandler): TaskHandler =>
    async (given) => {
      if (closed) throw new Error('interrupted before it began');
      const working = handler(given);
      inFlight.add(working);
      try {
        return await working;
      } catch (error) {
        thrown.push(error);
        throw error;
      } finally {
        inFlight.delete(working);
      }
    };
  return {
    handlers: Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, watch(handler)])),
    thrown,
    close: () => {
      closed = true;
    },
    settled: async () => {
      while (inFlight.size > 0) await Promise.allSettled(inFlight);
    },
  };
}
