/**
 * The workflow: one Amazon States Language definition, the same for AWS and for one machine. Only the parameters of "Run task"
 * and the names of the functions differ between targets. It stays small because every decision is made in lib/core/advance.ts.
 * JSONPath, because that is what one machine can interpret too.
 */

/** The functions that the Task states call, by step. On AWS their ARNs; on one machine any valid ARN, since each is overridden. */
export interface StepFunctions {
  readonly plan: string;
  readonly advance: string;
  readonly score: string;
  readonly report: string;
  readonly settle: string;
}

export interface WorkflowTarget {
  readonly functions: StepFunctions;
  /** `Parameters` of the "Run task" state: the only thing in the definition that knows where tasks run. */
  readonly runTaskParameters: Readonly<Record<string, unknown>>;
}

/** Errors of the Lambda service itself, which pass. Anything that a step throws is a defect or a refusal: not retried here. */
const SERVICE_RETRY = [
  {
    ErrorEquals: ['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException'],
    IntervalSeconds: 2,
    MaxAttempts: 6,
    BackoffRate: 2,
  },
];

/** Amazon States Language as a plain object. */
export function workflowDefinition(target: WorkflowTarget) {
  const toSettle = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Settle run' }];
  return {
    Comment: 'Bakeoff: plan the jobs, take each through its stages, report',
    StartAt: 'Plan',
    States: {
      Plan: {
        Type: 'Task',
        Resource: target.functions.plan,
        Parameters: { 'run.$': '$.run', 'start.$': '$.start' },
        TimeoutSeconds: 900,
        Retry: SERVICE_RETRY,
        Catch: toSettle,
        Next: 'Jobs',
      },
      Jobs: {
        Type: 'Map',
        ItemsPath: '$.ordinals',
        ItemSelector: { 'run.$': '$.run', 'start.$': '$.start', 'ordinal.$': '$$.Map.Item.Value', result: null },
        MaxConcurrencyPath: '$.maxConcurrency',
        ToleratedFailurePercentage: 100,
        Label: 'Jobs',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Advance',
          States: jobStates(target),
        },
        ResultPath: null,
        Catch: toSettle,
        Next: 'Report',
      },
      Report: {
        Type: 'Task',
        Resource: target.functions.report,
        Parameters: { 'run.$': '$.run', 'start.$': '$.start' },
        TimeoutSeconds: 900,
        Retry: SERVICE_RETRY,
        Catch: toSettle,
        End: true,
      },
      'Settle run': {
        Type: 'Task',
        Resource: target.functions.settle,
        Parameters: { 'run.$': '$.run', 'start.$': '$.start', 'error.$': '$.error' },
        TimeoutSeconds: 300,
        Retry: SERVICE_RETRY,
        Next: 'Run failed',
      },
      'Run failed': { Type: 'Fail', Error: 'RunFailed', Cause: 'An error outside every job; the run record names it.' },
    },
  };
}

/** One job. Every end is `{}`: ten thousand of them fit into a state's 256 KiB, and one job's failure never stops another. */
function jobStates(target: WorkflowTarget) {
  const toSettled = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Job settled' }];
  return {
    Advance: {
      Type: 'Task',
      Resource: target.functions.advance,
      Parameters: { 'run.$': '$.run', 'start.$': '$.start', 'ordinal.$': '$.ordinal', 'result.$': '$.result' },
      ResultPath: '$.step',
      TimeoutSeconds: 300,
      Retry: SERVICE_RETRY,
      Catch: toSettled,
      Next: 'Next action',
    },
    'Next action': {
      Type: 'Choice',
      Choices: [
        { Variable: '$.step.action', StringEquals: 'run', Next: 'Run task' },
        { Variable: '$.step.action', StringEquals: 'wait', Next: 'Wait' },
        { Variable: '$.step.action', StringEquals: 'score', Next: 'Score' },
      ],
      Default: 'Job settled',
    },
    'Run task': {
      Type: 'Task',
      Resource: 'arn:aws:states:::ecs:runTask.sync',
      Parameters: target.runTaskParameters,
      TimeoutSecondsPath: '$.step.timeoutSeconds',
      ResultPath: '$.result',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.result', Next: 'Advance' }],
      Next: 'Advance',
    },
    Wait: { Type: 'Wait', SecondsPath: '$.step.waitSeconds', Next: 'Advance' },
    Score: {
      Type: 'Task',
      Resource: target.functions.score,
      Parameters: { 'run.$': '$.run', 'start.$': '$.start', 'ordinal.$': '$.ordinal' },
      ResultPath: '$.result',
      TimeoutSeconds: 900,
      Retry: SERVICE_RETRY,
      Catch: toSettled,
      Next: 'Advance',
    },
    'Job settled': { Type: 'Pass', Result: {}, End: true },
  };
}
