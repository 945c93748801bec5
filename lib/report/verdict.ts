/**
 * The sentences at the head of a report. Computed from the ranking alone; they never say more than the comparisons show.
 */
import type { Ranking, RankingEntry } from '../core/scores.ts';
import { formatInterval, formatRankRange, formatValue } from './format-number.ts';
import type { Report, ReportJob } from './report-model.ts';

/** `pocket-t2v · steps 16 ranks 1–2 of 5 by shapes.all-correct (0.781 [0.70, 0.86]); not separable from pocket-t2v · steps 8.` */
export function verdictOf(jobs: readonly ReportJob[], ranking: Ranking, state: Report['run']['state']): Report['verdict'] {
  const labels = new Map(jobs.map((job) => [job.jobId, job.label]));
  const ranked = rankedEntries(ranking);
  const leader = ranked[0];
  const details = [...lastPlace(ranked, labels), ...notRanked(ranking, jobs), ...unfinished(jobs, state)];
  if (leader === undefined) return { headline: `No job could be ranked by ${ranking.metric}.`, details };
  const name = labels.get(leader.jobId) ?? leader.jobId;
  const value = [formatValue(leader.value, leader.interval), formatInterval(leader.value, leader.interval)].filter(Boolean).join(' ');
  if (ranked.length === 1) return { headline: `${name} is the only ranked job: ${ranking.metric} ${value}.`, details };
  const place = `${name} ranks ${formatRankRange(leader.rankRange)} of ${ranked.length} by ${ranking.metric}, ${value}`;
  return { headline: `${place}; ${separation(leader, ranked, labels)}.`, details };
}

/** Entries that hold a rank, best first. */
export function rankedEntries(ranking: Ranking): RankingEntry[] {
  return ranking.entries.filter((entry) => !entry.reference && entry.rank !== null).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
}

function separation(leader: RankingEntry, ranked: readonly RankingEntry[], labels: ReadonlyMap<string, string>): string {
  const others = ranked.filter((entry) => entry.jobId !== leader.jobId);
  const close = others.filter((entry) => leader.notSeparableFrom.includes(entry.jobId));
  if (close.length === 0)
    return others.length === 1
      ? 'separably better than the other ranked job'
      : `separably better than all ${others.length} other ranked jobs`;
  if (close.length === others.length && others.length > 1) return `not separable from any of the ${others.length} other ranked jobs`;
  const names = close.slice(0, 3).map((entry) => labels.get(entry.jobId) ?? entry.jobId);
  const more = close.length > names.length ? ` and ${close.length - names.length} more` : '';
  return `not separable from ${joined(names, more === '')}${more}`;
}

function lastPlace(ranked: readonly RankingEntry[], labels: ReadonlyMap<string, string>): string[] {
  const last = ranked.at(-1);
  if (ranked.length < 3 || last === undefined || last.rankRange?.[0] !== ranked.length) return [];
  return [`${labels.get(last.jobId) ?? last.jobId} is separably last.`];
}

function notRanked(ranking: Ranking, jobs: readonly ReportJob[]): string[] {
  return ranking.entries
    .filter((entry) => !entry.reference && entry.rank === null)
    .map(
      (entry) =>
        `${jobs.find((job) => job.jobId === entry.jobId)?.label ?? entry.jobId} is not ranked: ${entry.reason ?? 'it has no value'}.`,
    );
}

function unfinished(jobs: readonly ReportJob[], state: Report['run']['state']): string[] {
  if (state === 'succeeded') return [];
  const count = jobs.filter((job) => job.state !== 'succeeded').length;
  return [`The run is ${state}: ${count} of ${jobs.length} jobs did not finish with every sample.`];
}

function joined(names: readonly string[], withAnd: boolean): string {
  if (!withAnd || names.length < 2) return names.join(', ');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
