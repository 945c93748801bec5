/**
 * Where tasks run, as the rest of the service stack sees it. lib/infra/fleet.ts makes the real one; any construct that answers this
 * (a plain cluster, Managed Instances) can stand in its place.
 */
import type { CfnResource } from 'aws-cdk-lib';

export interface Capacity {
  readonly clusterName: string;
  readonly clusterArn: string;
  /** False for a plain cluster: "Run task" then names a launch type instead of a capacity provider. */
  readonly hasProviders: boolean;
  /** Value of BAKEOFF_FLEET: JSON of the classes that lib/core/fleet.ts reads, capacity providers filled in. May hold tokens. */
  readonly fleetJson: string;
  /** Names of the Auto Scaling groups, for alarms; empty where instances are not ours. */
  readonly groupNames: readonly string[];
  /** What must exist before a task can be started. */
  readonly dependencies: readonly CfnResource[];
}
