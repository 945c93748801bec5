/**
 * Picks the adapter that a job's manifest names. Called by infer-stage.ts; a new protocol is a new file and a line here.
 */
import { join } from 'node:path';
import { mostInFlight } from '../../core/load/load-kind.ts';
import type { StageContext } from '../stage-context.ts';
import type { ModelProtocol } from './model-protocol.ts';
import { nativeProtocol } from './native.ts';
import { openaiChatProtocol } from './openai-chat.ts';

/** As many connections as the load, or its warm-up, has samples in flight. */
export function modelProtocol({ frozen, serverUrl, inputsDir, machineMemoryMiB }: StageContext): ModelProtocol {
  const { job } = frozen;
  const options = {
    serverUrl,
    connections: Math.max(mostInFlight(job.load), job.load.warmupConcurrency ?? 0),
    task: job.task,
    model: job.model.id,
    params: job.params,
    sampleMs: job.limits.sampleMs,
    machineMemoryMiB,
    inputPath: inputPathOf(inputsDir),
    stream: job.load.stream === true,
  };
  return job.model.protocol === 'native' ? nativeProtocol(options) : openaiChatProtocol(options);
}

/** Where the input file of a digest lies. */
export function inputPathOf(inputsDir: string): (sha256: string) => string {
  return (sha256) => join(inputsDir, sha256);
}
