/** Where a driver learns what it is for: the variables of one machine, those of a task, and every way to have neither. */
import { describe, expect, it } from 'vitest';
import { parseDriverSettings } from '../../lib/driver/driver-settings.ts';

const ATTEMPT = {
  BAKEOFF_RUN: 'run-1',
  BAKEOFF_JOB: 'job-1',
  BAKEOFF_STAGE: 'infer',
  BAKEOFF_ATTEMPT: '2',
  BAKEOFF_INSTANCE: '2-0123456789abcdef',
};
const MACHINE = {
  ...ATTEMPT,
  ...{ BAKEOFF_DIR: '/data', BAKEOFF_TASK_ID: 'task-2', BAKEOFF_SERVER_URL: 'http://127.0.0.1:8000/' },
  ...{ BAKEOFF_OUTPUTS: '/data/outputs', BAKEOFF_INPUTS: '/data/inputs' },
};
const AWS = {
  ...ATTEMPT,
  ...{ BAKEOFF_BUCKET: 'bucket', BAKEOFF_TABLE: 'table', AWS_REGION: 'eu-west-1', PORT: '20123' },
  ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/token',
};

function without(environment: Readonly<Record<string, string>>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}

describe('the settings of a driver', () => {
  it('are those of one machine where a folder is named', () => {
    expect(parseDriverSettings(MACHINE)).toMatchObject({
      place: { kind: 'machine', dir: '/data', taskId: 'task-2' },
      serverUrl: 'http://127.0.0.1:8000',
      scratchDir: '/data/outputs.driver',
    });
  });

  it('are those of a task where a bucket and a table are named; its folders bear the name of the instance', () => {
    expect(parseDriverSettings(AWS)).toEqual({
      place: { kind: 'aws', bucket: 'bucket', table: 'table', region: 'eu-west-1', metadataUrl: 'http://169.254.170.2/v4/token' },
      ...{ runId: 'run-1', jobId: 'job-1', stage: 'infer', attempt: 2, instance: '2-0123456789abcdef', stallMs: 300_000 },
      serverUrl: 'http://127.0.0.1:20123',
      outputsDir: '/outputs/2-0123456789abcdef',
      inputsDir: '/inputs/2-0123456789abcdef',
      scratchDir: '/inputs/2-0123456789abcdef.driver',
    });
  });

  it("take the region from either of AWS's variables", () => {
    const { place } = parseDriverSettings({ ...without(AWS, 'AWS_REGION'), AWS_DEFAULT_REGION: 'us-west-2' });
    expect(place).toMatchObject({ region: 'us-west-2' });
  });

  it.each([
    ['both places', { ...AWS, BAKEOFF_DIR: '/data' }, /BAKEOFF_DIR and BAKEOFF_BUCKET and BAKEOFF_TABLE are set/],
    ['no place', ATTEMPT, /BAKEOFF_DIR is not set, nor are BAKEOFF_BUCKET and BAKEOFF_TABLE/],
    ['a bucket without a table', without(AWS, 'BAKEOFF_TABLE'), /BAKEOFF_TABLE is not set/],
    ['a table without a bucket', without(AWS, 'BAKEOFF_BUCKET'), /BAKEOFF_BUCKET is not set/],
    ['no region', without(AWS, 'AWS_REGION'), /AWS_REGION is not set/],
    ['no metadata endpoint', without(AWS, 'ECS_CONTAINER_METADATA_URI_V4'), /ECS_CONTAINER_METADATA_URI_V4 is not set/],
    ['a port beyond all ports', { ...AWS, PORT: '65536' }, /PORT is "65536"/],
    ['an instance that would leave the volume', { ...AWS, BAKEOFF_INSTANCE: '../other' }, /BAKEOFF_INSTANCE is "\.\.\/other"/],
    ['several mistakes, all of them', { ...AWS, PORT: 'x', BAKEOFF_ATTEMPT: '0' }, /(PORT.*BAKEOFF_ATTEMPT|BAKEOFF_ATTEMPT.*PORT)/],
  ])('are refused with %s', (_, environment, message) => {
    expect(() => parseDriverSettings(environment)).toThrow(
      expect.objectContaining({ code: 'driver-settings', message: expect.stringMatching(message) }),
    );
  });
});
