/** The verdict of a run's gates as JUnit XML, as build servers read it: one test case a gate and job; what could not be judged is an error. */
import { type GateVerdict, type Judgement, verdictHeadline } from '../core/gates/gate-verdict.ts';
import { visibleLine } from './safe-text.ts';

export function gateJunit(verdict: GateVerdict): string {
  const { judgements, name, runId } = verdict;
  const count = (kind: string): number => judgements.filter(({ outcome }) => outcome.kind === kind).length;
  const counts = `tests="${judgements.length}" failures="${count('failed')}" errors="${count('unjudged')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="bakeoff" ${counts}>`,
    `  <testsuite name="${xmlText(name)}" ${counts}>`,
    `    <properties><property name="run" value="${xmlText(runId)}"/></properties>`,
    ...judgements.map((judgement) => testCase(judgement, name)),
    `    <system-out>${xmlText(outputOf(verdict))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase({ text, label, outcome }: Judgement, className: string): string {
  const head = `    <testcase classname="${xmlText(className)}" name="${xmlText(`${text} (${label})`)}"`;
  if (outcome.kind === 'passed') return `${head}/>`;
  const tag = outcome.kind === 'failed' ? 'failure' : 'error';
  return `${head}><${tag} message="${xmlText(outcome.reason)}"/></testcase>`;
}

function outputOf(verdict: GateVerdict): string {
  const stale = verdict.baselines.flatMap(({ runId, warnings }) => warnings.map(({ text }) => `baseline ${runId}: ${text}`));
  return [verdictHeadline(verdict), ...stale].join('; ');
}

/** Text for an element or a quoted attribute; what XML 1.0 cannot hold becomes U+FFFD. */
export function xmlText(text: string): string {
  return visibleLine(text)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
