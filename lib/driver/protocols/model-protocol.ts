/**
 * How the driver speaks to a model: one small adapter per protocol. The driver's loop knows nothing of routes or bodies; an
 * adapter knows nothing of retries, rows or deadlines.
 */
import type { Failure } from '../../core/failure.ts';
import type { FrozenItem, Job } from '../../core/job.ts';
import type { Switch } from '../http-client.ts';

export type Health =
  | {
      readonly kind: 'up';
      readonly status: 'starting' | 'ready' | 'busy' | 'failed';
      /** Null where the protocol cannot tell. */
      readonly instance: string | null;
      /** What the server says that it runs on; absent where the protocol cannot tell. */
      readonly device?: Readonly<Record<string, unknown>>;
      /** Set when the status is `failed`. */
      readonly failure: Failure | null;
    }
  /** No connection, or it broke. */
  | { readonly kind: 'down'; readonly refused: boolean; readonly message: string }
  /** It answered, but not with a health record. */
  | { readonly kind: 'bad'; readonly message: string }
  /** The probe was aborted before any answer. */
  | { readonly kind: 'silent' };

/** A file that the model says it wrote: unchecked claims. */
export interface ClaimedFile {
  readonly kind: 'video' | 'image' | 'audio' | 'text' | 'file';
  /** Relative to the output folder of the generation. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly contentType: string;
  /** Null where it claims nothing. */
  readonly width: number | null;
  readonly height: number | null;
  readonly frames: number | null;
}

export interface ServerTimings {
  readonly queueMs: number | null;
  readonly loadMs: number | null;
  readonly generateMs: number | null;
  readonly encodeMs: number | null;
}

export interface Usage {
  promptTokens?: number;
  completionTokens?: number;
}

/** When the pieces of a streamed answer came. `firstPieceAt` and `lastPieceAt` read `performance.now()`. */
export interface AnswerStream {
  readonly firstPieceAt: number;
  readonly lastPieceAt: number;
  readonly pieces: number;
  /** At most MAX_GAPS of them (lib/core/sample.ts), the first ones. */
  readonly gapsMs: readonly number[];
  readonly tokens: number;
  readonly tokensFrom: 'server' | 'pieces';
}

/** An answer of the right shape; its files are still to be taken. */
export interface ModelAnswer {
  readonly text: string | null;
  readonly value: number | string | null;
  readonly files: readonly ClaimedFile[];
  readonly server: ServerTimings | null;
  readonly usage: Usage | null;
  readonly effectiveParams: Record<string, unknown> | null;
  readonly peakAcceleratorMemoryMiB: number | null;
  /** Absent where no stream was asked for; null where the answer has no pieces that could be timed. */
  readonly stream?: AnswerStream | null;
}

/** `firstByteAt` and `doneAt` read `performance.now()`. */
export type GenerationEnd =
  | {
      readonly kind: 'succeeded';
      readonly answer: ModelAnswer;
      readonly firstByteAt: number;
      readonly doneAt: number;
      /** Where the end was found by polling: the answer may have been there so much earlier, milliseconds. Absent otherwise. */
      readonly resolutionMs?: number;
    }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly firstByteAt: number | null; readonly doneAt: number }
  /** The connection ended without an answer. `reached`: the server may have begun to work. */
  | { readonly kind: 'lost'; readonly reached: boolean; readonly message: string }
  | { readonly kind: 'aborted' };

export interface Sample {
  readonly sampleId: string;
  readonly item: FrozenItem;
  readonly repeat: number;
  readonly seed: number;
}

/** What a server says of the device that it runs on. */
export type Device = Readonly<Record<string, unknown>>;

/** What of a job is compared with what its server says of itself. */
export type DescribedJob = Pick<Job, 'model' | 'task'>;

export interface ModelProtocol {
  readonly health: (control: Switch) => Promise<Health>;
  /** Compares what the server says of itself with the job and with the device that it runs on; a failure refuses the attempt. */
  readonly describe: (job: DescribedJob, device: Device | null) => Promise<Failure | null>;
  /** The sample's part of the request, made ahead of its turn. Rejects when an input file cannot be read. */
  readonly prepare: (sample: Sample) => string | Promise<string>;
  readonly generate: (generationId: string, prepared: string, outputDir: string, control: Switch) => Promise<GenerationEnd>;
  /** Best effort, bounded in time. */
  readonly cancel: (generationId: string) => Promise<void>;
  /** Asks the server to drain and exit; best effort, bounded in time. */
  readonly shutdown: () => Promise<void>;
  readonly close: () => Promise<void>;
}
