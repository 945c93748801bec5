/**
 * Limits of ECS on a task definition, asserted before AWS is asked: a refusal at synth or at registration names the field, one at run
 * time would be a task that never starts. Sources: ECS API reference, RegisterTaskDefinition; ECS service quotas. Called by the builder.
 */
import { BakeoffError } from './errors.ts';
import type { ContainerDefinition, TaskDefinitionInput } from './task-definition-input.ts';

const FAMILY = /^[A-Za-z0-9_-]{1,255}$/;
const CONTAINER_NAME = /^[A-Za-z0-9_-]{1,255}$/;
/** A task definition is at most 64 KB of JSON. */
const MAX_BYTES = 64 * 1024;
export const MAX_CONTAINERS = 10;
const MIN_CPU_UNITS = 2;
const MAX_CPU_UNITS = 192 * 1024;
/** Docker refuses less. */
const MIN_MEMORY_MIB = 6;
/** A Spot notice comes two minutes ahead; stop time-outs of dependent containers add up. */
export const MAX_STOP_SECONDS = 120;
const MAX_TAGS = 50;
/** ECS takes options by name alone (API reference, Tmpfs): `mode=1777` is none of its list. Those of them that we use. */
const TMPFS_OPTIONS = new Set(['rw', 'exec', 'nosuid', 'nodev']);

/** Throws `task-unfit`. `maxGpus`: GPUs of the largest class of the fleet; null where there is no fleet. */
export function assertTaskLimits(definition: TaskDefinitionInput, maxGpus: number | null): void {
  const containers = definition.containerDefinitions;
  check(FAMILY.test(definition.family), 'family', definition.family, 'at most 255 letters, digits, hyphens and underscores');
  check(containers.length <= MAX_CONTAINERS, 'containerDefinitions', containers.length, `at most ${MAX_CONTAINERS}`);
  for (const container of containers) assertContainer(container, maxGpus);
  const stopSeconds = containers.reduce((sum, { stopTimeout }) => sum + stopTimeout, 0);
  check(stopSeconds <= MAX_STOP_SECONDS, 'stopTimeout of all containers', stopSeconds, `at most ${MAX_STOP_SECONDS} s together`);
  check((definition.tags ?? []).length <= MAX_TAGS, 'tags', definition.tags?.length ?? 0, `at most ${MAX_TAGS}`);
  const bytes = new TextEncoder().encode(JSON.stringify(definition)).length;
  check(bytes <= MAX_BYTES, 'size', `${bytes} bytes`, `at most ${MAX_BYTES} bytes`);
}

function assertContainer(container: ContainerDefinition, maxGpus: number | null): void {
  const { name, image, cpu, memory, stopTimeout } = container;
  const temporaryMiB = container.linuxParameters.tmpfs.reduce((sum, { size }) => sum + size, 0);
  check(CONTAINER_NAME.test(name), 'name', name, 'at most 255 letters, digits, hyphens and underscores');
  check(image.length > 0 && image.length <= 1024, `${name}.image`, image.slice(0, 80), 'an image');
  check(
    Number.isInteger(cpu) && cpu >= MIN_CPU_UNITS && cpu <= MAX_CPU_UNITS,
    `${name}.cpu`,
    cpu,
    `${MIN_CPU_UNITS} to ${MAX_CPU_UNITS} units`,
  );
  check(Number.isInteger(memory) && memory >= MIN_MEMORY_MIB, `${name}.memory`, memory, `at least ${MIN_MEMORY_MIB} MiB`);
  for (const option of container.linuxParameters.tmpfs.flatMap(({ mountOptions }) => mountOptions)) {
    check(TMPFS_OPTIONS.has(option), `${name}.tmpfs.mountOptions`, option, `one of ${[...TMPFS_OPTIONS].join(', ')}`);
  }
  check(container.memoryReservation < memory, `${name}.memoryReservation`, container.memoryReservation, `less than ${memory} MiB`);
  check(temporaryMiB < memory, `${name}.tmpfs`, `${temporaryMiB} MiB`, `less than the container's memory of ${memory} MiB`);
  check(Number.isInteger(stopTimeout) && stopTimeout > 0, `${name}.stopTimeout`, stopTimeout, 'whole seconds above 0');
  const gpus = Number(container.resourceRequirements?.[0]?.value ?? 0);
  check(Number.isInteger(gpus) && gpus >= 0, `${name}.GPU`, gpus, 'a whole number');
  check(maxGpus === null || gpus <= maxGpus, `${name}.GPU`, gpus, `at most ${maxGpus}, what the largest class of the fleet has`);
}

function check(isMet: boolean, field: string, seen: string | number, expected: string): void {
  if (isMet) return;
  throw new BakeoffError({
    code: 'task-unfit',
    message: `the task definition's ${field} is ${seen}; expected ${expected}`,
    remedy: 'Change the requirements of the package, or the fleet.',
  });
}
