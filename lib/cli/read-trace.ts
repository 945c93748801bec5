/**
 * Reads the file of times that a spec names: only one of the spec's folder or below, only a plain file, and no more of it than a spec can
 * hold. Called by load-spec.ts and submitted-spec.ts. What is wrong comes back as a value, for the parser to tell with its place.
 */
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { MAX_TRACE_BYTES, parseTraceFile, refusedTrace, type TraceFile } from '../core/load/trace-file.ts';
import { traceFileOf } from '../core/parse-spec.ts';

/** Undefined where the spec names no file. Never throws. */
export async function readTrace(source: string | Uint8Array, specFolder: string): Promise<TraceFile | undefined> {
  const file = traceFileOf(source);
  if (file === null) return undefined;
  if (!isInside(specFolder, resolve(specFolder, file)) || isAbsolute(file)) return refusedTrace({ code: 'trace-file-outside' });
  try {
    const target = await realpath(resolve(specFolder, file));
    // A link that leads out of the folder is no way round.
    if (!isInside(await realpath(specFolder), target)) return refusedTrace({ code: 'trace-file-outside' });
    return await readPlainFile(target);
  } catch (thrown) {
    return refusedTrace({ code: 'trace-file-unusable', detail: reasonOf(thrown) });
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

/** Opened without waiting: nobody may ever write into a pipe. */
async function readPlainFile(path: string): Promise<TraceFile> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return refusedTrace({ code: 'trace-file-unusable', detail: 'it is no plain file' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.createReadStream({ end: MAX_TRACE_BYTES, autoClose: false })) chunks.push(chunk);
    return parseTraceFile(Buffer.concat(chunks));
  } finally {
    await file.close();
  }
}

function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'this user may not read it';
  return code === 'ERR_INVALID_ARG_VALUE' ? 'its name holds a NUL' : messageOf(thrown);
}
