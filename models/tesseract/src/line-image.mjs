/**
 * Decodes and resizes the image of a request. The size is read from the header before anything is decoded, so that a
 * small file cannot become a large bitmap.
 */
import { PNG } from 'pngjs';
import { RequestFault } from './request-fault.mjs';

/** Decoding and resizing this many pixels takes under half a second of the main thread; /health has to answer within one. */
const MAX_PIXELS = 4_000_000;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * @param {Buffer} png
 * @param {number} scale 1 returns the file as it is, once it is known to decode
 * @returns {Buffer} a PNG; throws RequestFault
 */
export function prepareImage(png, scale) {
  const decoded = decode(png);
  if (scale === 1) return png;
  const { width, height } = decoded;
  const target = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  if (target.width * target.height > MAX_PIXELS) throw tooLarge(target.width, target.height);
  return PNG.sync.write(resizeByArea(decoded, target), { colorType: 2, inputHasAlpha: true });
}

function decode(png) {
  if (png.length < 33 || !png.subarray(0, 8).equals(SIGNATURE) || png.toString('latin1', 12, 16) !== 'IHDR') {
    throw new RequestFault(400, 'image_format', 'The image is not a PNG.');
  }
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  if (width * height > MAX_PIXELS) throw tooLarge(width, height);
  try {
    return PNG.sync.read(png);
  } catch (cause) {
    throw new RequestFault(400, 'image_undecodable', `The image does not decode: ${cause.message}`);
  }
}

function tooLarge(width, height) {
  return new RequestFault(400, 'image_too_large', `The image has ${width} x ${height} pixels; expected at most ${MAX_PIXELS} in all.`);
}

/** Every target pixel is the mean of the source pixels that it covers (of the nearest one when enlarging). */
function resizeByArea(source, { width, height }) {
  const target = new PNG({ width, height });
  for (let y = 0; y < height; y++) {
    const [top, bottom] = covered(y, height, source.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = covered(x, width, source.width);
      const at = 4 * (y * width + x);
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0;
        for (let j = top; j < bottom; j++) {
          for (let i = left; i < right; i++) sum += source.data[4 * (j * source.width + i) + channel];
        }
        target.data[at + channel] = Math.round(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return target;
}

/** The half-open range of source positions under target position `index`; never empty. */
function covered(index, targetLength, sourceLength) {
  const start = Math.min(sourceLength - 1, Math.floor((index * sourceLength) / targetLength));
  return [start, Math.max(start + 1, Math.floor(((index + 1) * sourceLength) / targetLength))];
}
