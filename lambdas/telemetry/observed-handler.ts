/**
 * What every function has around its step: structured logs with the run in each line, metrics, a trace. The entries of lambdas/ wrap
 * themselves in it; steps know nothing of it.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Tracer } from '@aws-lambda-powertools/tracer';
import type { Context } from 'aws-lambda';
import type { FunctionLog } from '../../lib/compose/function-log.ts';
import { BakeoffError } from '../../lib/core/errors.ts';
import { environment } from '../../lib/settings.ts';
import { ENVIRONMENT, METRICS_NAMESPACE, METRICS_SERVICE, type MetricName } from '../../lib/core/environment-names.ts';

/** What an event says that every line of the log should say too. */
export type LogKeys = Readonly<Record<string, string | number>>;

export interface Telemetry {
  readonly log: FunctionLog;
  /** One value of a metric: written in the log at the end of the invocation, in CloudWatch's embedded format. */
  readonly measure: (name: MetricName, value: number) => void;
  /** The step as a handler. */
  readonly observe: <Answer>(
    step: (event: unknown) => Promise<Answer>,
    keysOf?: (event: unknown) => LogKeys,
  ) => (event: unknown, context: Context) => Promise<Answer>;
}

/** Once per process, at its start. */
export function telemetry(): Telemetry {
  const logger = new Logger({ serviceName: METRICS_SERVICE });
  // By stack: two deployments in one Region must not raise each other's alarms.
  const metrics = new Metrics({ serviceName: environment()[ENVIRONMENT.stack] ?? METRICS_SERVICE, namespace: METRICS_NAMESPACE });
  let tracer: Promise<Tracer> | null = null;
  const loadedTracer = (): Promise<Tracer> => {
    tracer ??= loadTracer();
    return tracer;
  };
  return {
    log: {
      info: (message, fields = {}) => logger.info(message, fields),
      warn: (message, fields = {}) => logger.warn(message, fields),
    },
    measure: (name, value) => metrics.addMetric(name, MetricUnit.Count, value),
    observe: (step, keysOf = () => ({})) => {
      return async (event, context) => {
        logger.addContext(context);
        logger.resetKeys();
        logger.appendKeys(keysOf(event));
        try {
          return isSampled() ? await traced(await loadedTracer(), keysOf(event), () => step(event)) : await step(event);
        } catch (error) {
          logger.error('the step failed', describe(error));
          throw named(error);
        } finally {
          if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
        }
      };
    },
  };
}

/** The tracer loads as long as all the rest together, and most invocations are not sampled: they do without it. */
async function loadTracer(): Promise<Tracer> {
  const { Tracer: PowertoolsTracer } = await import('@aws-lambda-powertools/tracer');
  return new PowertoolsTracer({ serviceName: METRICS_SERVICE });
}

/** As Lambda tells it of each invocation. */
function isSampled(): boolean {
  return /\bSampled=1\b/.test(environment()._X_AMZN_TRACE_ID ?? '');
}

/** A sub-segment of its own: the segment that Lambda makes takes no annotations. */
async function traced<T>(tracer: Tracer, keys: LogKeys, work: () => Promise<T>): Promise<T> {
  if (!tracer.isTracingEnabled()) return work();
  let answer: { readonly value: T } | undefined;
  await tracer.provider.captureAsyncFunc('step', async (segment) => {
    try {
      for (const [key, value] of Object.entries(keys)) segment?.addAnnotation(key, value);
      answer = { value: await work() };
    } catch (error) {
      segment?.addError(error instanceof Error ? error : String(error));
      throw error;
    } finally {
      segment?.close();
    }
  });
  if (answer === undefined) throw new Error('the tracer did not run the step');
  return answer.value;
}

/** Lambda tells its caller an error's name and message alone: the name is our code, which the run's record then has. */
function named(error: unknown): unknown {
  if (!(error instanceof BakeoffError)) return error;
  const told = new Error(error.message, { cause: error });
  told.name = error.code;
  return told;
}

/** A code and a remedy where we know them; the error itself is a defect's only trace. */
function describe(error: unknown): { readonly error: Error; readonly code?: string; readonly remedy?: string } {
  if (error instanceof BakeoffError) return { error, code: error.code, remedy: error.remedy };
  return { error: error instanceof Error ? error : new Error(String(error)) };
}
