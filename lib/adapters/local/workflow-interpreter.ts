/**
 * Runs the workflow definition in this process, with `aws-local-stepfunctions`. Each Task state is given the function that
 * does its work; the interpreter knows nothing of what they do.
 */
import { type ExecutionAbortedError, StateMachine } from 'aws-local-stepfunctions';

export type TaskHandler = (input: unknown) => Promise<unknown>;

export interface WorkflowExecution {
  /** The workflow's output; rejects with what ended it, or with the abort. */
  readonly result: Promise<unknown>;
  readonly abort: () => void;
}

/**
 * Starts one execution. `handlers` are named by the definition's Task states. Every value that crosses a state is JSON, as on
 * AWS, so what a handler returns is copied through JSON: a function or a Map in a result shows here, not only there.
 */
export function interpretWorkflow(
  definition: object,
  handlers: Readonly<Record<string, TaskHandler>>,
  input: Record<string, string | number>,
): WorkflowExecution {
  const machine = new StateMachine(JSON.parse(JSON.stringify(definition)));
  const copied = Object.entries(handlers).map(([name, handler]): [string, (given: unknown) => Promise<null>] => [
    name,
    async (given) => JSON.parse(JSON.stringify((await handler(given)) ?? null)),
  ]);
  const execution = machine.run(input, { overrides: { taskResourceLocalHandlers: Object.fromEntries(copied) } });
  return { result: execution.result, abort: execution.abort };
}

/** True for the error with which an aborted execution rejects. */
export function isAbort(error: unknown): error is ExecutionAbortedError {
  return error instanceof Error && error.name === 'ExecutionAbortedError';
}
