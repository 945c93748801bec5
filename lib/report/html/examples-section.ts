/** Outputs of one item across jobs, side by side: clips as cards, texts with a diff, numbers in a table. */
import type { Example, Report, ReportJob } from '../report-model.ts';
import { clipCards } from './clip-cards.ts';
import { html, type Markup } from './markup.ts';
import { numberTable } from './number-examples.ts';
import { textOutputs } from './text-outputs.ts';
import type { Section } from './section.ts';
import { leaderboardOrder, metricNames } from '../metric-lookup.ts';

const OPEN_EXAMPLES = 4;

export function examplesSection(report: Report): Section | null {
  const { examples } = report;
  if (examples.length === 0) return null;
  const { ranked, unranked, references } = leaderboardOrder(report);
  const all = [...ranked, ...unranked, ...references];
  const jobs = all.filter((job) =>
    examples.some(({ outputs }) => outputs.some(({ jobId, state }) => jobId === job.jobId && state !== 'missing')),
  );
  const absent = all.filter((job) => !jobs.includes(job));
  const [layout] = examples.map(layoutOf).sort((a, b) => LAYOUTS.indexOf(a) - LAYOUTS.indexOf(b));
  const body = layout === 'numbers' ? numberTable(examples, jobs) : examplesOneByOne(report, jobs, layout === 'media');
  return {
    id: 'side-by-side',
    title: 'Side by side',
    body: html`${intro(examples, layout)}${body}${absent.length === 0 ? null : html`<p class="note">Without any sample of these items: ${absent.map((job, at) => html`${at === 0 ? null : ', '}<bdi>${job.label}</bdi>`)}.</p>`}`,
  };
}

type Layout = 'media' | 'text' | 'numbers';
/** The first layout that any example asks for serves all. */
const LAYOUTS: readonly Layout[] = ['media', 'text', 'numbers'];

function layoutOf(example: Example): Layout {
  const succeeded = example.outputs.filter((output) => output.state === 'succeeded');
  if (succeeded.some((output) => output.media.length > 0)) return 'media';
  return succeeded.some((output) => output.text !== null) || succeeded.length === 0 ? 'text' : 'numbers';
}

function intro(examples: readonly Example[], layout: Layout | undefined): Markup {
  const first = examples.filter(({ chosen }) => chosen === 'first-issued').length;
  const apart = examples.length - first;
  const choice = `The first ${first} ${first === 1 ? 'item' : 'items'} in order of issue (a seeded shuffle, so nobody picked them)${apart > 0 ? `, and ${apart} on which the jobs disagree most` : ''}.`;
  const legend =
    layout === 'text'
      ? html` <del>Struck out</del>: in the reference, not in the answer. <ins>Underlined</ins>: in the answer, not in the reference.`
      : null;
  const play = layout === 'media' ? html` <button type="button" class="quiet" data-clips hidden>Pause clips</button>` : null;
  return html`<p>${choice}${legend}${play}</p>`;
}

function examplesOneByOne(report: Report, jobs: readonly ReportJob[], media: boolean): Markup {
  const { examples } = report;
  const metrics = metricNames(report).ranked;
  const shared = sharedPrompt(examples);
  const one = (example: Example) =>
    html`<article class="example">${exampleHead(example, shared !== null)}${media ? clipCards(example, jobs, metrics) : textOutputs(example, jobs, metrics)}</article>`;
  const more = examples.slice(OPEN_EXAMPLES);
  const prompt = shared === null ? null : html`<p>Every item is sent with the prompt <bdi>“${shared}”</bdi></p>`;
  return html`${prompt}${examples.slice(0, OPEN_EXAMPLES).map(one)}${more.length === 0 ? null : html`<details><summary>${more.length} more ${more.length === 1 ? 'item' : 'items'}</summary>${more.map(one)}</details>`}`;
}

/** The prompt that all items have in common, if they have: it is shown once. */
function sharedPrompt(examples: readonly Example[]): string | null {
  const prompts = new Set(examples.map(({ prompt }) => prompt?.text ?? null));
  return examples.length > 1 && prompts.size === 1 ? ([...prompts][0] ?? null) : null;
}

function exampleHead(example: Example, promptIsShown: boolean): Markup {
  const why = example.chosen === 'most-disagreement' ? html` <span class="flag">jobs disagree</span>` : null;
  const prompt =
    example.prompt === null || promptIsShown
      ? null
      : html`<p class="prompt"><bdi>${example.prompt.text}</bdi>${example.prompt.leftOutCharacters > 0 ? html` <small>… ${example.prompt.leftOutCharacters} more characters</small>` : null}</p>`;
  const { reference } = example;
  const facts = reference.kind === 'fields' ? reference.fields : example.attributes;
  const chips = Object.entries(facts).map(([name, value]) => html`<li><span>${name}</span> <bdi>${value}</bdi></li>`);
  const images = example.media.map((media) =>
    media.source.kind === 'unreadable'
      ? html`<p class="empty">The input could not be read: ${media.source.reason}.</p>`
      : html`<img class="input" alt="Input of item ${example.itemId}" src="${media.source.kind === 'embedded' ? media.source.dataUrl : media.source.href}">`,
  );
  return html`<h3><code>${example.itemId}</code>${why}</h3>${prompt}${images}${chips.length === 0 ? null : html`<ul class="chips" aria-label="${reference.kind === 'fields' ? 'Reference' : 'Attributes'}">${chips}</ul>`}`;
}
