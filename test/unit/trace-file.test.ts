/** Files of recorded times: what is read, what is refused and by which line, and how they get into a spec. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrace } from '../../lib/cli/read-trace.ts';
import { withTimes } from '../../lib/cli/with-times.ts';
import { MAX_TRACE_BYTES, parseTraceFile, type TraceFile } from '../../lib/core/load/trace-file.ts';
import { traceFileOf } from '../../lib/core/parse-spec.ts';

const read = (text: string): TraceFile => parseTraceFile(new TextEncoder().encode(text));
const faultsOf = (trace: TraceFile | undefined) => (trace === undefined || trace.ok ? [] : trace.faults);

describe('a file of times', () => {
  it('has one a line, in seconds from the start; comments, empty lines and spaces around it do not count', () => {
    expect(read('# Monday\n\n0\n 0.184 # first\n0.184\r\n1.73\n')).toEqual({ ok: true, timesMs: [0, 184, 184, 1730] });
  });

  it('is read to the microsecond, without the noise of binary fractions', () => {
    expect(read('0.1\n0.3\n1.1234567\n')).toEqual({ ok: true, timesMs: [100, 300, 1123.457] });
  });

  it('subtracts nothing: a first time of 12.5 s is 12.5 s after the start', () => {
    expect(read('12.5')).toEqual({ ok: true, timesMs: [12_500] });
  });

  it('gives back whatever ascending whole milliseconds are written into it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 50 }), (drawn) => {
        const timesMs = drawn.toSorted((a, b) => a - b);
        expect(read(timesMs.map((timeMs) => `${(timeMs / 1000).toFixed(3)}\n`).join(''))).toEqual({ ok: true, timesMs });
      }),
    );
  });

  it('is refused with every bad line at once, each by its number', () => {
    const faults = faultsOf(read('0\nsoon\n5\n4.9\n-1\n1e3\n0x10\nInfinity\n604801\n1 2\n5,5\n'));

    expect(faults.map(({ code, detail, seen }) => `${code} ${detail} ${seen}`)).toEqual([
      'trace-line-invalid line 2 "soon"',
      'trace-not-ascending line 4 "4.9"',
      'trace-line-invalid line 5 "-1"',
      'trace-line-invalid line 6 "1e3"',
      'trace-line-invalid line 7 "0x10"',
      'trace-line-invalid line 8 "Infinity"',
      'trace-line-invalid line 9 "604801"',
      'trace-line-invalid line 10 "1 2"',
      'trace-line-invalid line 11 "5,5"',
    ]);
  });

  it('tells no more than twenty faults, however many it has', () => {
    expect(faultsOf(read('x\n'.repeat(50_000)))).toHaveLength(20);
  });

  it.each([
    ['nothing but comments', '# a\n\n', 'trace-without-times'],
    ['too many times', '1\n'.repeat(100_001), 'trace-too-long'],
    ['too many bytes', '#'.repeat(MAX_TRACE_BYTES + 1), 'trace-too-long'],
  ])('is refused with %s', (_, text, code) => {
    expect(faultsOf(read(text))).toMatchObject([{ code }]);
  });

  it('never throws, whatever the bytes, and shows control signs escaped', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const trace = parseTraceFile(bytes);
        expect(trace.ok || trace.faults.length > 0).toBe(true);
      }),
    );
    expect(faultsOf(read('\u001b[31m1'))[0]?.seen).toBe('"\\u001b[31m1"');
    expect(faultsOf(parseTraceFile(new Uint8Array([0x31, 0xff])))).toMatchObject([{ code: 'trace-file-unusable' }]);
  });
});

describe('the file that a spec names', () => {
  let folder = '';
  const spec = (file: string) => `load: { mode: trace, file: ${JSON.stringify(file)} }`;
  const codesOf = async (file: string) => faultsOf(await readTrace(spec(file), join(folder, 'specs'))).map(({ code }) => code);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bakeoff-trace-'));
    await mkdir(join(folder, 'specs/below'), { recursive: true });
    await writeFile(join(folder, 'secret.txt'), '1\n');
    await writeFile(join(folder, 'specs/..times.txt'), '3\n');
    await writeFile(join(folder, 'specs/below/times.txt'), '1\n2\n');
    await symlink(join(folder, 'secret.txt'), join(folder, 'specs/link.txt'));
    await symlink(join(folder, 'specs/below/times.txt'), join(folder, 'specs/inside.txt'));
    await symlink('loop.txt', join(folder, 'specs/loop.txt'));
    execFileSync('mkfifo', [join(folder, 'specs/pipe')]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['below/times.txt', './below/../below/times.txt', 'inside.txt'])('is read from the folder or below: %s', async (file) => {
    expect(await readTrace(spec(file), join(folder, 'specs'))).toEqual({ ok: true, timesMs: [1000, 2000] });
  });

  it('may begin with two dots', async () => {
    expect(await readTrace(spec('..times.txt'), join(folder, 'specs'))).toEqual({ ok: true, timesMs: [3000] });
  });

  it.each(['../secret.txt', 'below/../../secret.txt', '/etc/hostname', 'link.txt', '.', '..'])(
    'is refused outside of it: %s',
    async (file) => {
      expect(await codesOf(file)).toEqual(['trace-file-outside']);
    },
  );

  it.each(['nowhere.txt', 'below', 'below/times.txt/x', 'loop.txt', 'pipe', 'a\0b', 'x'.repeat(300)])(
    'is refused as unusable, and nothing waits for it: %j',
    async (file) => {
      expect(await codesOf(file)).toEqual(['trace-file-unusable']);
    },
  );

  it('is not looked for where the spec names none', async () => {
    for (const text of [
      'load: { mode: closed, file: a }',
      'load: { mode: trace, file: a, timesMs: [1] }',
      'load: [',
      'x',
      'load: { mode: trace, file: [a] }',
    ])
      expect(await readTrace(text, folder)).toBeUndefined();
  });
});

describe('the times in a submitted spec', () => {
  it.each([
    ['load:\n  mode: trace\n  file: a.txt\n  grace: 5s\n', 'load:\n  mode: trace\n  timesMs: [0,12.5]\n  grace: 5s\n'],
    ['load: { mode: trace, file: a b.txt }\nname: x\n', 'load: { mode: trace, timesMs: [0,12.5] }\nname: x\n'],
    ['load: { file: "a \\"b\\".txt", mode: trace } # file: c\n', 'load: { timesMs: [0,12.5], mode: trace } # file: c\n'],
    [
      "items: [{ file: a.txt }]\nload: { mode: trace, file: 'a.txt'}\n",
      'items: [{ file: a.txt }]\nload: { mode: trace, timesMs: [0,12.5]}\n',
    ],
    ['{"load": {\r\n"mode": "trace",\r\n"file": "a.txt"\r\n}}', '{"load": {\r\n"mode": "trace",\r\n"timesMs": [0,12.5]\r\n}}'],
    ['load:\n  file: a.txt # ours\n  mode: trace\n', 'load:\n  timesMs: [0,12.5] # ours\n  mode: trace\n'],
  ])('stand where the file was named, in its line: %j', (text, expected) => {
    expect(traceFileOf(text)).not.toBeNull();
    expect(withTimes(text, [0, 12.5])).toBe(expected);
  });

  it.each([
    'load:\n  mode: trace\n  file: >-\n    a.txt\n',
    'load: { mode: trace, file: &f a.txt }\nname: *f\n',
    '{"load": {"mode": "trace", "f\\u0069le": "a.txt"}}',
  ])('are refused where they cannot be put in: %j', (text) => {
    expect(() => withTimes(text, [1])).toThrow(expect.objectContaining({ code: 'trace-not-replaced' }));
  });

  it('are refused when they make the spec too long to send', () => {
    const times = Array.from({ length: 100_000 }, (_, index) => 100_000_000.5 + index);
    expect(() => withTimes('load: { mode: trace, file: a.txt }\n', times)).toThrow(expect.objectContaining({ code: 'trace-too-long' }));
  });
});
