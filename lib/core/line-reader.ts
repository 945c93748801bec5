/** Lines of a text that comes in pieces, with their numbers. Used by the verbs that read anybody's files line by line. */
import { BakeoffError } from './errors.ts';

export interface LineReader {
  readonly write: (piece: string) => void;
  readonly end: () => void;
}

/** No line of a sane file is longer; memory is bounded by it. */
const MAX_LINE = 1 << 25;

/** Calls `onLine` with each line without its end (`\n` or `\r\n`), from 1. A last line without an end counts, an empty rest does not. */
export function lineReader(onLine: (text: string, line: number) => void): LineReader {
  let rest = '';
  let line = 0;
  const emit = (text: string): void => {
    line++;
    onLine(text.endsWith('\r') ? text.slice(0, -1) : text, line);
  };
  return {
    write: (piece) => {
      const text = rest + piece;
      let start = 0;
      for (let end = text.indexOf('\n', rest.length); end !== -1; end = text.indexOf('\n', start)) {
        emit(text.slice(start, end));
        start = end + 1;
      }
      rest = text.slice(start);
      if (rest.length > MAX_LINE) {
        throw new BakeoffError({
          code: 'line-too-long',
          message: `line ${line + 1} is longer than ${MAX_LINE} characters`,
          remedy: 'Give a file with one row a line.',
        });
      }
    },
    end: () => {
      if (rest !== '') emit(rest);
      rest = '';
    },
  };
}
