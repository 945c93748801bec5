/**
 * Pairs the samples that were sent again with their first sendings, while rows stream by: of the job's own samples only the last few in order
 * of issue are remembered. Called by score-rows.ts for jobs with an audit; judged by lib/core/audits.
 */
import type { ResentPair } from '../core/audits/resend-audit.ts';
import { canonicalJson, sha256Hex } from '../core/canonical-json.ts';
import type { Job } from '../core/job.ts';
import type { SampleOutput, SampleRow } from '../core/sample.ts';

export interface ResendRows {
  /** A row that stands for its sample; in any order. */
  readonly noteFirst: (row: SampleRow) => void;
  readonly noteAgain: (row: SampleRow, resendOf: string) => void;
  /** In order of issue. */
  readonly pairs: () => ResentPair[];
}

interface Sent {
  readonly attempt: number;
  /** On that attempt's clock. */
  readonly sentMs: number;
  readonly latencyMs: number | null;
  readonly digest: string | null;
}

interface First extends Sent {
  readonly place: number;
}

/** Null for a job without an audit. */
export function createResendRows(job: Job): ResendRows | null {
  if (job.audit === undefined) return null;
  const most = job.audit.resend;
  const firsts = new Map<string, First>();
  const again = new Map<string, Sent>();
  return {
    noteFirst: (row) => {
      const place = row.repeat * job.itemCount + Math.floor(row.ordinal / job.repeats);
      firsts.set(row.sampleId, { ...sentOf(row), place });
      if (firsts.size > 4 * most) keepLast(firsts, most);
    },
    noteAgain: (row, resendOf) => {
      if (!again.has(resendOf) && again.size < most) again.set(resendOf, sentOf(row));
    },
    pairs: () => {
      const early = sentIntoEmptyServer([...again.values()], job);
      const kept = [...again.keys()].flatMap((sampleId) => {
        const first = firsts.get(sampleId);
        return first === undefined ? [] : [{ sampleId, first }];
      });
      kept.sort((a, b) => a.first.place - b.first.place);
      return kept.map(({ sampleId, first }) => pairOf(sampleId, first, again.get(sampleId), early));
    },
  };
}

function keepLast(firsts: Map<string, First>, most: number): void {
  const places = [...firsts.values()].map(({ place }) => place).sort((a, b) => b - a);
  const least = places[most - 1] ?? 0;
  for (const [sampleId, { place }] of firsts) if (place < least) firsts.delete(sampleId);
}

/**
 * Of several lanes the first few begin while fewer requests are under way than the load had, so that any server that works for all of them answers
 * sooner: no sign of a cache.
 */
function sentIntoEmptyServer(again: readonly Sent[], { load }: Job): ReadonlySet<Sent> {
  const fewer = load.mode === 'closed' ? load.concurrency - 1 : 0;
  const inOrder = [...again].sort((a, b) => a.sentMs - b.sentMs);
  const begun = new Map<number, number>();
  return new Set(
    inOrder.filter(({ attempt }) => {
      const before = begun.get(attempt) ?? 0;
      begun.set(attempt, before + 1);
      return before < fewer;
    }),
  );
}

/** Latencies of two attempts are those of two servers. */
function pairOf(sampleId: string, first: Sent, again: Sent | undefined, early: ReadonlySet<Sent>): ResentPair {
  const isTimed = again !== undefined && first.attempt === again.attempt && !early.has(again);
  return {
    sampleId,
    firstMs: isTimed ? first.latencyMs : null,
    againMs: isTimed ? again.latencyMs : null,
    firstDigest: first.digest,
    againDigest: again?.digest ?? null,
  };
}

function sentOf(row: SampleRow): Sent {
  const { attempt, retried, ramp, timings } = row;
  const sent = { attempt, sentMs: timings?.sentMs ?? 0 };
  if (row.state === 'failed') return { ...sent, latencyMs: null, digest: null };
  return { ...sent, latencyMs: retried || ramp === true ? null : row.timings.latencyMs, digest: digestOf(row.output) };
}

/** Of what was answered, whatever it is called and wherever it lies. */
function digestOf({ text, value, files }: SampleOutput): string {
  const media = files?.map(({ kind, sha256 }) => ({ kind, sha256 }));
  return sha256Hex(canonicalJson({ text: text ?? null, value: value ?? null, files: media ?? [] }));
}
