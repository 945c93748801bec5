/**
 * Random texts from a published seed for differential tests: words that repeat, and characters that trip implementations up (combining marks,
 * CJK, emoji, right-to-left, controls, every kind of white space, entities, nothing at all). All assigned in Unicode 14, which Python 3.11 knows.
 */
import { createRandomStream } from '../../lib/core/measures/random.ts';

const WORDS =
  'the a cat dog sat on mat Invoice total 12.50 1,000 3-4 it\'s e.g. U.S. naïve café Straße ΣΟΦΟΣ İstanbul (yes) "no" end.'.split(' ');
const PIECES = [
  ...[
    'e\u0301',
    'o\u0308',
    'क्षि',
    '\u0301',
    'ﬁ',
    'ß',
    'Σ',
    'ς',
    'İ',
    'ǅ',
    '中文',
    '日本',
    '한국어',
    '。',
    '、',
    '「',
    'א',
    'שלום',
    'مرحبا',
    '\u200f',
    '\u200d',
    '\u200b',
    '\ufeff',
  ],
  ...[
    '😀',
    '👩‍👩‍👧',
    '🇩🇪',
    '𝒳',
    '&amp;',
    '&quot;',
    '&lt;b&gt;',
    '<skipped>',
    '-\n',
    '\n',
    '\t',
    '\u00a0',
    '\u2003',
    '\u3000',
    '\u0085',
    '\u001c',
    '\u2028',
    '\u0007',
    '\u007f',
  ],
  ...[
    '.',
    ',',
    '..',
    '-',
    '--',
    '3.',
    ',5',
    '5,',
    '/',
    '\\',
    '`',
    '~',
    "'",
    '$500',
    '#',
    '%',
    '[x]',
    '{',
    '|',
    '0',
    '9',
    'x',
    'X',
    ' ',
    '  ',
  ],
];

export interface RandomTexts {
  /** A whole number in [0, limit). */
  readonly below: (limit: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
  readonly text: () => string;
  /** A text, and one made from it by a few changes. */
  readonly pair: () => readonly [string, string];
}

export function randomTexts(label: string): RandomTexts {
  const stream = createRandomStream(label);
  const drawn = new Uint32Array(1);
  const below = (limit: number): number => {
    stream.fillBelow(drawn, limit);
    return drawn[0]!;
  };
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)]!;
  const piece = (): string => (below(3) === 0 ? pick(PIECES) : pick(WORDS));
  const pieces = (): string[] => Array.from({ length: pick([0, 1, 2, 3, 5, 8, 13, 30, 60]) }, piece);
  const join = (parts: readonly string[]): string => parts.map((part) => part + pick([' ', ' ', ' ', '', '  '])).join('');
  const changed = (parts: readonly string[]): string[] =>
    parts.flatMap((part) => {
      const kind = below(8);
      if (kind === 0) return [];
      if (kind === 1) return [part, piece()];
      if (kind === 2) return [piece()];
      return kind === 3 ? [part.toUpperCase()] : [part];
    });
  return {
    below,
    pick,
    text: () => join(pieces()),
    pair: () => {
      const parts = pieces();
      return [join(parts), below(10) === 0 ? join(pieces()) : join(changed(parts))];
    },
  };
}
