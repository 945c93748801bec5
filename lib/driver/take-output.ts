/**
 * Turns the files that a model claims into objects: opened inside its folder, bounded, hashed while copied to a file of ours, compared
 * with the claim, the container's header read. Called by run-sample.ts after the sample's clock has stopped. The outputs folder is
 * hostile; the scratch folder is the driver's own.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../core/canonical-json.ts';
import type { Failure } from '../core/failure.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { MediaFile, SampleOutput } from '../core/sample.ts';
import { type MediaFacts, videoFacts } from './media-facts.ts';
import { openInside } from './open-inside.ts';
import { BadAnswer, failureOfBadAnswer, MAX_TEXT_BYTES } from './protocols/answer-guards.ts';
import type { ClaimedFile, ModelAnswer } from './protocols/model-protocol.ts';

const MIB = 1024 * 1024;
/** Largest file by kind; a larger one, a sparse one too, is refused before a byte is read. */
const MAX_BYTES = { video: 512 * MIB, image: 64 * MIB, audio: 256 * MIB, text: 64 * MIB, file: 512 * MIB } as const;
const COPY_BYTES = 1 * MIB;

export interface OutputPlace {
  /** BAKEOFF_OUTPUTS, and the folder below it that this generation was given. */
  readonly outputsDir: string;
  readonly folder: string;
  /** A folder that the model cannot reach. */
  readonly scratchDir: string;
  /** Object key without its extension. */
  readonly keyStem: string;
}

export type TakenOutput = { readonly ok: true; readonly output: SampleOutput } | { readonly ok: false; readonly failure: Failure };

/** Rejects only for faults of ours, such as a full disk. */
export async function takeOutput(objects: ObjectStore, answer: ModelAnswer, place: OutputPlace): Promise<TakenOutput> {
  const copies: Copy[] = [];
  try {
    for (const claim of answer.files) copies.push(await copyChecked(claim, place));
    const files: MediaFile[] = [];
    for (const [index, copy] of copies.entries()) files.push(await keep(objects, copy, place, index));
    const { text, ...rest } = plainPart(answer);
    if (text === undefined) return { ok: true, output: { ...rest, files } };
    if (!isLongText(text)) return { ok: true, output: { text, ...rest, files } };
    files.push(await keepText(objects, text, `${place.keyStem}-text.txt`));
    return { ok: true, output: { ...rest, files } };
  } catch (thrown) {
    return { ok: false, failure: failureOfBadAnswer(thrown) };
  } finally {
    for (const copy of copies) await rm(copy.path, { force: true });
  }
}

/** The part of an answer that needs no file. */
export function plainPart(answer: ModelAnswer): SampleOutput {
  return { ...(answer.text === null ? {} : { text: answer.text }), ...(answer.value === null ? {} : { value: answer.value }) };
}

interface Copy {
  readonly claim: ClaimedFile;
  readonly path: string;
  readonly facts: MediaFacts | null;
}

async function copyChecked(claim: ClaimedFile, place: OutputPlace): Promise<Copy> {
  const path = join(place.scratchDir, randomUUID());
  const source = await openInside(place.outputsDir, [place.folder], claim.path);
  try {
    const { size } = await source.stat();
    checkSize(claim, size);
    const sha256 = await copyHashed(source, path, size, claim);
    if (sha256 !== claim.sha256) {
      throw new BadAnswer('output-digest-mismatch', `${named(claim)} has the digest ${sha256}; the model claims ${claim.sha256}`);
    }
    const facts = claim.kind === 'video' ? await videoFacts(path) : null;
    if (facts !== null) compareFacts(claim, facts);
    return { claim, path, facts };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await source.close();
  }
}

function checkSize(claim: ClaimedFile, size: number): void {
  const limit = MAX_BYTES[claim.kind];
  if (size > limit) throw new BadAnswer('output-too-large', `${named(claim)} has ${size} bytes; expected at most ${limit}`);
  if (size === 0) throw new BadAnswer(claim.kind === 'video' ? 'output-not-a-video' : 'output-empty', `${named(claim)} has 0 bytes`);
  if (size !== claim.bytes)
    throw new BadAnswer('output-bytes-mismatch', `${named(claim)} has ${size} bytes; the model claims ${claim.bytes}`);
}

async function copyHashed(source: FileHandle, path: string, size: number, claim: ClaimedFile): Promise<string> {
  const hash = createHash('sha256');
  const target = await open(path, 'wx', 0o600);
  const buffer = Buffer.allocUnsafe(Math.min(size, COPY_BYTES));
  try {
    let copied = 0;
    while (copied < size) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, size - copied), null);
      if (bytesRead === 0) throw new BadAnswer('output-changed', `${named(claim)} became shorter while it was read`);
      const piece = buffer.subarray(0, bytesRead);
      hash.update(piece);
      await target.writeFile(piece);
      copied += bytesRead;
    }
  } finally {
    await target.close();
  }
  return hash.digest('hex');
}

function compareFacts(claim: ClaimedFile, facts: MediaFacts): void {
  for (const fact of ['width', 'height', 'frames'] as const) {
    if (claim[fact] === null || claim[fact] === facts[fact]) continue;
    throw new BadAnswer('output-facts-mismatch', `${named(claim)} has ${fact} ${facts[fact]}; the model claims ${claim[fact]}`);
  }
}

async function keep(objects: ObjectStore, { claim, path, facts }: Copy, place: OutputPlace, index: number): Promise<MediaFile> {
  const key = `${place.keyStem}${index === 0 ? '' : `-${index}`}.${extensionOf(claim.path)}`;
  // Overwrites nothing but what an earlier life of this same attempt left without a row.
  await objects.putFile(key, path);
  return { kind: claim.kind, key, sha256: claim.sha256, bytes: claim.bytes, contentType: claim.contentType, ...facts };
}

/** Text that no row holds, from a protocol whose servers cannot write files. */
export function isLongText(text: string | null): text is string {
  return text !== null && text.length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(text) > MAX_TEXT_BYTES;
}

async function keepText(objects: ObjectStore, text: string, key: string): Promise<MediaFile> {
  const body = Buffer.from(text);
  await objects.put(key, body);
  const sha256 = sha256Hex(body);
  return { kind: 'text', key, sha256, bytes: body.length, contentType: 'text/plain; charset=utf-8' };
}

function extensionOf(path: string): string {
  return /\.([A-Za-z0-9]{1,8})$/.exec(path)?.[1]?.toLowerCase() ?? 'bin';
}

function named(claim: ClaimedFile): string {
  return `the output file ${JSON.stringify(claim.path.slice(0, 200))}`;
}
