/**
 * The page's stylesheet. Every colour is a variable with a light and a dark value, which the charts use too; text on its
 * ground has a contrast of at least 4.5 : 1. Long, because it is one stylesheet for one page.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fdfcfa, #14161a);
  --raised: light-dark(#ffffff, #1b1e24);
  --ink: light-dark(#1c1d20, #e9e7e2);
  --muted: light-dark(#5f6168, #a3a5ad);
  --rule: light-dark(#dedbd4, #32363e);
  --grid: light-dark(#e9e6df, #2a2d34);
  --accent: light-dark(#1f5fa8, #7cb4f0);
  --reference: light-dark(#6b6257, #b9ad9c);
  --faded: light-dark(#8d9097, #767a83);
  --bad: light-dark(#a3341f, #f2917c);
  --del: light-dark(#fbe3dd, #4a221b);
  --ins: light-dark(#dcebfb, #17375a);
  --phase-0: light-dark(#e3e0da, #33363d);
  --phase-1: light-dark(#c9c6bf, #4a4d55);
  --phase-2: light-dark(#b08fb5, #8c6a92);
  --phase-3: light-dark(#e6b35a, #c99a45);
  --phase-4: light-dark(#d9d2a0, #6f6a3e);
  --phase-5: light-dark(#a8793a, #8f6733);
  --phase-6: light-dark(#7fb59a, #5f9a80);
  --phase-7: light-dark(#a9cdee, #41648a);
  --phase-8: light-dark(#3f77bd, #5d97d6);
  --phase-9: light-dark(#1f5fa8, #7cb4f0);
  --phase-10: light-dark(#17806d, #3fb79e);
  --phase-11: light-dark(#8b5d3b, #b98a63);
  --phase-12: light-dark(#c46a8f, #d98bad);
  --phase-13: light-dark(#8d9097, #767a83);
  --phase-14: light-dark(#d0cdc6, #54575f);
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
.page { max-width: 1120px; margin: 0 auto; padding: 0 24px 96px; }
a { color: var(--accent); text-underline-offset: 3px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code { font: 0.9em var(--mono); overflow-wrap: anywhere; }
bdi { unicode-bidi: isolate; }
h1, h2, h3 { line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 1.5rem; margin: 0 0 20px; }
h3 { font-size: 1.05rem; margin: 36px 0 10px; }
section { margin-top: 72px; padding-top: 28px; border-top: 1px solid var(--rule); }
p { margin: 0 0 12px; max-width: 72ch; overflow-wrap: anywhere; }
ul { padding-left: 1.2em; }
.note, .footnotes, figcaption { color: var(--muted); font-size: 0.85rem; }
.footnotes { display: flex; flex-wrap: wrap; gap: 2px 18px; margin-top: 8px; max-width: none; overflow-wrap: anywhere; }
.empty { color: var(--muted); font-style: italic; }

.top { display: flex; justify-content: space-between; align-items: center; gap: 16px; padding: 18px 0; font-size: 0.85rem; color: var(--muted); }
.brand { font-weight: 600; letter-spacing: 0.02em; color: var(--ink); }
button.quiet {
  font: inherit; font-size: 0.85rem; color: var(--ink); background: transparent; border: 1px solid var(--rule);
  border-radius: 999px; padding: 5px 14px; min-height: 32px; cursor: pointer;
}
button.quiet:hover { border-color: var(--muted); }
header h1 { font-size: clamp(2rem, 5vw, 3rem); margin: 40px 0 6px; letter-spacing: -0.025em; overflow-wrap: anywhere; }
.lead { color: var(--muted); font-size: 1.1rem; }
.verdict { font-size: clamp(1.2rem, 2.6vw, 1.55rem); line-height: 1.4; margin: 32px 0 12px; max-width: 52ch; text-wrap: pretty; overflow-wrap: anywhere; }
.verdict-details { margin: 0; padding: 0; list-style: none; color: var(--muted); max-width: 72ch; overflow-wrap: anywhere; }
.glance { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 20px 32px; margin: 36px 0 0; padding: 20px 0; border-block: 1px solid var(--rule); }
.glance div { min-width: 0; }
.glance dt { font-size: 0.78rem; color: var(--muted); }
.glance dd { margin: 2px 0 0; font-size: 0.98rem; overflow-wrap: anywhere; }
.contents { display: flex; flex-wrap: wrap; gap: 6px 20px; padding: 0; margin: 20px 0 0; list-style: none; font-size: 0.88rem; }
.warnings { margin: 28px 0 0; padding: 14px 18px; border-left: 3px solid var(--reference); background: var(--raised); font-size: 0.9rem; list-style: none; }
.warnings li + li { margin-top: 8px; }
.warnings small { color: var(--muted); }

.scroll {
  overflow-x: auto; margin: 20px 0 0;
  background:
    linear-gradient(to right, var(--paper) 30%, transparent) left / 36px 100% no-repeat local,
    linear-gradient(to left, var(--paper) 30%, transparent) right / 36px 100% no-repeat local,
    linear-gradient(to right, var(--rule), transparent) left / 10px 100% no-repeat scroll,
    linear-gradient(to left, var(--rule), transparent) right / 10px 100% no-repeat scroll;
}
.scroll + .note { margin-top: 12px; }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; }
caption span { display: inline-block; position: sticky; left: 0; max-width: min(100%, calc(100vw - 48px)); }
caption { text-align: left; font-size: 0.8rem; color: var(--muted); padding-bottom: 6px; }
th, td { max-width: 30em; overflow-wrap: break-word; padding: 9px 14px 9px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
th:last-child, td:last-child { padding-right: 4px; }
thead th { font-weight: 500; color: var(--muted); vertical-align: bottom; font-size: 0.8rem; line-height: 1.3; min-width: 4.5em; }
tbody th { font-weight: 500; min-width: 10.5em; }
td small, th small { display: block; color: var(--muted); font-size: 0.78rem; font-weight: 400; white-space: nowrap; }
td.cause small, td.text small, thead small { white-space: normal; }
td code { white-space: nowrap; }
th.num, td.num { text-align: right; }
td.num, td.tight { white-space: nowrap; }
td.rank { font-weight: 600; }
td.cause { min-width: 18em; overflow-wrap: anywhere; }
.absent { color: var(--muted); }
sup { font-size: 0.7em; line-height: 0; margin-left: 1px; }
.flag { display: inline-block; font-size: 0.72rem; font-weight: 500; color: var(--reference); border: 1px solid currentColor; border-radius: 3px; padding: 0 5px; white-space: nowrap; }
.bad, .state.failed, .state.incomplete { color: var(--bad); }
.grids { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 12px 40px; }
.grids > div { min-width: 0; }
.grids > .full { grid-column: 1 / -1; }
.grids caption { font-size: 0.95rem; color: var(--ink); font-weight: 600; }
.heat { background: color-mix(in oklab, var(--accent) calc(var(--heat) * 0.34), transparent); padding-left: 8px; padding-right: 8px; border-bottom-color: var(--paper); border-left: 1px solid var(--paper); }
.heat small { color: inherit; }

figure { margin: 8px 0 0; }
.chart svg { display: block; width: 100%; height: auto; max-width: 1072px; }
.chart svg.medium, .chart svg.narrow { display: none; }
svg text { font-family: inherit; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; margin: 8px 0 0; list-style: none; color: var(--ink); }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 7px; vertical-align: -1px; }
figcaption { margin: 8px 0 16px; max-width: 80ch; }

details { margin-top: 20px; }
summary { cursor: pointer; color: var(--accent); padding: 4px 0; }
pre { background: var(--raised); border: 1px solid var(--rule); border-radius: 4px; padding: 16px; overflow: auto; font: 0.82rem/1.5 var(--mono); max-height: 480px; }
.facts { margin: 0; }
.facts > div { display: grid; grid-template-columns: 150px minmax(0, 1fr); gap: 4px 20px; padding: 9px 0; border-bottom: 1px solid var(--rule); font-size: 0.92rem; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; max-width: 76ch; overflow-wrap: anywhere; }
.chips { display: flex; flex-wrap: wrap; gap: 2px 14px; padding: 0; margin: 0; list-style: none; font-size: 0.85rem; }
.chips li { min-width: 0; overflow-wrap: anywhere; }
.chips span { color: var(--muted); }

.example { padding: 24px 0 28px; border-bottom: 1px solid var(--rule); }
.example h3 { margin: 0 0 4px; font-size: 0.85rem; font-weight: 500; color: var(--muted); }
.prompt { font-size: 1.15rem; line-height: 1.4; margin: 0 0 6px; max-height: 14em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
img.input { display: block; max-width: 100%; height: auto; background: #fff; border: 1px solid var(--rule); border-radius: 3px; margin: 10px 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 22px 14px; padding: 0; margin: 18px 0 0; list-style: none; }
.card { min-width: 0; max-width: 240px; font-size: 0.84rem; line-height: 1.35; }
.card p { margin: 6px 0 0; }
.stage { aspect-ratio: 1; background: var(--raised); border: 1px solid var(--rule); border-radius: 4px; overflow: hidden; display: grid; place-items: center; }
.stage > * { max-width: 100%; }
.stage .empty { padding: 10px; margin: 0; font-size: 0.78rem; max-height: 100%; overflow: auto; overflow-wrap: anywhere; text-align: center; }
.stage video, .stage img { width: 100%; height: 100%; object-fit: contain; display: block; }
.stage .pixels { width: round(down, 100%, calc(var(--px) * 1px)); height: auto; cursor: pointer; }
.pixels { image-rendering: pixelated; }
.who { font-weight: 500; overflow-wrap: anywhere; }
.scores > span, figcaption, .note, .warnings { overflow-wrap: anywhere; }
.scores { display: flex; flex-wrap: wrap; gap: 0 10px; color: var(--muted); font-size: 0.8rem; }
.scores b { color: var(--ink); font-weight: 600; }
.readings { margin: 14px 0 0; }
.reading { display: grid; grid-template-columns: 210px minmax(0, 1fr); gap: 2px 20px; padding: 7px 0; border-top: 1px solid var(--grid); }
.reading dt { font-size: 0.85rem; font-weight: 500; overflow-wrap: anywhere; }
.reading dd { margin: 0; display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 20px; min-width: 0; }
.reading dd p { margin: 0; }
.reading .text { font: 0.9rem/1.5 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; max-height: 18em; overflow: auto; }
.reading .scores { font-size: 0.78rem; align-self: center; }
.truth .text { font-weight: 600; }
del { background: var(--del); color: var(--bad); text-decoration: line-through; text-decoration-thickness: 1px; border-radius: 2px; }
ins { background: var(--ins); color: var(--accent); text-decoration: underline; text-underline-offset: 3px; border-radius: 2px; }
.features { margin: 0; }
.features summary { padding: 0; }
.features .chips { font-weight: 400; max-width: 22em; margin-top: 4px; }
footer { margin-top: 72px; padding-top: 20px; border-top: 1px solid var(--rule); color: var(--muted); font-size: 0.85rem; }

@media (max-width: 960px) {
  .chart svg.wide { display: none; }
  .chart svg.medium { display: block; }
}
.key { display: none; font-size: 0.85rem; margin: 0 0 12px; padding-left: 0; list-style: none; }
.key b { display: inline-block; min-width: 1.8em; }

@media (max-width: 640px) {
  .key { display: block; }
  body { font-size: 15.5px; }
  .page { padding: 0 16px 64px; }
  section { margin-top: 52px; }
  header h1 { margin-top: 20px; }
  .glance { grid-template-columns: 1fr 1fr; gap: 16px 20px; }
  .chart svg.medium { display: none; }
  .chart svg.narrow { display: block; }
  .facts > div, .reading { grid-template-columns: minmax(0, 1fr); }
  .cards { grid-template-columns: 1fr 1fr; }
  tbody th { position: sticky; left: 0; z-index: 1; background: var(--paper); }
  .contents a { padding: 4px 0; display: inline-block; }
  tbody th { min-width: 8.5em; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
@media print {
  :root { color-scheme: light !important; }
  .page { max-width: none; padding: 0; }
  button, .contents { display: none !important; }
  .scroll { overflow: visible; }
  section { margin-top: 32px; }
  figure, tr, .card, .reading { break-inside: avoid; }
  table { font-size: 7.5pt; }
  th, td { padding: 4px 7px 4px 0; }
  thead th, td small, th small { font-size: 6.5pt; }
  thead th, tbody th { min-width: 0; }
}
`;
