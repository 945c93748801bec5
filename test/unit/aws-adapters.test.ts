/** Adapters of AWS against recorded answers: what they ask, page by page, and what they make of an error. A client shouts at anything else. */
import { ExecutionAlreadyExists } from '@aws-sdk/client-sfn';
import { ClientException, InvalidParameterException } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { ecsMachines } from '../../lib/adapters/aws/ecs-machines.ts';
import { ecsTaskDefinitions } from '../../lib/adapters/aws/ecs-task-definitions.ts';
import { ecsTaskStopper } from '../../lib/adapters/aws/ecs-task-stopper.ts';
import { eventBridgeSink } from '../../lib/adapters/aws/event-bridge-sink.ts';
import { readSpecObject } from '../../lib/adapters/aws/read-spec-object.ts';
import { stepFunctionsExecutions } from '../../lib/adapters/aws/step-functions-executions.ts';
import { runEventOf } from '../../lib/workflow/run-events.ts';
import { runRecord } from '../fixtures/run-records.ts';

type Answers = Readonly<Record<string, (input: never) => unknown>>;

/** A client that knows the commands of the test, by name, and notes each. */
function client(answers: Answers) {
  const calls: { name: string; input: Record<string, unknown> }[] = [];
  const send = async (command: { constructor: { name: string }; input: object }): Promise<never> => {
    const name = command.constructor.name.replace(/Command$/, '');
    calls.push({ name, input: { ...command.input } });
    const answer = answers[name];
    if (answer === undefined) throw new Error(`the test did not prepare ${name}`);
    return answer(command.input as never) as never;
  };
  return { calls, send } as { calls: typeof calls; send: never };
}
const $metadata = {};
const thrown = (error: Error) => () => Promise.reject(error);

describe('the stopper of tasks', () => {
  const arns = Array.from({ length: 230 }, (_, n) => `arn:task/${n}`);
  const taskOf = (taskArn: string) => {
    const n = Number(taskArn.split('/')[1]);
    const environment = [
      { name: 'BAKEOFF_RUN', value: n % 2 === 0 ? 'ours' : 'other' },
      { name: 'BAKEOFF_JOB', value: n % 10 === 0 ? 'job-a' : 'job-b' },
    ];
    return { taskArn, overrides: { containerOverrides: [{ name: 'model' }, { name: 'driver', environment }] } };
  };
  const cluster = () =>
    client({
      ListTasks: ({ nextToken }: { nextToken?: string }) => {
        const from = Number(nextToken ?? 0);
        return { taskArns: arns.slice(from, from + 100), ...(from + 100 < arns.length ? { nextToken: String(from + 100) } : {}) };
      },
      DescribeTasks: ({ tasks }: { tasks: string[] }) => ({ tasks: tasks.map(taskOf) }),
      StopTask: () => ({}),
    });

  it('finds the tasks of a run over all pages, a hundred at a time, and stops no other', async () => {
    const ecs = cluster();
    expect(await ecsTaskStopper({ client: ecs, cluster: 'c' }).stopTasks({ runId: 'ours', jobId: null })).toBe(115);

    const stopped = ecs.calls.filter(({ name }) => name === 'StopTask').map(({ input }) => String(input.task));
    expect(stopped.every((arn) => Number(arn.split('/')[1]) % 2 === 0)).toBe(true);
    const described = ecs.calls.filter(({ name }) => name === 'DescribeTasks').map(({ input }) => (input.tasks as string[]).length);
    expect(described).toEqual([100, 100, 30]);
    expect(ecs.calls[0]?.input).toMatchObject({ cluster: 'c', desiredStatus: 'RUNNING' });
  });

  it('keeps to one job where it is told one', async () => {
    expect(await ecsTaskStopper({ client: cluster(), cluster: 'c' }).stopTasks({ runId: 'ours', jobId: 'job-a' })).toBe(23);
  });

  it('takes a task that is gone for stopped, and nothing else', async () => {
    const gone = new InvalidParameterException({ message: 'The referenced task was not found.', $metadata });
    await ecsTaskStopper({ client: client({ StopTask: thrown(gone) }), cluster: 'c' }).stopTask('arn:task/1');
    await expect(ecsTaskStopper({ client: client({ StopTask: thrown(new Error('busy')) }), cluster: 'c' }).stopTask('a')).rejects.toThrow(
      'busy',
    );
  });
});

describe('executions', () => {
  const stateMachineArn = 'arn:aws:states:us-east-1:111122223333:stateMachine:bakeoff';

  it('start under their name, and count one that exists as no fault', async () => {
    const sfn = client({ StartExecution: () => ({ executionArn: 'x' }) });
    expect(await stepFunctionsExecutions({ client: sfn, stateMachineArn }).start('r-1', { run: 'r', start: 1 })).toBe('started');
    expect(sfn.calls[0]?.input).toEqual({ stateMachineArn, name: 'r-1', input: '{"run":"r","start":1}' });

    const taken = client({ StartExecution: thrown(new ExecutionAlreadyExists({ message: 'x', $metadata })) });
    expect(await stepFunctionsExecutions({ client: taken, stateMachineArn }).start('r-1', { run: 'r', start: 1 })).toBe('exists');
  });

  it.each([
    ['RUNNING', true],
    ['PENDING_REDRIVE', true],
    ['ABORTED', false],
    ['SUCCEEDED', false],
  ])('that are %s are live: %s', async (status, live) => {
    const sfn = client({ DescribeExecution: () => ({ status }) });
    expect(await stepFunctionsExecutions({ client: sfn, stateMachineArn }).isLive('r-1')).toBe(live);
    expect(sfn.calls[0]?.input).toEqual({ executionArn: 'arn:aws:states:us-east-1:111122223333:execution:bakeoff:r-1' });
  });
});

describe('the sink of events', () => {
  const event = runEventOf(runRecord({ state: 'failed', failure: { class: 'infra', code: 'x', message: 'y' } }));
  const publish = async (answer: (input: never) => unknown) => {
    const lost: string[] = [];
    const bus = client({ PutEvents: answer });
    await eventBridgeSink({ client: bus, eventBus: 'default', onLost: (_, reason) => lost.push(reason) }).publish(event);
    return { lost, entry: ((bus.calls[0]?.input.Entries ?? []) as object[])[0] };
  };

  it('sends the run under our source', async () => {
    const { lost, entry } = await publish(() => ({ FailedEntryCount: 0 }));
    expect(lost).toEqual([]);
    expect(entry).toMatchObject({
      EventBusName: 'default',
      Source: 'bakeoff',
      DetailType: 'Bakeoff Run State Change',
      Detail: JSON.stringify(event),
    });
  });

  it('tells an entry that was refused in an answer of 200, and a bus that is gone, and goes on', async () => {
    const refused = await publish(() => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'later' }] }));
    expect(refused.lost).toEqual(['InternalFailure: later']);
    expect((await publish(thrown(new Error('no bus')))).lost).toEqual(['no bus']);
  });
});

describe('task definitions', () => {
  const described = (status: string) => ({
    taskDefinition: {
      ...{
        taskDefinitionArn: 'arn:td/f:3',
        family: 'f',
        revision: 3,
        status,
        networkMode: 'host',
        registeredBy: 'me',
        compatibilities: ['EC2'],
      },
      containerDefinitions: [
        { name: 'driver' },
        { name: 'model', environment: [{ name: 'BAKEOFF_PACKAGE_DIGEST', value: 'd'.repeat(64) }] },
      ],
    },
    tags: [{ key: 'bakeoff:stack', value: 'bakeoff' }],
  });

  it('name the newest active revision and what it was made for', async () => {
    const found = ecsTaskDefinitions(client({ DescribeTaskDefinition: () => described('ACTIVE') }));
    expect(await found.newest('f')).toEqual({ arn: 'arn:td/f:3', digest: 'd'.repeat(64) });
    expect(await found.isActive('arn:td/f:3')).toBe(true);
  });

  it('that are inactive, or nobody knows, are none', async () => {
    const inactive = ecsTaskDefinitions(client({ DescribeTaskDefinition: () => described('INACTIVE') }));
    const unknown = ecsTaskDefinitions(client({ DescribeTaskDefinition: thrown(new ClientException({ message: 'x', $metadata })) }));
    for (const each of [inactive, unknown]) {
      expect(await each.newest('f')).toBeNull();
      expect(await each.isActive('arn:td/f:3')).toBe(false);
    }
    await expect(unknown.registerAgain('arn:td/f:3')).rejects.toMatchObject({ code: 'package-not-deployed' });
  });

  it('are registered again with their content and tags, and nothing that a description adds', async () => {
    const ecs = client({
      DescribeTaskDefinition: () => described('INACTIVE'),
      RegisterTaskDefinition: () => ({ taskDefinition: { taskDefinitionArn: 'arn:td/f:4' } }),
    });
    expect(await ecsTaskDefinitions(ecs).registerAgain('arn:td/f:3')).toBe('arn:td/f:4');
    const input = ecs.calls[1]?.input ?? {};
    expect(input).toMatchObject({ family: 'f', networkMode: 'host', tags: [{ key: 'bakeoff:stack' }] });
    for (const added of ['revision', 'status', 'taskDefinitionArn', 'registeredBy', 'compatibilities'])
      expect(input).not.toHaveProperty(added);
  });

  it('are registered again without the tags of CloudFormation, which nobody else may give', async () => {
    const stackTag = { key: 'aws:cloudformation:stack-name', value: 'bakeoff-service' };
    const ecs = client({
      DescribeTaskDefinition: () => ({ ...described('INACTIVE'), tags: [stackTag, { key: 'bakeoff:stack', value: 'bakeoff-service' }] }),
      RegisterTaskDefinition: () => ({ taskDefinition: { taskDefinitionArn: 'arn:td/f:4' } }),
    });
    await ecsTaskDefinitions(ecs).registerAgain('arn:td/f:3');
    expect(ecs.calls[1]?.input.tags).toEqual([{ key: 'bakeoff:stack', value: 'bakeoff-service' }]);
  });
});

describe('machines', () => {
  it('are looked for by a filter that nothing but an id can reach', async () => {
    const ecs = client({ ListContainerInstances: () => ({ containerInstanceArns: ['arn:ci'] }) });
    expect(await ecsMachines({ client: ecs, cluster: 'c' }).findByInstanceId('i-0abcdef1234567890')).toBe('arn:ci');
    expect(ecs.calls[0]?.input).toMatchObject({ filter: 'ec2InstanceId == i-0abcdef1234567890' });
    await expect(ecsMachines({ client: ecs, cluster: 'c' }).findByInstanceId('i-0 or attribute:x')).rejects.toThrow(TypeError);
  });
});

describe('an uploaded spec', () => {
  const upload = { bucket: 'b', key: 'specs/a b.yaml', versionId: 'v', version: 'v' };
  const failing = (httpStatusCode: number, listed: readonly string[] = []) =>
    client({
      GetObject: thrown(Object.assign(new Error('s3'), { $metadata: { httpStatusCode } })),
      ListObjectsV2: () => ({ Contents: listed.map((Key) => ({ Key })) }),
    });

  it('is read in its very version, and never further than a spec may reach', async () => {
    const s3 = client({ GetObject: () => ({ Body: { transformToByteArray: async () => new Uint8Array(3_000_000) } }) });
    expect((await readSpecObject(s3, upload))?.length).toBe(1_048_577);
    expect(s3.calls[0]?.input).toEqual({ Bucket: 'b', Key: 'specs/a b.yaml', VersionId: 'v', Range: 'bytes=0-1048576' });
  });

  it('that is empty is empty, that is gone is null, and a refusal is thrown', async () => {
    expect(await readSpecObject(failing(416), upload)).toEqual(new Uint8Array());
    expect(await readSpecObject(failing(404), upload)).toBeNull();
    expect(await readSpecObject(failing(405), upload)).toBeNull();
    await expect(readSpecObject(failing(403, ['specs/a b.yaml']), upload)).rejects.toThrow('s3');
    await expect(readSpecObject(failing(500), upload)).rejects.toThrow('s3');
  });

  it('that is gone is null too where S3 answers 403 for it, since only a prefix may be listed', async () => {
    const s3 = failing(403, ['specs/a b.yaml.bak']);
    expect(await readSpecObject(s3, upload)).toBeNull();
    expect(s3.calls[1]?.input).toEqual({ Bucket: 'b', Prefix: 'specs/a b.yaml', MaxKeys: 1 });
  });
});
