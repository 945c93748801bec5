/**
 * What all charts share: colours as CSS variables, so that one SVG serves light and dark; sizes for wide pages and phones;
 * and the way from a Vega specification to an SVG element. The only module that loads the chart library, when first asked.
 */
import type { Axis, Mark, Spec } from 'vega';

/** For a desk, for a tablet or paper, for a phone: the page shows one of the three, so that text keeps its size. */
export interface ChartSize {
  readonly name: 'wide' | 'medium' | 'narrow';
  readonly width: number;
}
export const CHART_SIZES: readonly ChartSize[] = [
  { name: 'wide', width: 1072 },
  { name: 'medium', width: 700 },
  { name: 'narrow', width: 358 },
];

export const FONT_SIZE = 12;
export const ROW_LABEL_SIZE = 13;

/** Mean width of a character in em, of the wider ones among system fonts. */
const CHARACTER_EM = 0.6;

/** Width of text in the page's font, estimated: enough to keep labels apart. */
export function textWidthPx(text: string, fontSize: number = FONT_SIZE): number {
  return [...text].length * fontSize * CHARACTER_EM;
}

/** Text cut to a width by the same estimate; Vega's own limit takes text for wider than it is. */
export function fitText(text: string, widthPx: number, fontSize: number = FONT_SIZE): string {
  const room = Math.floor(widthPx / (fontSize * CHARACTER_EM));
  const characters = [...text];
  return characters.length <= room ? text : `${characters.slice(0, Math.max(1, room - 1)).join('')}…`;
}

/** An axis without a domain line, with a faint grid. */
export function axis(settings: Axis): Axis {
  return {
    aria: false,
    domain: false,
    ticks: false,
    grid: true,
    gridColor: 'var(--grid)',
    gridWidth: 1,
    labelColor: 'var(--muted)',
    labelFontSize: 11,
    labelPadding: 6,
    titleColor: 'var(--muted)',
    titleFontSize: 11,
    titleFontWeight: 'normal',
    ...settings,
  };
}

export interface ChartSpec {
  readonly width: number;
  readonly height: number;
  readonly padding: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
  readonly spec: Spec;
}

/** An SVG element without sizes or ids of its own; hidden from assistive technology, since the figure around it has the label. */
export async function chartSvg(size: ChartSize, chart: ChartSpec): Promise<string> {
  const { parse, View } = await import('vega');
  const view = new View(parse({ ...chart.spec, width: chart.width, height: chart.height, padding: chart.padding, autosize: 'none' }), {
    renderer: 'none',
  });
  const svg = await view.toSVG();
  view.finalize();
  const totalWidth = chart.width + chart.padding.left + chart.padding.right;
  const totalHeight = chart.height + chart.padding.top + chart.padding.bottom;
  const inner = svg.slice(svg.indexOf('>') + 1);
  return `<svg class="${size.name}" viewBox="0 0 ${totalWidth} ${totalHeight}" aria-hidden="true" focusable="false">${inner}`;
}

/** Row labels of a chart: beside the rows on wide pages, above them on phones, cut to the room they have. */
export function rowLabels(labels: readonly string[], size: ChartSize): { widthPx: number; texts: string[] } {
  if (size.name === 'narrow') return { widthPx: 0, texts: labels.map((label) => fitText(label, size.width - 60, ROW_LABEL_SIZE)) };
  const widthPx = Math.min(size.width * 0.4, Math.max(...labels.map((label) => textWidthPx(label, ROW_LABEL_SIZE))) + 18);
  return { widthPx, texts: labels.map((label) => fitText(label, widthPx - 12, ROW_LABEL_SIZE)) };
}

/** A mark that assistive technology passes over. */
export function silent(mark: Mark): Mark {
  return { aria: false, ...mark };
}
