/** Images of the packages that the emulator level runs, by package id; each from its own Dockerfile over the common base image. */
import { join } from 'node:path';
import { type BuiltImage, ensureImage } from './build-image.ts';

/** Every package that the three example specs name, and the evaluator of clips. */
export const PACKAGES = [
  'pocket-t2v',
  'oracle-t2v',
  'noise-t2v',
  'eval-video',
  'rapidocr',
  'tesseract',
  'ridge',
  'random-forest',
  'gradient-boosting',
  'mean-baseline',
] as const;

export async function ensurePackageImages(root: string, baseImage: string): Promise<Map<string, BuiltImage>> {
  const models = join(root, 'models');
  const images = new Map<string, BuiltImage>();
  for (const id of PACKAGES) {
    const startMs = performance.now();
    const dockerfile = join(models, id, 'Dockerfile');
    const sources = [join(models, id), join(models, '_server/src')];
    const image = await ensureImage({ name: id, dockerfile, context: models, baseImage, sources });
    if (image.wasBuilt) process.stdout.write(`built ${image.tag} in ${((performance.now() - startMs) / 1000).toFixed(0)} s\n`);
    images.set(id, image);
  }
  return images;
}
