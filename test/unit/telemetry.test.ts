/** Metrics of a function carry the name of its deployment: the alarms of two in one Region never take each other's. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { telemetry } from '../../lambdas/telemetry/observed-handler.ts';
import { ENVIRONMENT, METRICS, METRICS_NAMESPACE } from '../../lib/core/environment-names.ts';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv(ENVIRONMENT.stack, 'team-service');
  vi.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it('publishes under the name of the stack, once, at the end of the invocation', async () => {
  const { measure, observe } = telemetry();
  const handler = observe(async () => {
    measure(METRICS.runsFailed, 1);
    return 'done';
  });

  expect(await handler({}, {} as never)).toBe('done');

  const [published, ...more] = lines.map((line) => JSON.parse(line)).filter((line) => '_aws' in line);
  expect(published).toMatchObject({ service: 'team-service', [METRICS.runsFailed]: 1 });
  expect(published._aws.CloudWatchMetrics).toMatchObject([{ Namespace: METRICS_NAMESPACE, Dimensions: [['service']] }]);
  expect(more).toEqual([]);
});
