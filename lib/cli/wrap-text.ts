/** Text for a terminal: wrapped to its width, and without signs that could steer it. Used by everything that the CLI prints for people. */

/** Makes control and direction signs visible as `\u{…}`: outside text must not steer a terminal. New lines and tabs become spaces. */
export function safeText(text: string): string {
  const oneLine = text.replace(/[\n\r\t]+/g, ' ');
  return oneLine.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16) ?? ''}}`);
}

/** Wraps at spaces; words longer than a line stay whole, so that paths can be copied. */
export function wrapText(text: string, columns: number, firstIndent: string, nextIndent: string): string {
  const lines: string[] = [];
  let line = firstIndent;
  for (const word of safeText(text).split(' ')) {
    const isStart = line === firstIndent || line === nextIndent;
    const longer = isStart ? `${line}${word}` : `${line} ${word}`;
    if (longer.length > columns && !isStart) {
      lines.push(line);
      line = `${nextIndent}${word}`;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}

/** Columns aligned by spaces; the last one is not padded. */
export function alignColumns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd((widths[index] ?? 0) + gap)))
      .join('')
      .trimEnd(),
  );
}

/** The same for a terminal of `columns`: the last column is wrapped below itself, where there is room for it. */
export function alignAndWrap(rows: readonly (readonly string[])[], columns: number): string[] {
  const gap = 2;
  const before = columnWidths(rows)
    .slice(0, -1)
    .reduce((sum, width) => sum + width + gap, 0);
  const lines = alignColumns(rows, gap).map(safeText);
  if (columns - before < LEAST_LAST_COLUMN) return lines;
  return lines.map((line) =>
    line.length <= columns ? line : wrapText(line.slice(before), columns, line.slice(0, before), ' '.repeat(before)),
  );
}

const LEAST_LAST_COLUMN = 20;

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return widths;
}
