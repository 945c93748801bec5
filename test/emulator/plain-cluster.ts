/** A cluster without capacity providers: where tasks run on the emulated AWS, in place of the fleet. */
import { CfnCluster } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import type { DeployedFleet } from '../../lib/core/deployed-fleet.ts';
import { DEFAULT_FLEET } from '../../lib/core/fleet.ts';
import type { Capacity } from '../../lib/infra/capacity.ts';

export class PlainCluster extends Construct implements Capacity {
  readonly clusterName: string;
  readonly clusterArn: string;
  readonly hasProviders = false;
  readonly fleetJson: string;
  readonly groupNames = [];
  readonly dependencies = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const cluster = new CfnCluster(this, 'Cluster');
    this.clusterName = cluster.ref;
    this.clusterArn = cluster.attrArn;
    const fleet: DeployedFleet = DEFAULT_FLEET.map((fleetClass) => ({ ...fleetClass, capacityProvider: null }));
    this.fleetJson = JSON.stringify(fleet);
  }
}
