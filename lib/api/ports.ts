/**
 * What the API needs from the outside. lib/compose/aws-api.ts fills it for the Lambda functions, lib/compose/serve.ts for one machine; the
 * routes know neither.
 */
import type { Fleet } from '../core/fleet.ts';
import type { RunRecord } from '../core/job.ts';
import type { ModelManifest } from '../core/manifest.ts';
import type { EvaluationWish } from '../core/plan-evaluation.ts';
import type { Clock, InstanceStore, ObjectStore, RunIndex, RunStore } from '../core/ports.ts';
import type { Registry } from '../core/registry.ts';
import type { RegisteredImage } from '../core/result-record.ts';
import type { SpecProblem } from '../core/spec-problem.ts';

export interface LaunchRequest {
  readonly runId: string;
  /** As it was sent; checked for UTF-8 by the parser. */
  readonly specText: Uint8Array;
  /** Named in messages; `request.yaml` or `request.json`. */
  readonly fileName: string;
}

export type Launched =
  | { readonly kind: 'started' | 'already-started'; readonly runId: string }
  | { readonly kind: 'rejected'; readonly runId: string; readonly problems: readonly SpecProblem[] };

/** One line per request; never a path as it was sent, a query, a body or a signed link. */
export interface RequestLog {
  readonly requestId: string;
  readonly method: string;
  /** The pattern of the route, for example `/v1/runs/{id}`; null where none matched. */
  readonly route: string | null;
  readonly status: number;
  readonly durationMs: number;
  /** Code of the problem that was answered; null where there was none. */
  readonly code: string | null;
  /** What was thrown, for answers of 500 and above. */
  readonly cause?: unknown;
}

export interface ApiPorts {
  readonly objects: ObjectStore;
  readonly runs: Pick<RunStore, 'getRun' | 'listRuns' | 'getJob' | 'listJobs' | 'listBeats' | 'listMetrics'>;
  readonly index: Pick<RunIndex, 'newestRuns' | 'leaderboard' | 'modelHistory'>;
  /** Packages and suites, images registered at run time included; with the suite that this spec names, where it is not bundled. */
  readonly readRegistry: (specText: Uint8Array | null) => Promise<Registry>;
  /** Classes of the deployment: a spec that fits none is refused. Absent on one machine. */
  readonly fleet?: Fleet;
  readonly listImages: () => Promise<readonly RegisteredImage[]>;
  /** The id of the run that an idempotency key stands for; of a new one for null. */
  readonly runIdOf: (idempotencyKey: string | null) => string;
  /** lib/workflow/launch-run.ts. May throw `not-on-one-machine`. */
  readonly launch: (request: LaunchRequest) => Promise<Launched>;
  /** lib/workflow/cancel-run.ts: throws `run-missing`, `run-settled`. */
  readonly cancel: (runId: string) => Promise<RunRecord>;
  /** lib/workflow/resume-run.ts: throws `run-live`, `run-missing`, `run-rejected`, `run-succeeded`. */
  readonly resume: (runId: string) => Promise<{ readonly start: number }>;
  /**
   * lib/workflow/start-evaluation.ts: throws `run-missing`, `run-live`, `run-rejected`, `run-not-planned`, `run-unfinished`, `already-scored`,
   * `evaluation-invalid` and `no-class-fits`.
   */
  readonly evaluate: (runId: string, wish: EvaluationWish) => Promise<{ readonly start: number; readonly evaluation: number | null }>;
  /**
   * Registers an image digest as a model; throws `registry-not-allowed`, `image-missing`, `model-exists`, `bad-image`. May throw
   * `not-on-one-machine`.
   */
  readonly registerModel: (request: { readonly manifest: ModelManifest; readonly image: string }) => Promise<RegisteredImage>;
  /** When the machines of the fleet were there; null on one machine, which is not billed. */
  readonly instances: Pick<InstanceStore, 'listInstances'> | null;
  /** True for a run that began, has not ended, and that nobody drives: only on one machine. */
  readonly isInterrupted: (run: RunRecord) => boolean;
  /** An absolute address under which the object can be read without credentials until it expires. The key exists. */
  readonly signLink: (link: { readonly key: string; readonly contentType: string; readonly seconds: number }) => Promise<string>;
  /** True where such a link opens its object alone, so that a page cannot reach what lies beside it. */
  readonly signsPages?: boolean;
  readonly clock: Clock;
  /** Unguessable; for requests that bring no id. */
  readonly newRequestId: () => string;
  readonly log: (entry: RequestLog) => void;
}
