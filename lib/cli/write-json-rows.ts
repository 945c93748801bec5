/** A JSON document with very many rows, written a row at a time in the form of writeJson: text of a million rows is never in memory at once. */
import type { VerbIo } from './io.ts';

export interface JsonRows {
  readonly count: number;
  readonly row: (index: number) => object;
}

/** An array of rows, or with `head` that object with the rows as its last member. */
export function writeJsonRows(
  io: Pick<VerbIo, 'stdout'>,
  head: { readonly members: object; readonly name: string } | null,
  { count, row }: JsonRows,
): void {
  const indent = head === null ? '' : '  ';
  const start = head === null ? '' : `${JSON.stringify(head.members, null, 2).slice(0, -2)},\n  ${JSON.stringify(head.name)}: `;
  io.stdout.write(`${start}[`);
  for (let index = 0; index < count; index++) {
    const text = JSON.stringify(row(index), null, 2).replaceAll('\n', `\n${indent}  `);
    io.stdout.write(`${index === 0 ? '' : ','}\n${indent}  ${text}`);
  }
  io.stdout.write(`${count === 0 ? '' : `\n${indent}`}]\n${head === null ? '' : '}\n'}`);
}
