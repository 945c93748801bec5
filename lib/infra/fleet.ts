/**
 * The real capacity: a cluster, its classes of instances, their network, and what an instance may do. lib/infra/service-stack.ts takes it
 * by the interface of capacity.ts; each instance first runs the scripts below user-data/, before the agent starts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnCluster, CfnClusterCapacityProviderAssociations } from 'aws-cdk-lib/aws-ecs';
import { CfnInstanceProfile, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { capacityProviderOf } from '../core/fleet.ts';
import type { Capacity } from './capacity.ts';
import { CapacityClass } from './capacity-class.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { Network } from './network.ts';

/** Both lie on the instance; the set-up calls the isolation itself, before it lets the agent start. */
const SCRIPTS = ['isolate-users.sh', 'node-setup.sh'];
const SCRIPT_FOLDER = '/opt/bakeoff';

export class Fleet extends Construct implements Capacity {
  readonly clusterName: string;
  readonly clusterArn: string;
  readonly hasProviders = true;
  readonly fleetJson: string;
  readonly groupNames: readonly string[];
  readonly dependencies: readonly CfnClusterCapacityProviderAssociations[];

  constructor(scope: Construct, id: string, settings: DeploymentSettings) {
    super(scope, id);
    const owner = Stack.of(this).stackName;
    const cluster = new CfnCluster(this, 'Cluster', {
      // Container Insights costs $0.30 a month for each metric; the driver records what a bake-off needs.
      clusterSettings: [{ name: 'containerInsights', value: 'disabled' }],
    });
    this.clusterName = cluster.ref;
    this.clusterArn = cluster.attrArn;
    this.fleetJson = JSON.stringify(settings.fleet);
    const network = new Network(this, 'Network', settings);
    const instanceProfileArn = this.instanceProfile().attrArn;
    const classes = settings.fleet.map(
      (fleetClass) =>
        new CapacityClass(this, fleetClass.name, {
          fleetClass,
          providerName: capacityProviderOf(owner, fleetClass.name),
          network,
          instanceProfileArn,
          userData: userData(cluster.ref),
          owner,
          tags: settings.tags,
        }),
    );
    this.groupNames = classes.map(({ groupName }) => groupName);
    const associations = new CfnClusterCapacityProviderAssociations(this, 'Providers', {
      cluster: cluster.ref,
      capacityProviders: classes.map(({ provider }) => provider.ref),
      defaultCapacityProviderStrategy: [],
    });
    this.dependencies = [associations];
  }

  /** What the ECS agent needs, for this cluster; images are pulled and logs written with the task's execution role. */
  private instanceProfile(): CfnInstanceProfile {
    const stack = Stack.of(this);
    const role = new Role(this, 'InstanceRole', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: 'ECS agent of the fleet',
    });
    const instances = stack.formatArn({ service: 'ecs', resource: 'container-instance', resourceName: `${this.clusterName}/*` });
    const inCluster = { ArnEquals: { 'ecs:cluster': this.clusterArn } };
    const allow = (actions: string[], resources: string[], conditions = {}) =>
      role.addToPolicy(new PolicyStatement({ actions, resources, conditions }));
    allow(['ecs:RegisterContainerInstance', 'ecs:DeregisterContainerInstance', 'ecs:SubmitAttachmentStateChanges'], [this.clusterArn]);
    allow(['ecs:SubmitContainerStateChange', 'ecs:SubmitTaskStateChange'], [this.clusterArn]);
    allow(['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'], [instances], inCluster);
    allow(['ecs:TagResource'], [instances], { StringEquals: { 'ecs:CreateAction': 'RegisterContainerInstance' } });
    allow(['ecs:DiscoverPollEndpoint'], ['*']);
    return new CfnInstanceProfile(this, 'InstanceProfile', { roles: [role.roleName] });
  }
}

/** EC2 takes at most 16 KiB of it; a check at synth counts. An error before the set-up keeps the agent down as one in it does. */
function userData(clusterName: string): string {
  const files = SCRIPTS.flatMap((name) => {
    const text = readFileSync(join(import.meta.dirname, 'user-data', name), 'utf8');
    return [`cat > ${SCRIPT_FOLDER}/${name} <<'BAKEOFF_END'\n${text}BAKEOFF_END`, `chmod 700 ${SCRIPT_FOLDER}/${name}`];
  });
  return [
    '#!/bin/bash',
    'set -eu',
    `trap '[ "$?" = 0 ] || systemctl mask --now --no-block ecs.service' EXIT`,
    `mkdir -p ${SCRIPT_FOLDER} /etc/ecs`,
    ...files,
    `echo "ECS_CLUSTER=${clusterName}" >> /etc/ecs/ecs.config`,
    `${SCRIPT_FOLDER}/node-setup.sh`,
    '',
  ].join('\n');
}
