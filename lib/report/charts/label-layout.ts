/** Places the labels of points so that they cover neither each other nor the points nor, where there is room, the lines. Pure; used by the Pareto chart. */
import { FONT_SIZE, textWidthPx } from './chart-theme.ts';

export interface LabelPoint {
  readonly id: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

export interface PlacedLabel {
  readonly id: string;
  readonly text: string;
  /** The edge that faces the point (the middle for a label above or below it), and the vertical middle, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly align: 'left' | 'center' | 'right';
  /** True when the label stands so far away that a line should lead to its point. */
  readonly leader: boolean;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const POINT_RADIUS = 6;
const HEIGHT = FONT_SIZE * 1.25;

/**
 * Greedy, in the order given: each label takes the first free place around its point, then further away.
 * @param lines boxes that labels avoid as long as a place near the point is free of other labels
 */
export function placeLabels(points: readonly LabelPoint[], lines: readonly Box[], frame: { width: number; height: number }): PlacedLabel[] {
  const taken: Box[] = points.map(({ x, y }) => ({
    left: x - POINT_RADIUS,
    right: x + POINT_RADIUS,
    top: y - POINT_RADIUS,
    bottom: y + POINT_RADIUS,
  }));
  return points.map((point) => {
    const places = candidates(point);
    const inFrame = places.filter(({ box }) => box.left >= 0 && box.right <= frame.width && box.top >= -4 && box.bottom <= frame.height);
    const free = inFrame.filter(({ box }) => !taken.some((other) => overlap(box, other)));
    const clear = free.find(({ box }) => !lines.some((line) => overlap(box, line)));
    const best =
      (clear?.leader === false ? clear : undefined) ?? free.find(({ leader }) => !leader) ?? clear ?? free[0] ?? inFrame[0] ?? places[0];
    const box = best?.box ?? { left: point.x, right: point.x, top: point.y, bottom: point.y };
    taken.push(box);
    const align = box.left > point.x ? 'left' : box.right < point.x ? 'right' : 'center';
    const x = align === 'left' ? box.left : align === 'right' ? box.right : (box.left + box.right) / 2;
    return { id: point.id, text: point.text, x, y: (box.top + box.bottom) / 2, align, leader: best?.leader ?? false };
  });
}

function candidates(point: LabelPoint): Array<{ box: Box; leader: boolean }> {
  const width = textWidthPx(point.text);
  const at = (left: number, middle: number, leader: boolean) => ({
    box: { left, right: left + width, top: middle - HEIGHT / 2, bottom: middle + HEIGHT / 2 },
    leader,
  });
  const rings = [24, 40, 58].flatMap((gap) => [
    at(point.x + 10, point.y - gap, true),
    at(point.x + 10, point.y + gap, true),
    at(point.x - width / 2, point.y - gap - 6, true),
    at(point.x - width / 2, point.y + gap + 6, true),
    at(point.x - width - 10, point.y - gap, true),
    at(point.x - width - 10, point.y + gap, true),
  ]);
  const near = [
    at(point.x - width - 8, point.y - 12, false),
    at(point.x + 8, point.y - 12, false),
    at(point.x + 8, point.y + 12, false),
    at(point.x - width - 8, point.y + 12, false),
  ];
  return [at(point.x + 12, point.y, false), at(point.x - width - 12, point.y, false), ...near, ...rings];
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
