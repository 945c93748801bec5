/** How errors end: exit codes by kind, one line for what nobody expected, and text that stays inside the terminal. */
import { describe, expect, test } from 'vitest';
import { printError } from '../../lib/cli/print-error.ts';
import { alignColumns, safeText, wrapText } from '../../lib/cli/wrap-text.ts';
import { BakeoffError, type ErrorKind } from '../../lib/core/errors.ts';

function print(thrown: unknown, options = { json: false, debug: false }) {
  const written = { stdout: '', stderr: '' };
  const stdout = {
    write: (text: string) => {
      written.stdout += text;
    },
  };
  const stderr = {
    write: (text: string) => {
      written.stderr += text;
    },
  };
  return { exitCode: printError(thrown, { stdout, stderr, columns: 80 }, options), ...written };
}

const systemError = (code: string) => Object.assign(new Error(`${code}: refused, write '/runs/a'`), { code });

describe('the exit code', () => {
  test.each<[ErrorKind, number]>([
    ['usage', 2],
    ['incomplete', 3],
    ['environment', 4],
    ['internal', 1],
  ])('of an error of kind %s is %i', (kind, exitCode) => {
    expect(print(new BakeoffError({ code: 'x', message: 'm', remedy: 'r', kind })).exitCode).toBe(exitCode);
  });

  test.each([
    ['ENOSPC', 'disk-full'],
    ['EACCES', 'not-permitted'],
    ['EMFILE', 'too-many-open-files'],
  ])('of %s from the operating system is 4', (code, told) => {
    const { exitCode, stderr } = print(systemError(code));
    expect(exitCode).toBe(4);
    expect(stderr).toContain(`error[${told}]: ${code}: refused, write '/runs/a'`);
  });
});

describe('what nobody expected', () => {
  test('is one line with a remedy', () => {
    expect(print(new TypeError('x is not a function\n    at somewhere'))).toEqual({
      exitCode: 1,
      stdout: '',
      stderr:
        'error[unexpected]: an unexpected error: x is not a function\n  fix: Run again with BAKEOFF_DEBUG=1 and report what it prints as a bug.\n',
    });
  });

  test('may be anything that can be thrown', () => {
    expect(print(undefined).exitCode).toBe(1);
    expect(print('text').stderr).toContain('an unexpected error: text');
  });

  test('shows its stack and that of its cause with BAKEOFF_DEBUG=1', () => {
    const { stderr } = print(new RangeError('deep'), { json: false, debug: true });
    expect(stderr).toMatch(/caused by RangeError: deep\n\s+at /);
  });

  test('is one document with --json', () => {
    const { stdout, stderr } = print(new Error('x'), { json: true, debug: false });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'unexpected', message: 'an unexpected error: x', remedy: expect.any(String) } });
  });
});

describe('text for the terminal', () => {
  test('shows control and direction signs instead of sending them', () => {
    expect(safeText('a\u001b[2Jb\u202ec\u0000')).toBe('a\\u{1b}[2Jb\\u{202e}c\\u{0}');
    expect(safeText('two\nlines\tand more')).toBe('two lines and more');
    expect(safeText('Größe 猫 ✓')).toBe('Größe 猫 ✓');
  });

  test('wraps at spaces and keeps long words whole', () => {
    expect(wrapText('aa bb cc dd', 6, '', '  ')).toBe('aa bb\n  cc\n  dd');
    expect(wrapText(`see ${'x'.repeat(20)} there`, 10, '', '  ')).toBe(`see\n  ${'x'.repeat(20)}\n  there`);
  });

  test('aligns columns', () => {
    expect(
      alignColumns([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toEqual(['a    bb  c', 'aaa  b']);
  });
});
