/** The verdict of a run's gates for a pull request and for `report.md`: a headline, a table, what is stale. Everything from runs is escaped. */
import {
  ageText,
  type GateVerdict,
  inOrderOfConcern,
  type Judgement,
  type UsedBaseline,
  verdictHeadline,
} from '../core/gates/gate-verdict.ts';
import { formatSignificant } from './format-number.ts';
import { inline, table } from './markdown-text.ts';

/** Rows of a table; a comment of a pull request takes 65,536 characters. */
const MOST_ROWS = 100;

export function gateMarkdown(verdict: GateVerdict): string {
  const { runId, state } = verdict;
  const [headline = '', ...sections] = gateSections(verdict);
  return `${[`### Bakeoff: ${headline}`, `Run ${inline(runId)}, ${inline(state)}.`, ...sections].join('\n\n')}\n`;
}

/** Paragraphs: the headline, what was judged with failures first, the baselines, the correction. */
export function gateSections(verdict: GateVerdict): string[] {
  const { judgements, baselines, correction } = verdict;
  const shown = inOrderOfConcern(judgements).slice(0, MOST_ROWS);
  const left = judgements.length - shown.length;
  return [
    inline(verdictHeadline(verdict)),
    table(['Gate', 'Job', 'Value', 'Baseline', 'Result'], shown.map(cellsOf)),
    ...(left === 0 ? [] : [`And ${left} more, no worse than the last of these.`]),
    ...baselines.map(baselineText),
    ...(correction === null ? [] : [inline(correction)]),
  ];
}

function baselineText({ runId, ageDays, warnings }: UsedBaseline): string {
  return [
    `Baseline ${inline(runId)}, ${ageText(ageDays)}${warnings.length === 0 ? '.' : ':'}`,
    ...warnings.map(({ text, jobIds }) => `- ${inline(text)}${jobIds.length === 0 ? '' : ` (${inline(jobIds.join(', '))})`}`),
  ].join('\n');
}

function cellsOf({ text, label, value, unit, baseline, outcome }: Judgement): string[] {
  const shown = value === null ? '—' : `${formatSignificant(value)}${unit === null || unit === '' ? '' : ` ${unit}`}`;
  return [text, label, shown, baseline === null ? '' : formatSignificant(baseline.value), `${outcome.kind}: ${outcome.reason}`];
}
