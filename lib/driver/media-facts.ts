/**
 * What a video container says of itself, read by a parser library from a file of ours. Called by take-output.ts. It proves that the
 * container is whole enough to be listed packet by packet; decoding the frames belongs to the evaluator.
 */
import type { InputVideoTrack } from 'mediabunny';
import { messageOf } from '../core/errors.ts';
import { BadAnswer } from './protocols/answer-guards.ts';

export interface MediaFacts {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly fps: number;
  readonly durationMs: number;
}

/** Throws BadAnswer `output-not-a-video` when the file has no video track that can be listed to its end. */
export async function videoFacts(path: string): Promise<MediaFacts> {
  // Loaded with the first video: other jobs need no parser.
  const { ALL_FORMATS, FilePathSource, Input } = await import('mediabunny');
  const input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS });
  try {
    const track = await input.getPrimaryVideoTrack();
    if (track === null) throw notAVideo('it has no video track');
    return await factsOf(track);
  } catch (error) {
    if (error instanceof BadAnswer) throw error;
    throw notAVideo(messageOf(error));
  } finally {
    input.dispose();
  }
}

async function factsOf(track: InputVideoTrack): Promise<MediaFacts> {
  const { packetCount, averagePacketRate } = await track.computePacketStats();
  const durationMs = Math.round((await track.computeDuration()) * 1_000_000) / 1000;
  const width = await track.getCodedWidth();
  const height = await track.getCodedHeight();
  const fps = Math.round(averagePacketRate * 1000) / 1000;
  const sound =
    packetCount > 0 && width > 0 && height > 0 && Number.isFinite(fps) && fps > 0 && Number.isFinite(durationMs) && durationMs >= 0;
  if (!sound) throw notAVideo(`${packetCount} frames of ${width}x${height} at ${fps} frames per second`);
  return { width, height, frames: packetCount, fps, durationMs };
}

function notAVideo(why: string): BadAnswer {
  return new BadAnswer('output-not-a-video', `the output is not a video: ${why}`.slice(0, 1000));
}
