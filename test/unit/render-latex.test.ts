/** The report as LaTeX: tables whose rows have as many cells as their heads, and no text of others that LaTeX would run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildReport } from '../../lib/report/build-report.ts';
import { latexText } from '../../lib/report/latex-text.ts';
import { renderLatex } from '../../lib/report/render-latex.ts';
import { HOSTILE_TEXTS, hostileReport } from '../fixtures/hostile-report.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';

/** Commands that a text may bring. */
const COMMANDS = new Set(
  (
    'backslash asciicircum asciitilde less greater bar quotedblright asciigrave endash emdash periodcentered quoteleft quoteright ' +
    'quotedblleft'
  )
    .split(' ')
    .map((name) => `text${name}`)
    .concat(['ensuremath', 'times', 'pm', 'geq', 'leq', 'neq', 'rightarrow', 'uparrow', 'downarrow', 'infty', 'mu', 'circ', 'dots']),
);

/** How deep the braces lie at each end; throws where one closes that none opened. */
function depthOf(latex: string): number {
  let depth = 0;
  for (const brace of latex.replace(/\\[{}\\]/g, '').match(/[{}]/g) ?? []) {
    depth += brace === '{' ? 1 : -1;
    if (depth < 0) throw new Error('a brace closes that none opened');
  }
  return depth;
}

/** Cells of each line of a table's rows. */
function cellCounts(latex: string): number[][] {
  return [...latex.matchAll(/\\toprule\n([\s\S]*?)\\bottomrule/g)].map(([, body = '']) =>
    body
      .split('\n')
      .filter((line) => line.endsWith('\\\\'))
      .map((line) => line.replace(/\\&/g, '').split('&').length),
  );
}

describe('text', () => {
  it.each([
    ['50 % of #1 & $2_x', '50 \\% of \\#1 \\& \\$2\\_x'],
    ['\\input{/etc/passwd}', '\\textbackslash{}input\\{/etc/passwd\\}'],
    ['a--b ?` <<', 'a{-}{-}b {?}\\textasciigrave{} \\textless{}\\textless{}'],
    ['R² ≥ 0.5 → 中', 'R\\ensuremath{{}^{2}} \\ensuremath{\\geq} 0.5 \\ensuremath{\\rightarrow} {[}U+4E2D{]}'],
    ['one\ntwo', 'one two'],
  ])('%j', (text, latex) => {
    expect(latexText(text)).toBe(latex);
  });

  it('is balanced, holds no command of its own and nothing outside of Latin letters, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constantFrom('²³°µ×', ...HOSTILE_TEXTS)),
        (text) => {
          const latex = latexText(text);
          expect(depthOf(latex)).toBe(0);
          const plain = latex.replace(/\\[{}$&#%_]/g, '');
          for (const [, name = ''] of plain.matchAll(/\\([A-Za-z]*)/g)) expect(COMMANDS).toContain(name);
          expect(plain.replace(/\\ensuremath\{(?:[^{}]|\{[^{}]*\})*\}/g, '')).not.toMatch(/[$&#%_^\n]/);
          expect(latex).toMatch(/^[ -~\u00c0-\u017f]*$/u);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('the report', () => {
  it.each(['video', 'text', 'numbers'] as const)('has whole tables for %s', async (kind) => {
    const report = await buildReport(reportFixture(kind));
    const latex = renderLatex(report);
    const [scores = [], latency = []] = cellCounts(latex);
    expect(new Set(scores).size).toBe(1);
    expect(new Set(latency).size).toBe(1);
    // A head, and for each job at least one line.
    expect(scores.length).toBeGreaterThan(report.jobs.length);
    expect(depthOf(latex.replace(/^%.*$/gm, ''))).toBe(0);
    expect(latex).toContain(report.suite.digest);
  });

  it('matches the golden file', async () => {
    await expect(renderLatex(await buildReport(reportFixture('numbers')))).toMatchFileSnapshot('../fixtures/report/numbers.golden.tex');
  });

  it('lets no text of others become a row, a comment or a command', async () => {
    const latex = renderLatex(await hostileReport());
    for (const counts of cellCounts(latex)) expect(new Set(counts).size).toBe(1);
    const body = latex.replace(/^%.*$/gm, '').replace(/\\%/g, '');
    expect(body).not.toContain('%');
    expect(depthOf(body)).toBe(0);
  });
});
