/** The part of a job's scores that does not depend on where it ran: all but latency and what the machine used. */
import { type JobScores, jobScoresSchema } from '../../lib/core/scores.ts';

export type QualityScores = Omit<JobScores, 'latency'>;

/** From the text of a `scores.json`. */
export function qualityOf(text: string): QualityScores {
  const { latency: _latency, ...rest } = jobScoresSchema.parse(JSON.parse(text));
  return { ...rest, metrics: rest.metrics.filter(({ name }) => !/^(latency|resources)\./.test(name)) };
}
