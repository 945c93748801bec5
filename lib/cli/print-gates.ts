/** How judged gates look on a terminal: failed ones first, then what else differs between the run and its baselines. */
import { ageText, type GateVerdict, inOrderOfConcern, type Judgement, verdictHeadline } from '../core/gates/gate-verdict.ts';
import { formatSignificant } from '../report/format-number.ts';
import { visibleLine } from '../report/safe-text.ts';
import { wrapText } from './wrap-text.ts';

export function gateLines(verdict: GateVerdict, columns: number): string[] {
  const { runId, state, judgements, baselines, correction } = verdict;
  const wrapped = (text: string, indent = ''): string => wrapText(visibleLine(text), columns, indent, `${indent}  `);
  return [
    wrapped(`${runId} (${state}): ${verdictHeadline(verdict)}`),
    ...inOrderOfConcern(judgements).map((judgement) => wrapped(judgementText(judgement))),
    ...baselines.flatMap(({ runId: baseline, ageDays, warnings }) => [
      wrapped(`baseline ${baseline}, ${ageText(ageDays)}`),
      ...warnings.map(({ code, text, jobIds }) =>
        wrapped(`warning[${code}]: ${text}${jobIds.length === 0 ? '' : ` (${jobIds.join(', ')})`}`, '  '),
      ),
    ]),
    ...(correction === null ? [] : [wrapped(correction)]),
  ];
}

const MARKS = { passed: 'ok    ', failed: 'FAILED', unjudged: '?     ' };

function judgementText({ text, label, value, unit, baseline, outcome }: Judgement): string {
  const shown = value === null ? '' : ` = ${formatSignificant(value)}${unit === null || unit === '' ? '' : ` ${unit}`}`;
  const before = baseline === null || baseline.value === null ? '' : `, was ${formatSignificant(baseline.value)}`;
  return `${MARKS[outcome.kind]} ${label}: ${text}${shown}${before}: ${outcome.reason}`;
}
