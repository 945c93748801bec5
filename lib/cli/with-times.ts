/**
 * The text of a spec with the times of its trace in the place of the file's name, so that it stands alone. Called by submitted-spec.ts. All
 * times go into the line that named the file: every other line, and so every place that a problem names, stays as the user wrote it.
 */
import { BakeoffError } from '../core/errors.ts';
import { MAX_SPEC_BYTES, readSpecDocument } from '../core/parse-spec-document.ts';
import { isMapping } from '../core/parse-spec-later.ts';
import { traceFileOf } from '../core/parse-spec.ts';

/** A key and its value on one line: plain, or in quotes of either kind. */
const KEY_AND_VALUE =
  /(["']?)file\1(\s*:\s*)("(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s,{}[\]"'|>&*!][^,{}\n]*?)(?=\s*(?:,|}|\n|\r|$|\s#))/y;

/** Throws `trace-not-replaced` where the file is named in a way that is not plain, and `trace-too-long`. */
export function withTimes(text: string, timesMs: readonly number[]): string {
  KEY_AND_VALUE.lastIndex = offsetOfKey(text);
  const replaced = text.replace(
    KEY_AND_VALUE,
    (_, quote: string, colon: string) => `${quote}timesMs${quote}${colon}${JSON.stringify(timesMs)}`,
  );
  const bytes = Buffer.byteLength(replaced);
  if (bytes > MAX_SPEC_BYTES) {
    throw new BakeoffError({
      code: 'trace-too-long',
      message: `with the ${timesMs.length} times of its trace the spec has ${bytes} bytes, and ${MAX_SPEC_BYTES} are allowed`,
      remedy: 'Cut the trace, or give its times fewer digits.',
    });
  }
  if (hasTimes(replaced, timesMs)) return replaced;
  const file = traceFileOf(text) ?? '';
  throw new BakeoffError({
    code: 'trace-not-replaced',
    message: `the file ${JSON.stringify(file)} could not be replaced by its times in the text of the spec`,
    remedy: `Write "file: ${file}" in one line, without anchors.`,
  });
}

function offsetOfKey(text: string): number {
  const { line, column } = readSpecDocument(text).positionOf(['load', 'file'], true);
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}

function hasTimes(text: string, timesMs: readonly number[]): boolean {
  const { data } = readSpecDocument(text);
  if (!isMapping(data) || !isMapping(data.load) || Object.hasOwn(data.load, 'file')) return false;
  const { timesMs: found } = data.load;
  return Array.isArray(found) && found.length === timesMs.length && found.every((timeMs, index) => timeMs === timesMs[index]);
}
