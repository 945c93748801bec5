/**
 * Picks the adapter that a job's manifest names. Called by infer-stage.ts; a new protocol is a new file and a line here.
 */
import { join } from 'node:path';
import { mostInFlight } from '../../core/load/load-kind.ts';
import type { ModelProtocolName } from '../../core/protocols.ts';
import type { StageContext } from '../stage-context.ts';
import { type CogOptions, cogProtocol } from './cog.ts';
import type { ModelProtocol } from './model-protocol.ts';
import { type NativeOptions, nativeProtocol } from './native.ts';
import { type OipOptions, oipProtocol } from './oip-v2.ts';
import { type OpenaiChatOptions, openaiChatProtocol } from './openai-chat.ts';
import { openaiVideosProtocol, type VideosOptions } from './openai-videos.ts';
import { type SagemakerOptions, sagemakerProtocol } from './sagemaker.ts';

/** As many connections as the load, or its warm-up, has samples in flight. */
export function modelProtocol({ frozen, serverUrl, inputsDir, machineMemoryMiB }: StageContext): ModelProtocol {
  const { job } = frozen;
  return adapterOf(job.model.protocol, {
    serverUrl,
    connections: Math.max(mostInFlight(job.load), job.load.warmupConcurrency ?? 0),
    task: job.task,
    model: job.model.id,
    params: job.params,
    sampleMs: job.limits.sampleMs,
    machineMemoryMiB,
    inputPath: inputPathOf(inputsDir),
    stream: job.load.stream === true,
  });
}

/** All that any adapter is told. */
export type AdapterOptions = NativeOptions & OpenaiChatOptions & CogOptions & OipOptions & SagemakerOptions & VideosOptions;

export function adapterOf(protocol: ModelProtocolName, options: AdapterOptions): ModelProtocol {
  switch (protocol) {
    case 'native':
      return nativeProtocol(options);
    case 'openai-chat':
      return openaiChatProtocol(options);
    case 'cog':
      return cogProtocol(options);
    case 'oip-v2':
      return oipProtocol(options);
    case 'sagemaker':
      return sagemakerProtocol(options);
    case 'openai-videos':
      return openaiVideosProtocol(options);
  }
}

/** Where the input file of a digest lies. */
export function inputPathOf(inputsDir: string): (sha256: string) => string {
  return (sha256) => join(inputsDir, sha256);
}
