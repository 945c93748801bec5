/** The end: `bakeoff teardown`, then the emulator itself. Nothing is left but what is meant to stay. */
import { ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListClustersCommand, ListTaskDefinitionsCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import { ListRulesCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { listTaskContainers, runningTaskContainers } from './containers.ts';
import { DATA_STACK, SERVICE_STACK } from './deploy.ts';
import { markedProcesses } from './marked-processes.ts';
import { OWNER_LABEL, PORT } from './work-folder.ts';
import type { World } from './world.ts';

export function teardownSuite(world: () => World): void {
  describe('the end of the deployment', () => {
    it('is reached with no container and no task running', async () => {
      expect(await runningTaskContainers(OWNER_LABEL)).toEqual([]);
      const { taskArns } = await world().aws.ecs.send(
        new ListTasksCommand({ cluster: world().outputs.ClusterName, desiredStatus: 'RUNNING' }),
      );
      expect(taskArns).toEqual([]);
    });

    it('is made by `bakeoff teardown`: only data and bootstrap stay', async () => {
      const end = await world().cli('teardown', '--yes', '--json');
      expect(end.exitCode, `${end.stdout}\n${end.stderr}`).toBe(0);
      const { aws, outputs } = world();
      const { StackSummaries } = await aws.stacks.send(new ListStacksCommand({}));
      const alive = (StackSummaries ?? []).filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE').map(({ StackName }) => StackName);
      expect(alive.sort()).toEqual(['CDKToolkit', DATA_STACK].sort());
      expect(alive).not.toContain(SERVICE_STACK);
      expect(await aws.functionNames()).toEqual([]);
      expect((await aws.states.send(new ListStateMachinesCommand({}))).stateMachines).toEqual([]);
      expect((await aws.ecs.send(new ListClustersCommand({}))).clusterArns).toEqual([]);
      expect((await aws.ecs.send(new ListTaskDefinitionsCommand({ status: 'ACTIVE' }))).taskDefinitionArns).toEqual([]);
      const rules = await new EventBridgeClient(aws.ministack.clientConfig).send(new ListRulesCommand({}));
      expect(rules.Rules?.map(({ Name }) => Name) ?? []).toEqual([]);
      expect((await aws.dynamo.send(new ListTablesCommand({}))).TableNames).toEqual([outputs.TableName]);
      expect((await aws.s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toContain(outputs.BucketName);
      expect((await aws.logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map(({ logGroupName }) => logGroupName)).toEqual([]);
    });

    it('leaves no container and no process once the emulator has stopped', async () => {
      world().figures.print();
      await world().close();
      expect(await listTaskContainers(OWNER_LABEL)).toEqual([]);
      expect(processesOfEmulator()).toEqual([]);
    });
  });
}

/** Whatever was told the emulator's address or port: itself, its workers, drivers that outlived their containers. */
function processesOfEmulator(): string[] {
  const marks = [`GATEWAY_PORT=${PORT}`, `AWS_ENDPOINT_URL=http://127.0.0.1:${PORT}`];
  return marks.flatMap((mark) => markedProcesses(mark)).map(({ command }) => command);
}
