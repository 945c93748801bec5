/** The driver's image for the emulator level, from the context that its own build script writes, over the common base image. */
import { join } from 'node:path';
import { writeDriverContext } from '../../lib/driver/image/build-bundle.ts';
import { type BuiltImage, ensureImage } from './build-image.ts';
import { WORK_FOLDER } from './work-folder.ts';

export async function ensureDriverImage(baseImage: string): Promise<BuiltImage> {
  const context = join(WORK_FOLDER, 'driver-context');
  await writeDriverContext(context);
  return ensureImage({ name: 'driver', dockerfile: join(context, 'Dockerfile'), context, baseImage, sources: [context] });
}
