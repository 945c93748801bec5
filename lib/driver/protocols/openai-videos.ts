/**
 * The protocol `openai-videos`: `POST /v1/videos`, looks at `GET /v1/videos/{id}` until it has ended, then `…/content` and `DELETE`, as servers of video
 * models have it. They name no instance, times or effective params, so these are null. Chosen by choose-protocol.ts.
 */
import { randomUUID } from 'node:crypto';
import { afterReads } from '../after-reads.ts';
import { type HttpAnswer, type HttpClient, httpClient, type Switch } from '../http-client.ts';
import { failureOfBadAnswer, MAX_ANSWER_BYTES, modelError } from './answer-guards.ts';
import { type AnswerFileSink, answerFileSink } from './answer-file.ts';
import { boundedCall } from './bounded-call.ts';
import { endWithoutAnswer } from './generation-end.ts';
import type { GenerationEnd, ModelProtocol } from './model-protocol.ts';
import { readRefusal } from './native-answer.ts';
import { plainHealth } from './plain-health.ts';
import { pauseBeforeLook, waitOrAbort } from './poll-pause.ts';
import { readVideo, type VideoState } from './video-state.ts';
import { formOf } from './videos-form.ts';

const MAX_VIDEO_BYTES = 512 * 1024 * 1024;

export interface VideosOptions {
  readonly serverUrl: string;
  readonly connections: number;
  /** Name sent as `model`. */
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputPath: (sha256: string) => string;
}

interface Job {
  readonly client: HttpClient;
  readonly limit: Switch;
  readonly outputDir: string;
  readonly sentAt: number;
}

export function openaiVideosProtocol(options: VideosOptions): ModelProtocol {
  const samples = httpClient(options.serverUrl, options.connections);
  const control = httpClient(options.serverUrl, 4);
  const boundary = `bakeoff-${randomUUID()}`;
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  /** Ids that the server gave, by generation. */
  const videos = new Map<string, string>();
  const remove = async (generationId: string): Promise<void> => {
    const id = videos.get(generationId);
    videos.delete(generationId);
    if (id !== undefined) await boundedCall(control, { method: 'DELETE', path: pathOf(id), maxBytes: MAX_ANSWER_BYTES }, 5_000);
  };
  return {
    health: (limit) => plainHealth(control, '/health', limit),
    describe: async () => null,
    prepare: (sample) => formOf(sample, boundary, options),
    generate: async (generationId, prepared, outputDir, limit) => {
      const job = { client: samples, limit, outputDir, sentAt: performance.now() };
      const body = Buffer.from(prepared, 'latin1');
      const created = await exchange(job, { method: 'POST', path: '/v1/videos', headers, body });
      if (created.kind !== 'video') return created.end;
      videos.set(generationId, created.video.id);
      const end = await follow(job, created.video);
      // An aborted one is deleted by cancel; what has ended only takes room at the server.
      if (end.kind !== 'aborted') await remove(generationId);
      return end;
    },
    cancel: remove,
    shutdown: async () => {},
    close: async () => {
      await Promise.all([samples.close(), control.close()]);
    },
  };
}

function pathOf(id: string): string {
  return `/v1/videos/${encodeURIComponent(id)}`;
}

type Look =
  | { readonly kind: 'video'; readonly video: VideoState; readonly answer: HttpAnswer }
  | { readonly kind: 'end'; readonly end: GenerationEnd };

async function exchange(
  job: Job,
  request: { method: 'POST' | 'GET'; path: string; headers?: Record<string, string>; body?: Buffer },
): Promise<Look> {
  const result = await job.client.send({ ...request, maxBytes: MAX_ANSWER_BYTES }, job.limit);
  if (result.kind !== 'answer') return { kind: 'end', end: endWithoutAnswer(result) };
  const { firstByteAt, doneAt } = result;
  if (result.status !== 200 && result.status !== 201 && result.status !== 202) {
    return { kind: 'end', end: { kind: 'failed', failure: readRefusal(result.status, result.body), firstByteAt, doneAt } };
  }
  try {
    return { kind: 'video', video: readVideo(result.body), answer: result };
  } catch (thrown) {
    return { kind: 'end', end: { kind: 'failed', failure: failureOfBadAnswer(thrown), firstByteAt, doneAt } };
  }
}

/** Looks until the video has ended, and fetches it. */
async function follow(job: Job, created: VideoState): Promise<GenerationEnd> {
  let video = created;
  // Since then it may have been there: when the look that did not find it went out.
  let notBefore = job.sentAt;
  let seenAt = performance.now();
  while (video.status === 'running') {
    await waitOrAbort(pauseBeforeLook(performance.now() - job.sentAt), job.limit);
    const lookedAt = performance.now();
    const look = await exchange(job, { method: 'GET', path: pathOf(created.id) });
    if (look.kind === 'end') return reached(look.end);
    video = look.video;
    seenAt = look.answer.doneAt;
    if (video.status === 'running') notBefore = lookedAt;
  }
  if (video.status === 'failed') return { kind: 'failed', failure: video.failure, firstByteAt: null, doneAt: seenAt };
  return fetchContent(job, created.id, seenAt - notBefore);
}

/** Whatever became of the connection: the server was at work. */
function reached(end: GenerationEnd): GenerationEnd {
  return end.kind === 'lost' ? { ...end, reached: true } : end;
}

async function fetchContent({ client, limit, outputDir }: Job, id: string, resolutionMs: number): Promise<GenerationEnd> {
  const sinks: AnswerFileSink[] = [];
  const takeBody = ({ status, headers }: Pick<HttpAnswer, 'status' | 'headers'>) => {
    if (status !== 200) return null;
    const sink = answerFileSink(outputDir, videoType(headers['content-type']), MAX_VIDEO_BYTES);
    sinks.push(sink);
    return sink;
  };
  const result = await client.send({ method: 'GET', path: `${pathOf(id)}/content`, maxBytes: MAX_ANSWER_BYTES, takeBody }, limit);
  await afterReads();
  try {
    const [file] = await Promise.all(sinks.map((sink) => sink.finish()));
    if (result.kind !== 'answer') return reached(endWithoutAnswer(result));
    const { status, body, firstByteAt, doneAt } = result;
    if (file === undefined) return { kind: 'failed', failure: contentRefused(status, body), firstByteAt, doneAt };
    const nothing = { text: null, value: null, server: null, usage: null, effectiveParams: null, peakAcceleratorMemoryMiB: null };
    return { kind: 'succeeded', answer: { ...nothing, files: [file] }, firstByteAt, doneAt, resolutionMs };
  } catch (thrown) {
    return { kind: 'failed', failure: failureOfBadAnswer(thrown), firstByteAt: null, doneAt: performance.now() };
  }
}

/** A server that does not say what it sends sends a video. */
function videoType(contentType: string | string[] | undefined): string {
  const type = typeof contentType === 'string' ? (contentType.split(';')[0] ?? '').trim().toLowerCase() : '';
  return /^video\/[\w.+-]{1,64}$/.test(type) ? type : 'video/mp4';
}

/** 404 of a video that was there a moment ago is the server's loss, not a bad request. */
function contentRefused(status: number, body: Buffer) {
  return status === 404
    ? modelError('content-missing', 'the video is completed, and its content is not there (404)')
    : readRefusal(status, body);
}
