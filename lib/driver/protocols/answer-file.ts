/**
 * Files that came inside an answer, or by a download, become files in the output folder of their generation, as if the model had written them:
 * take-output.ts then bounds, copies and keeps them like any other. Called by the protocol adapters once the sample's clock has stopped.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { sha256Hex } from '../../core/canonical-json.ts';
import { BadAnswer } from './answer-guards.ts';
import type { DataFile } from './data-url.ts';
import type { ClaimedFile } from './model-protocol.ts';

/** Of one answer. */
const MAX_FILES = 64;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'video/webm': 'webm',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/x-matroska': 'mkv',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'text/plain': 'txt',
  'application/json': 'json',
};

/** Writes all of them, `output-0.<ext>` first. Throws BadAnswer for more than 64, and where the model got there first. */
export async function writeAnswerFiles(files: readonly DataFile[], outputDir: string): Promise<ClaimedFile[]> {
  if (files.length > MAX_FILES)
    throw new BadAnswer('answer-bad-shape', `the answer has ${files.length} files; expected at most ${MAX_FILES}`);
  const claims: ClaimedFile[] = [];
  for (const [index, { contentType, bytes }] of files.entries()) {
    const path = `output-${index}.${extensionOf(contentType)}`;
    await writeNew(join(outputDir, path), bytes);
    claims.push({ ...claimOf(contentType, path), sha256: sha256Hex(bytes), bytes: bytes.length });
  }
  return claims;
}

export interface AnswerFileSink {
  readonly maxBytes: number;
  readonly take: (chunk: Buffer) => void;
  /** To be called once nothing more comes. Throws BadAnswer where the model got there first. */
  readonly finish: () => Promise<ClaimedFile>;
}

/** One file that arrives in pieces, written as they come. */
export function answerFileSink(outputDir: string, contentType: string, maxBytes: number): AnswerFileSink {
  const path = `output-0.${extensionOf(contentType)}`;
  const pieces = new PassThrough();
  const written = writePieces(join(outputDir, path), pieces);
  // It is told by finish.
  written.catch(() => {});
  return {
    maxBytes,
    take: (chunk) => void pieces.write(chunk),
    finish: async () => {
      pieces.end();
      return { ...claimOf(contentType, path), ...(await written) };
    },
  };
}

async function writePieces(path: string, pieces: AsyncIterable<Buffer>): Promise<Pick<ClaimedFile, 'sha256' | 'bytes'>> {
  const file = await openNew(path);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      await file.writeFile(piece);
    }
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** What a file of this type claims beside its digest and size. */
function claimOf(contentType: string, path: string): Omit<ClaimedFile, 'sha256' | 'bytes'> {
  return { kind: kindOf(contentType), path, contentType, width: null, height: null, frames: null };
}

async function writeNew(path: string, bytes: Buffer): Promise<void> {
  const file = await openNew(path);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

/** Never through a link, never over a file: the folder is the model's to write to as well. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new BadAnswer('output-taken', "the model's folder has a file in the place of its own answer");
    throw error;
  }
}

function kindOf(contentType: string): ClaimedFile['kind'] {
  const [major] = contentType.split('/');
  return major === 'video' || major === 'image' || major === 'audio' || major === 'text' ? major : 'file';
}

function extensionOf(contentType: string): string {
  return EXTENSIONS[contentType] ?? 'bin';
}
