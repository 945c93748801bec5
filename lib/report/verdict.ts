/**
 * The sentences at the head of a report. Computed from the ranking alone; they never say more than the comparisons show.
 */
import type { Ranking, RankingEntry } from '../core/scores.ts';
import { commonDecimals, formatInterval, formatRankRange, formatValue } from './format-number.ts';
import { labelBeside } from './job-labels.ts';
import { NO_METRIC } from './metric-lookup.ts';
import type { Report, ReportJob } from './report-model.ts';

/** More names than this make a list, not a sentence. */
const NAMED_LIMIT = 3;

type Names = (jobId: string) => string;

/** `pocket-t2v · steps 16 ranks 1 to 2 of 5 by All attributes correct, 0.792 [0.709, 0.867]; not separable from steps 8.` */
export function verdictOf(
  jobs: readonly ReportJob[],
  ranking: Ranking,
  metricTitle: string,
  state: Report['run']['state'],
): Report['verdict'] {
  const ranked = rankedEntries(ranking);
  const leader = ranked[0];
  const name = namesBeside(jobs, leader?.jobId ?? null);
  const details = [...lastPlace(ranked, name), ...notRanked(ranking, jobs), ...unfinished(jobs, state)];
  if (ranking.metric === NO_METRIC) return { headline: `Nothing is ranked: ${ranking.formula}.`, details: unfinished(jobs, state) };
  if (leader === undefined) return { headline: `No job could be ranked by ${metricTitle}.`, details };
  const leaderLabel = jobs.find((job) => job.jobId === leader.jobId)?.label ?? leader.jobId;
  const decimals = commonDecimals(ranking.entries);
  const value = [formatValue(leader.value, leader.interval, decimals), formatInterval(leader.value, leader.interval, decimals)]
    .filter(Boolean)
    .join(' ');
  if (ranked.length === 1) return { headline: `${leaderLabel} is the only ranked job: ${metricTitle} ${value}.`, details };
  const range = formatRankRange(leader.rankRange).replace('–', ' to ');
  return {
    headline: `${leaderLabel} ranks ${range} of ${ranked.length} by ${metricTitle}, ${value}; ${separation(leader, ranked, name)}.`,
    details,
  };
}

/** Entries that hold a rank, best first. */
function rankedEntries(ranking: Ranking): RankingEntry[] {
  return ranking.entries.filter((entry) => !entry.reference && entry.rank !== null).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
}

/** Labels as one reads them after the leader was named in full. */
function namesBeside(jobs: readonly ReportJob[], leaderId: string | null): Names {
  const byId = new Map(jobs.map((job) => [job.jobId, job]));
  const leaderModel = leaderId === null ? null : (byId.get(leaderId)?.model.id ?? null);
  return (jobId) => {
    const job = byId.get(jobId);
    if (job === undefined) return jobId;
    return leaderModel === null ? job.label : labelBeside(job.label, job.model.id, leaderModel);
  };
}

function separation(leader: RankingEntry, ranked: readonly RankingEntry[], name: Names): string {
  const others = ranked.filter((entry) => entry.jobId !== leader.jobId);
  const close = others.filter((entry) => leader.notSeparableFrom.includes(entry.jobId));
  if (close.length === 0 && leader.rankRange?.[1] !== 1) return 'its place is not certain: values and comparisons cover different samples';
  if (close.length === 0)
    return others.length === 1
      ? 'separably better than the other ranked job'
      : `separably better than all ${others.length} other ranked jobs`;
  if (close.length === others.length && others.length > 2) return `not separable from any of the ${others.length} other ranked jobs`;
  const names = close.slice(0, NAMED_LIMIT).map((entry) => name(entry.jobId));
  const more = close.length > names.length ? ` and ${close.length - names.length} more` : '';
  return `not separable from ${more === '' ? joined(names) : `${names.join(', ')}${more}`}`;
}

function lastPlace(ranked: readonly RankingEntry[], name: Names): string[] {
  const last = ranked.at(-1);
  if (ranked.length < 3 || last === undefined || last.rankRange?.[0] !== ranked.length) return [];
  return [`Separably last: ${name(last.jobId)}.`];
}

function notRanked(ranking: Ranking, jobs: readonly ReportJob[]): string[] {
  const entries = ranking.entries.filter((entry) => !entry.reference && entry.rank === null);
  if (entries.length > NAMED_LIMIT) return [`Not ranked: ${entries.length} jobs; the leaderboard has each with its reason.`];
  return entries.map((entry) => {
    const job = jobs.find(({ jobId }) => jobId === entry.jobId);
    return `Not ranked: ${job?.label ?? entry.jobId}; ${entry.reason ?? 'it has no value'}.`;
  });
}

function unfinished(jobs: readonly ReportJob[], state: Report['run']['state']): string[] {
  if (state === 'succeeded') return [];
  const count = jobs.filter((job) => job.state !== 'succeeded').length;
  return [`The run is ${state}: ${count} of ${jobs.length} jobs did not finish with every sample.`];
}

function joined(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
