/** One card a job with its clip, picture or sound; small clips are scaled up in whole pixels. */
import { formatDuration, formatValue } from '../format-number.ts';
import type { Example, ExampleOutput, ReportJob, SampleScore, ShownMedia } from '../report-model.ts';
import { jobName } from './job-name.ts';
import { html, type Markup } from './markup.ts';

const SHOWN_SCORES = 4;

export function clipCards(example: Example, jobs: readonly ReportJob[], metrics: readonly string[]): Markup {
  const cards = jobs.map((job) => {
    const output = example.outputs.find(({ jobId }) => jobId === job.jobId) ?? { state: 'missing' as const, jobId: job.jobId };
    return html`<li class="card"><div class="stage">${stage(output, job, example)}</div><p class="who">${jobName(job)}</p>${output.state === 'succeeded' ? html`<p class="scores">${sampleScores(output.scores, metrics)}<span>${formatDuration(output.latencyMs)}</span></p>` : null}</li>`;
  });
  return html`<ul class="cards">${cards}</ul>`;
}

function stage(output: ExampleOutput, job: ReportJob, example: Example): Markup {
  if (output.state !== 'succeeded') return noOutput(output);
  const shown = output.media.map((media) => mediaMarkup(media, `${job.label}, item ${example.itemId}`));
  if (shown.length > 0) return html`${shown}`;
  return html`<p class="empty">${output.text?.text.slice(0, 300) ?? 'no media'}</p>`;
}

/** Why there is nothing to show: missing and failed are two different things. */
export function noOutput(output: Exclude<ExampleOutput, { state: 'succeeded' }>): Markup {
  if (output.state === 'missing') return html`<p class="empty">no sample</p>`;
  return html`<p class="empty bad"><strong>${output.failure.class}</strong> ${output.failure.message}</p>`;
}

function mediaMarkup(media: ShownMedia, label: string): Markup {
  if (media.source.kind === 'unreadable') return html`<p class="empty">${media.source.reason}</p>`;
  const source = media.source.kind === 'embedded' ? media.source.dataUrl : media.source.href;
  const small = media.width !== null && media.width <= 128;
  const pixels = small ? html` class="pixels" style="--px:${media.width}"` : null;
  if (media.kind === 'image') return html`<img${pixels} alt="Output of ${label}" src="${source}">`;
  if (media.kind === 'audio') return html`<audio controls preload="none" aria-label="Output of ${label}" src="${source}"></audio>`;
  return html`<video${pixels} controls loop muted playsinline preload="${media.source.kind === 'embedded' ? 'auto' : 'metadata'}" aria-label="Output of ${label}" src="${source}"></video>`;
}

/** `all-correct 1`: the sample's own values in the metrics that matter most; report.json has the others. */
export function sampleScores(scores: readonly SampleScore[], metrics: readonly string[]): Markup {
  const shown = metrics.flatMap((metric) => scores.find((score) => score.metric === metric) ?? []).slice(0, SHOWN_SCORES);
  return html`${shown.map(({ metric, value, reason }) => html`<span title="${metric}${reason === null ? '' : `: ${reason}`}">${metric.split('.').slice(1).join('.') || metric} <b>${value !== null && Number.isInteger(value) ? String(value) : formatValue(value)}</b></span>`)}`;
}
