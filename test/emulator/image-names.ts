/** Names and the label of images and containers that the emulator level makes: nothing without the label is ever removed by it. */
import { runCommand, tryCommand } from './run-command.ts';

export const IMAGE_PREFIX = 'bakeoff-e2e';
/** Label of all that is ours in Docker. */
export const OURS = 'dev.bakeoff.e2e';

export const hasImage = async (tag: string): Promise<boolean> =>
  (await tryCommand('docker', ['image', 'inspect', '--format', '{{.Id}}', tag])).exitCode === 0;

/** Tags of our images; of one name when given. */
export async function ourImages(name?: string): Promise<string[]> {
  const filter = name === undefined ? [] : [`${IMAGE_PREFIX}/${name}`];
  const args = ['image', 'ls', '--filter', `label=${OURS}`, '--format', '{{.Repository}}:{{.Tag}}', ...filter];
  return (await runCommand('docker', args)).split('\n').filter((line) => line !== '' && !line.endsWith(':<none>'));
}
