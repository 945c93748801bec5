/**
 * The truth of any item, by its index in `references.jsonl`, without holding the file in memory: a byte offset for every block of
 * items, and the blocks read last. Rows come almost in the order of the items, so nearly every look-up is a hit.
 */
import type { z } from 'zod';
import { referenceLineSchema } from '../core/job.ts';
import type { ObjectStore } from '../core/ports.ts';
import { corruptLine, decodeLine, parseLine } from './read-lines.ts';

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

/** The bytes of a block and where its lines start; parsed on demand, so that nothing but bytes is kept. */
interface Block {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

function blockOf(bytes: Uint8Array): Block {
  const starts = [0];
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) starts.push(at + 1);
  return { bytes, starts: Uint32Array.from(starts) };
}

async function readBytes(objects: ObjectStore, key: string, startByte: number, endByte: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(endByte - startByte);
  let position = 0;
  for await (const chunk of objects.read(key, { startByte, endByte })) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes.subarray(0, position);
}

/** Scans the file once for where its blocks begin. */
export async function openReferences(objects: ObjectStore, key: string): Promise<References> {
  const offsets = await blockOffsets(objects, key);
  const blocks = new Map<number, Block>();
  const decoder = new TextDecoder('utf-8', { fatal: true });

  const load = async (index: number): Promise<Block> => {
    const [startByte, endByte] = [offsets[index] ?? 0, offsets[index + 1] ?? offsets[index] ?? 0];
    const block = blockOf(await readBytes(objects, key, startByte, endByte));
    const oldest = blocks.keys().next();
    if (blocks.size >= MAX_BLOCKS && !oldest.done) blocks.delete(oldest.value);
    blocks.set(index, block);
    return block;
  };

  const lineOf = ({ bytes, starts }: Block, item: number): ReferenceLine => {
    const start = starts[item % BLOCK_ITEMS];
    const place = { key, number: item + 1 };
    if (start === undefined || start >= bytes.length) throw corruptLine(place, 'the file ends before it');
    const end = (starts[(item % BLOCK_ITEMS) + 1] ?? bytes.length + 1) - 1;
    return parseLine({ ...place, text: decodeLine(decoder, bytes.subarray(start, end), place) }, referenceLineSchema);
  };

  return {
    at: (item) => {
      const index = Math.floor(item / BLOCK_ITEMS);
      const block = blocks.get(index);
      return block === undefined ? load(index).then((loaded) => lineOf(loaded, item)) : lineOf(block, item);
    },
  };
}
