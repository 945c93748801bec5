/** What exactly was run: the digests that make two results the same or not. */
import { formatMemory } from '../format-number.ts';
import { paramText } from '../job-labels.ts';
import type { Report, ReportJob } from '../report-model.ts';
import { laterPassTexts } from '../later-passes.ts';
import { jobHead } from './job-name.ts';
import { type Content, html, type Markup } from './markup.ts';
import type { Section } from './section.ts';
import { columnHead, table } from './table.ts';

export function identitySection(report: Report): Section {
  const { run, suite, host } = report;
  const facts: Array<[string, Content]> = [
    ['Run', html`<code>${run.runId}</code>${run.starts > 1 ? `, started ${run.starts} times` : ''}`],
    ['Software', `Bakeoff ${run.softwareVersion}, environment ${run.environment}`],
    ['Suite', html`${suite.id} ${suite.version}, ${digest(suite.digest)}`],
    ['Spec', digest(run.specSha256)],
    ['Machine', host === null ? 'not recorded' : hostText(host)],
  ];
  const head = html`${columnHead('Job', null, false)}${columnHead('Model', null, false)}${columnHead('Package', 'digest', false)}${columnHead('Protocol', null, false)}${columnHead('Params', null, false)}${columnHead('Scored by', null, false)}${columnHead('Device', null, false)}`;
  const rows = report.jobs.map((job) => html`<tr>${jobHead(job)}${identityCells(job)}</tr>`);
  const body = html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>${table('Identity of every job', head, rows)}${laterPassNotes(report)}<details><summary>The spec</summary><pre tabindex="0">${run.specText}</pre></details>`;
  return { id: 'identity', title: 'Identity', body };
}

function laterPassNotes({ evaluations = [] }: Report): Content {
  if (evaluations.length === 0) return '';
  return html`<h3>Evaluated again</h3><ul>${laterPassTexts(evaluations).map((text) => html`<li>${text}</li>`)}</ul>`;
}

function identityCells(job: ReportJob): Markup {
  const params = Object.entries(job.params).map(([name, value]) => html`<li><span>${name}</span> <bdi>${paramText(value)}</bdi></li>`);
  const scorers = [
    ...(job.builtinScorers.length === 0 ? [] : [html`built in: ${job.builtinScorers.join(', ')}`]),
    ...job.evaluators.map(
      (evaluator) => html`${evaluator.id} ${evaluator.version} ${digest(evaluator.digest)}: ${evaluator.scorers.join(', ')}`,
    ),
  ];
  const containers = (job.containers ?? []).map(({ stage, image, digest: seen }) => html`<div>${stage} in ${image} ${digest(seen)}</div>`);
  return html`<td><bdi>${job.model.title}</bdi><small>${job.model.id} ${job.model.version}</small>${containers}</td><td>${digest(job.model.digest)}</td><td>${job.model.protocol}</td><td>${params.length === 0 ? 'none' : html`<ul class="chips">${params}</ul>`}</td><td>${scorers.map((scorer) => html`<div>${scorer}</div>`)}</td><td>${job.device ?? html`<span class="absent" title="${job.deviceReason ?? ''}">not recorded</span>`}</td>`;
}

/** The first twelve digits; all of them on hover and in report.json. */
function digest(sha256: string): Markup {
  return html`<code title="${sha256}">${sha256.slice(0, 12)}…</code>`;
}

function hostText(host: NonNullable<Report['host']>): string {
  const cpus = host.logicalCpus === null ? null : `${host.logicalCpus} CPUs`;
  const memory = host.memoryMiB === null ? null : formatMemory(host.memoryMiB);
  const software = [
    host.nodeVersion === null ? null : `Node ${host.nodeVersion}`,
    host.pythonVersion === null ? null : `Python ${host.pythonVersion}`,
  ];
  return [host.cpuModel, cpus, memory, host.os, host.architecture, ...software].filter((fact) => fact !== null).join(', ');
}
