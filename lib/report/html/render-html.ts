/**
 * `index.html`: the whole report in one file that asks the network for nothing. Called by the report step. Reads the report
 * and nothing else; the chart library is loaded when the first chart is drawn.
 */
import { createHash } from 'node:crypto';
import { auditSection } from './audit-section.ts';
import { breakdownSection } from './breakdown-section.ts';
import { computationSection } from './computation-section.ts';
import { confusionSection } from './confusion-section.ts';
import { costSection } from './cost-section.ts';
import { coverageSection } from './coverage-section.ts';
import { examplesSection } from './examples-section.ts';
import { gatesSection } from './gates-section.ts';
import { identitySection } from './identity-section.ts';
import { latencySection } from './latency-section.ts';
import { leaderboardSection } from './leaderboard-section.ts';
import { html, htmlText, trusted } from './markup.ts';
import { pageHead } from './page-head.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';
import { paretoSection } from './pareto-section.ts';
import { sectionMarkup } from './section.ts';
import { timeSection } from './time-section.ts';
import { formatInstant } from '../format-number.ts';
import type { Report } from '../report-model.ts';

export async function renderHtml(report: Report): Promise<string> {
  const sections = [
    await leaderboardSection(report),
    gatesSection(report),
    await paretoSection(report),
    latencySection(report),
    breakdownSection(report),
    confusionSection(report),
    examplesSection(report),
    coverageSection(report),
    auditSection(report),
    await timeSection(report),
    costSection(report),
    identitySection(report),
    computationSection(report),
  ].filter((section) => section !== null);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${report.run.name}: Bakeoff report</title>
<style>${trusted(PAGE_STYLE)}</style>
</head>
<body>
<div class="page">
${pageHead(report, sections)}
<main>
${sections.map(sectionMarkup)}
</main>
<footer><p>Bakeoff ${report.run.softwareVersion}, run <code>${report.run.runId}</code>, as of ${formatInstant(report.asOfMs)}. The same numbers, unrounded: <a href="report.json">report.json</a>, <a href="leaderboard.csv">leaderboard.csv</a>.</p></footer>
</div>
<script>${trusted(PAGE_SCRIPT)}</script>
</body>
</html>
`;
  return htmlText(page);
}

/** Nothing from anywhere but this file and the media beside it; no script but ours, named by its digest. */
function contentSecurityPolicy(): string {
  const scriptDigest = createHash('sha256').update(PAGE_SCRIPT).digest('base64');
  const media = "data: 'self' file:";
  return `default-src 'none'; script-src 'sha256-${scriptDigest}'; style-src 'unsafe-inline'; img-src ${media}; media-src ${media}; base-uri 'none'; form-action 'none'`;
}
