/** Text and tables of Markdown that nothing from specs, models or rows can break out of. Used by every renderer of Markdown. */
import { visibleLine } from './safe-text.ts';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(inline).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Text on one line that Markdown shows as it is: no cell, tag, link, emphasis, mention or list comes of it. */
export function inline(text: string): string {
  return visibleLine(text)
    .replace(/[\\`*_{}[\]<>|~#!@&]/g, (character) =>
      character === '<' ? '&lt;' : character === '>' ? '&gt;' : character === '&' ? '&amp;' : `\\${character}`,
    )
    .replace(/:\/\//g, '\\://')
    .replace(/\bwww\./gi, (prefix) => `${prefix.slice(0, 3)}\\.`)
    .trim()
    .replace(/^(?=[-+=])/, '\\')
    .replace(/^(\d+)(?=[.)]\s)/, '$1\\');
}
