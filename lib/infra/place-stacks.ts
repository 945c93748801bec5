/**
 * Places the stacks of a deployment into an app, and the guards over them. bin/app.ts calls it for a real deployment, the emulator's app
 * with its substitutions, tests with what they look at.
 */
import { type App, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OWNER_TAG } from '../core/environment-names.ts';
import { adoptedData, DataStack } from './data-stack.ts';
import { addGuards } from './guards.ts';
import { PACKAGES_PER_STACK } from './packages.ts';
import { PackageStack } from './package-stack.ts';
import { ServiceStack, type ServiceStackProps } from './service-stack.ts';

export type PlacementProps = Omit<ServiceStackProps, 'data'>;

export interface PlacedStacks {
  /** Null where bucket and table are adopted. */
  readonly data: DataStack | null;
  readonly service: ServiceStack;
  /** Empty up to PACKAGES_PER_STACK packages. */
  readonly packages: readonly PackageStack[];
}

export function placeStacks(app: App, props: PlacementProps): PlacedStacks {
  const { settings, images } = props;
  const owner = `${settings.prefix}-service`;
  const { made, data } = placeData(app, settings);
  const [first = [], ...rest] = inChunks(props.packages, PACKAGES_PER_STACK);
  const description = 'Bakeoff: workflow, functions, API, tasks and fleet';
  const service = new ServiceStack(app, owner, {
    description,
    ...props,
    packages: first,
    data,
  });
  if (made !== null) service.addStackDependency(made);
  const packages = rest.map((chunk, index) => {
    const id = `${settings.prefix}-packages-${index + 1}`;
    const stack = new PackageStack(app, id, {
      description: 'Bakeoff: more packages',
      packages: chunk,
      template: service.template.value,
      images,
      familyPrefix: owner,
    });
    stack.addStackDependency(service);
    return stack;
  });
  for (const [key, value] of Object.entries(settings.tags)) Tags.of(app).add(key, value);
  Tags.of(app).add(OWNER_TAG, owner);
  addGuards(app);
  return { data: made, service, packages };
}

/** A stack of its own, unless the settings name what an earlier deployment left. */
function placeData(app: App, { adopt, prefix }: PlacementProps['settings']) {
  if (adopt !== null) return { made: null, data: (scope: Construct) => adoptedData(scope, adopt) };
  const made = new DataStack(app, `${prefix}-data`, { description: 'Bakeoff: results and records; retained' });
  return { made, data: () => made };
}

function inChunks<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size));
}
