/**
 * The truth of any item, by its index in `references.jsonl`, without holding the file in memory: a byte offset for every block of
 * items, and the blocks read last. Rows come almost in the order of the items, so nearly every look-up is a hit.
 */
import type { z } from 'zod';
import { referenceLineSchema } from '../core/job.ts';
import type { ObjectStore } from '../core/ports.ts';
import { corruptLine, forEachLine, parseLine } from './read-lines.ts';

export type ReferenceLine = z.infer<typeof referenceLineSchema>;

const BLOCK_ITEMS = 256;
const MAX_BLOCKS = 64;

export interface References {
  /** At once when the item's block is at hand. Throws `corrupt-row` for an item that the file does not have. */
  readonly at: (item: number) => ReferenceLine | Promise<ReferenceLine>;
}

/** Byte offsets of every 256th line, and the end of the file. Scans without parsing. */
async function blockOffsets(objects: ObjectStore, key: string): Promise<number[]> {
  const offsets = [0];
  let lines = 0;
  let position = 0;
  for await (const chunk of objects.read(key)) {
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, at + 1)) {
      lines++;
      if (lines % BLOCK_ITEMS === 0) offsets.push(position + at + 1);
    }
    position += chunk.length;
  }
  if (offsets.at(-1) !== position) offsets.push(position);
  return offsets;
}

export async function openReferences(objects: ObjectStore, key: string): Promise<References> {
  const offsets = await blockOffsets(objects, key);
  const blocks = new Map<number, ReferenceLine[]>();

  const load = async (block: number): Promise<ReferenceLine[]> => {
    const lines: ReferenceLine[] = [];
    const [startByte, endByte] = [offsets[block], offsets[block + 1]];
    if (startByte === undefined || endByte === undefined) return lines;
    await forEachLine(
      objects,
      key,
      (line) => {
        lines.push(parseLine({ ...line, number: block * BLOCK_ITEMS + line.number }, referenceLineSchema));
      },
      { startByte, endByte },
    );
    const oldest = blocks.keys().next();
    if (blocks.size >= MAX_BLOCKS && !oldest.done) blocks.delete(oldest.value);
    blocks.set(block, lines);
    return lines;
  };

  const lineOf = (lines: readonly ReferenceLine[], item: number): ReferenceLine => {
    const line = lines[item % BLOCK_ITEMS];
    if (line === undefined) throw corruptLine({ key, number: item + 1 }, 'the file ends before it');
    return line;
  };

  return {
    at: (item) => {
      const block = Math.floor(item / BLOCK_ITEMS);
      const lines = blocks.get(block);
      return lines === undefined ? load(block).then((loaded) => lineOf(loaded, item)) : lineOf(lines, item);
    },
  };
}
