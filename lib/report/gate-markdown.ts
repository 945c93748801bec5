/** The verdict of a run's gates for a pull request: a headline, a table, what is stale. Everything from runs is escaped. */
import { ageText, type GateVerdict, type Judgement, verdictHeadline } from '../core/gates/gate-verdict.ts';
import { formatSignificant } from './format-number.ts';
import { inline } from './render-markdown.ts';

export function gateMarkdown(verdict: GateVerdict): string {
  const { runId, state, judgements, baselines, correction } = verdict;
  const head = ['Gate', 'Job', 'Value', 'Baseline', 'Result'];
  const line = (cells: readonly string[]): string => `| ${cells.map(inline).join(' | ')} |`;
  const sections = [
    `### Bakeoff: ${inline(verdictHeadline(verdict))}`,
    `Run ${inline(runId)}, ${inline(state)}.`,
    [line(head), `|${head.map(() => '---').join('|')}|`, ...inOrder(judgements).map((judgement) => line(cellsOf(judgement)))].join('\n'),
    ...baselines.map(({ runId: baseline, ageDays, warnings }) =>
      [
        `Baseline ${inline(baseline)}, ${ageText(ageDays)}${warnings.length === 0 ? '.' : ':'}`,
        ...warnings.map(({ text, jobIds }) => `- ${inline(text)}${jobIds.length === 0 ? '' : ` (${inline(jobIds.join(', '))})`}`),
      ].join('\n'),
    ),
    ...(correction === null ? [] : [inline(correction)]),
  ];
  return `${sections.join('\n\n')}\n`;
}

const ORDER = ['failed', 'unjudged', 'passed'];

/** What needs attention first. */
function inOrder(judgements: readonly Judgement[]): Judgement[] {
  return judgements.toSorted((a, b) => ORDER.indexOf(a.outcome.kind) - ORDER.indexOf(b.outcome.kind));
}

function cellsOf({ text, label, value, unit, baseline, outcome }: Judgement): string[] {
  const shown = value === null ? '—' : `${formatSignificant(value)}${unit === null || unit === '' ? '' : ` ${unit}`}`;
  return [text, label, shown, baseline === null ? '' : formatSignificant(baseline.value), `${outcome.kind}: ${outcome.reason}`];
}
