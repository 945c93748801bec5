/**
 * Whether the machine beside the driver has what a model asks for: memory, and an accelerator where it needs one. Called before the
 * load begins; fewer cores than asked for make a model slow, not wrong, and refuse nothing.
 */
import { totalmem } from 'node:os';
import type { Failure } from '../core/failure.ts';

export interface Needs {
  readonly acceleratorKind: string | null;
  readonly memoryMiB: number | null;
}

/** Of the whole machine, whatever part of it this process may have: in a task the driver's container is the smaller one. */
export function wholeMemoryMiB(): number {
  return Math.floor(totalmem() / 2 ** 20);
}

/** Memory of the machine, or of the container that driver and server share where that is less. */
export function machineMemoryMiB(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(Math.floor(limit / 2 ** 20), wholeMemoryMiB()) : wholeMemoryMiB();
}

/** `deviceKind` is what the server says that it runs on. Null when the needs are met, or nobody knows better. */
export function misfit(needs: Needs, deviceKind: string | null, memoryMiB: number): Failure | null {
  if (needs.memoryMiB !== null && needs.memoryMiB > memoryMiB)
    return tooSmall(`the model needs ${needs.memoryMiB} MiB of memory; this machine has ${memoryMiB} MiB`);
  const { acceleratorKind } = needs;
  if (acceleratorKind !== null && acceleratorKind !== 'none' && deviceKind === 'cpu')
    return tooSmall(`the model needs an accelerator of kind "${acceleratorKind}"; its server runs on the CPU`);
  return null;
}

/** Final: another attempt on the same machine would meet the same machine. */
function tooSmall(message: string): Failure {
  return { class: 'infra', code: 'device-unfit', message };
}
