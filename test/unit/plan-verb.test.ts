/** `bakeoff plan`: what it says of each load, of certified percentiles, and of the differences that so many items can find. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../lib/cli/program.ts';
import { writeInstallation } from '../fixtures/installation-fixture.ts';
import { DIABETES_SPEC, SHAPES_SPEC } from '../fixtures/registry-fixture.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'bakeoff-plan-'));
  await writeInstallation(root);
  await writeFile(join(root, 'times.txt'), '0\n0.5\n2\n');
  await writeFile(join(root, 'diabetes.json'), DIABETES_SPEC);
  await writeFile(join(root, 'shapes.yaml'), SHAPES_SPEC);
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function call(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write: (text: string): void => {
      written[name] += text;
    },
  });
  const outside = { stdout: sink('stdout'), stderr: sink('stderr'), environment: {}, cwd: root, root };
  const exitCode = await main(argv, { ...outside, isTty: false, isStdoutTty: false, columns: 80 });
  return { exitCode, ...written };
}

async function planOf(load: string, ...more: string[]) {
  const slo = load.includes('stream') ? 'slo: { ttftMs: 300, latencyMs: 2000 }\n' : '';
  await writeFile(join(root, 'spec.yaml'), `${SHAPES_SPEC.replace(/^load: .*$/m, `load: ${load}`)}${slo}`);
  return call('plan', 'spec.yaml', ...more);
}

const jsonOf = async (load: string, ...more: string[]) => JSON.parse((await planOf(load, ...more, '--json')).stdout);
const json = async (...argv: string[]): Promise<unknown> => JSON.parse((await call(...argv, '--json')).stdout);
/** A paragraph in one line. */
const oneLine = (text: string) => text.replaceAll(/\n {10}/g, ' ');

describe('the load in a plan', () => {
  it.each([
    ['{ mode: closed }', 'load      closed, concurrency 1\n'],
    [
      '{ mode: closed, duration: 10m, ramp: 20s, grace: 5s }',
      'load      closed, concurrency 1, for at most 10 min 00 s; ramp 20.0 s, what is sent in it is not measured; answers are awaited for 5.00 s\n',
    ],
    ['{ mode: offline }', 'load      offline, at most 1 in flight\n'],
    [
      '{ mode: constant, rate: 4, maxInFlight: 8, stopOnSaturation: false }',
      'load      constant, 4 a second: 12 requests, the last due after 2.75 s; at most 8 in flight\n',
    ],
    [
      '{ mode: constant, rate: 4, ramp: 1s }',
      'load      constant, 4 a second: 12 requests, the last due after 3.25 s; ramp 1.00 s, 2 samples in it are not measured; at most 1024 in flight, stops when one is held back for 5m\n',
    ],
    [
      '{ mode: poisson, rate: 2.5 }',
      'load      poisson, 2.5 a second on average (drawn as schedule/42): 12 requests, the last due after 3.27 s; at most 1024 in flight',
    ],
    ['{ mode: trace, file: times.txt }', 'load      trace, 1 a second: 3 requests, the last due after 2.00 s; at most 1024'],
    [
      '{ mode: closed, stream: true }',
      'closed, concurrency 1 streams: time to the first token, gaps, tokens a second\ngoodput   samples with first token within 300 ms and answer within 2.00 s\n',
    ],
  ])('is told in words: %s', async (load, expected) => {
    const { exitCode, stdout } = await planOf(load);

    expect(exitCode).toBe(0);
    expect(oneLine(stdout)).toContain(expected);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('says when its samples end before its duration, and what would fill it', async () => {
    expect(oneLine((await planOf('{ mode: constant, rate: 4, duration: 30s }')).stdout)).toContain(
      'the samples last 2.75 s of 30.0 s: raise samples.perItem from 2 to 21 to fill it',
    );
    expect(oneLine((await planOf('{ mode: constant, rate: 400, duration: 30s }')).stdout)).toContain(
      'the samples last 27.5 ms of 30.0 s: more items are needed to fill it, or a lower rate',
    );
  });

  it('is counted by what it sends: less than items x repeats where the duration is short', async () => {
    const load = '{ mode: constant, rate: 4, duration: 1s }';
    expect(await jsonOf(load)).toMatchObject({ samplesPerJob: 5, samples: 30, outlook: { items: 5, lastDueMs: 1000 } });
    expect((await planOf(load)).stdout).toContain('samples   30: 6 jobs x 5 of 6 items x 2 each\n');
  });

  it('judges percentiles by what is left after the ramp', async () => {
    const { latency } = await jsonOf('{ mode: constant, rate: 4, ramp: 1s }');
    expect(latency.percentiles[0]).toEqual({ name: 'p50', minN: 11, canBeCertified: false });
    expect(oneLine((await planOf('{ mode: constant, rate: 4, ramp: 1s }')).stdout)).toContain(
      'latency   10 samples per job after the ramp can certify no percentile; p50 needs 11',
    );
  });

  it('does not count on samples for which the duration of a closed load may be too short', async () => {
    const latency = async (load: string) => oneLine((await planOf(load)).stdout).match(/latency .*? can certify p50/)?.[0];
    expect(await latency('{ mode: closed, duration: 1s }')).toBe(
      'latency   12 samples per job, if its time is enough for all of them, can certify p50',
    );
    expect(await latency('{ mode: closed, duration: 1s, ramp: 100ms }')).toContain(
      'if its time is enough for all of them, less what the ramp takes, can',
    );
    expect(await latency('{ mode: closed }')).toBe('latency   12 samples per job can certify p50');
  });

  it('of a trace stands in JSON without its times', async () => {
    const { load, outlook } = await jsonOf('{ mode: trace, file: times.txt }');
    expect(load).toEqual({ mode: 'trace', maxInFlight: 1024, stopOnSaturation: true, stream: false, warmup: 2 });
    expect(outlook).toMatchObject({ samples: 3, firstDueMs: 0, lastDueMs: 2000, offeredPerSecond: 1 });
  });

  it('is refused with the line of its file that is wrong', async () => {
    await writeFile(join(root, 'falls.txt'), '1\n0.5\n');
    const { exitCode, stderr } = await planOf('{ mode: trace, file: falls.txt }');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('error[trace-not-ascending]: a time is before the one that precedes it: line 2');
    expect(stderr).toContain('seen: "0.5"; expected: at least 1');
  });
});

describe('what a plan can tell apart', () => {
  it('is said for the ranked metric, with what is assumed, and is honest where that is nothing', async () => {
    const stdout = oneLine((await planOf('{ mode: closed }')).stdout);
    expect(stdout).toContain(
      'tells     6 items are too few to find any difference between two jobs (80 % power, 99.5 % confidence in each of 10 pairs)',
    );
  });

  it('needs so many items for a difference and for a precision', async () => {
    const asked = ['--difference', '5', '--precision', '2.5'];
    const { resolution } = await jsonOf('{ mode: closed }', ...asked);
    expect(resolution).toMatchObject({
      ...{ metric: 'score.total', unit: 'points', items: 6, pairs: 10, power: 0.8 },
      forDifference: { difference: 5, items: [1336, 5330] },
      forPrecision: { halfWidth: 2.5, items: 1539 },
    });
    expect(oneLine((await planOf('{ mode: closed }', ...asked)).stdout)).toContain(
      "a difference of 5 needs 1336 items, at worst 5330 items; placing a job's value within 2.5 to each side needs at most 1539 items (there are 6)",
    );
  });

  it('names the assumed spread beside what it finds', async () => {
    const { spec } = (await json('validate', 'shapes.yaml')) as { spec: { samples: object; models: object[] } };
    const two = { ...spec, samples: { perItem: 1 }, models: [{ model: 'pocket-t2v', matrix: { steps: [1, 2] } }] };
    await writeFile(join(root, 'two.json'), JSON.stringify(two));

    expect(oneLine((await call('plan', 'two.json')).stdout)).toContain(
      'tells     12 items find a difference of 44.1 points between two jobs, if paired differences have a standard deviation of 50, half ' +
        'the range, at worst 88.2 with 100, the whole range (80 % power, 95 % confidence)',
    );
  });

  it('is nothing for a metric without a finite range, and says where to plan it', async () => {
    const { stdout } = await call('plan', 'diabetes.json');
    expect(oneLine(stdout)).toContain(
      'no difference can be named: numbers.mae has no finite range; plan it from numbers of your own with "bakeoff stats --power"',
    );
  });

  it.each(['0', '-1', 'x', '1e999'])('takes no %s for a difference', async (given) => {
    const { exitCode, stderr } = await planOf('{ mode: closed }', `--difference=${given}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('in the unit of the ranked metric');
  });
});
