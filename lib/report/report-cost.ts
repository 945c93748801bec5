/**
 * What a run's tasks cost, for its report: by job, by answered sample, by minute of video. The bill of the machines is not in it, since they
 * outlive the report by a quarter of an hour: the API has that figure. Called by build-report.ts; absent on one machine.
 */
import { type Cost, costFigures, jobCost, sumCosts } from '../core/cost.ts';
import type { JobRecord, TaskFacts } from '../core/job.ts';
import type { JobScores } from '../core/scores.ts';
import type { Report, ReportJob, TaskCost } from './report-model.ts';

/** Nothing where no task says where it ran. */
export function costOfJob(tasks: readonly TaskFacts[], scores: JobScores | undefined): Pick<ReportJob, 'cost'> {
  if (!tasks.some(({ where }) => where !== undefined)) return {};
  return { cost: taskCostOf(jobCost({ tasks: [...tasks] }), scores === undefined ? [] : [scores]) };
}

/** All jobs together. */
export function costOfRun(records: readonly JobRecord[], scores: readonly JobScores[]): Pick<Report, 'cost'> {
  const places = records.flatMap(({ tasks }) => tasks.flatMap(({ where }) => where ?? []));
  if (places.length === 0) return {};
  const classes = new Map(
    places.map(({ className, instanceType, market, usdPerHour, priceDate }) => [
      className,
      { className, instanceType, market, usdPerHour, priceDate },
    ]),
  );
  const sorted = [...classes.values()].sort((a, b) => (a.className < b.className ? -1 : 1));
  return { cost: { run: taskCostOf(sumCosts(records.map(jobCost)), scores), classes: sorted } };
}

function taskCostOf(cost: Cost, scores: readonly JobScores[]): TaskCost {
  // Dollars of all over the minutes of some would be no price of a minute.
  const isKnown = scores.every(({ videoMs, succeeded }) => videoMs !== undefined || succeeded === 0);
  const videoSeconds = isKnown ? scores.reduce((sum, { videoMs }) => sum + (videoMs ?? 0), 0) / 1000 : null;
  const answeredSamples = scores.reduce((sum, { succeeded }) => sum + succeeded, 0);
  const { perSample, perVideoMinute } = costFigures(cost, { answeredSamples, videoSeconds });
  return {
    ...cost,
    perSampleUsd: perSample.usd,
    perSampleReason: perSample.reason,
    perVideoMinuteUsd: perVideoMinute.usd,
    perVideoMinuteReason: perVideoMinute.reason,
  };
}

/** What the figures are, and what they are not. */
export function costSentence({ cost }: Report): string {
  const classes = (cost?.classes ?? []).map(({ className, instanceType, market, usdPerHour, priceDate }) => {
    const price = usdPerHour === null ? 'price not known' : `$${usdPerHour} an hour, price sheet of ${priceDate}`;
    return `${className} (${instanceType}, ${market === 'spot' ? 'Spot' : 'On-Demand'}, ${price})`;
  });
  return (
    `Time that tasks held a machine, from the pull of their images to their end, times the price of its class, all attempts and evaluators ` +
    `included: ${classes.join('; ')}. What EC2 bills is more by the idle time of the machines; bakeoff show tells it once they are gone.`
  );
}
