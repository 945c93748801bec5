/** Reads the record of a video that is being made: hostile bytes in, where it stands out. Called by openai-videos.ts for every look. */
import type { Failure } from '../../core/failure.ts';
import { badShape, isObject, modelError, objectAt, parseJson, stringAt } from './answer-guards.ts';

export type VideoState =
  | { readonly id: string; readonly status: 'running' | 'completed' }
  | { readonly id: string; readonly status: 'failed'; readonly failure: Failure };

/** Throws BadAnswer. */
export function readVideo(body: Buffer): VideoState {
  const video = objectAt(parseJson(body), 'the answer');
  const id = stringAt(video.id, 'id', 200);
  if (id === '' || id === '.' || id === '..') throw badShape('id', 'the id of a video', id);
  if (video.status === 'queued' || video.status === 'in_progress') return { id, status: 'running' };
  if (video.status === 'completed') return { id, status: 'completed' };
  if (video.status === 'failed') return { id, status: 'failed', failure: failureOf(video.error) };
  throw badShape('status', '"queued", "in_progress", "completed" or "failed"', video.status);
}

function failureOf(error: unknown): Failure {
  if (!isObject(error)) return modelError('video-failed', 'the video failed, and the server does not say why');
  const code = typeof error.code === 'string' && error.code !== '' ? error.code.slice(0, 200) : 'video-failed';
  return modelError(code, typeof error.message === 'string' ? error.message : 'no message');
}
