/** What an attempt of an open-loop load sends, over all inputs; and requests made ahead of their time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openWork } from '../../lib/driver/open-work.ts';
import { prepareAhead } from '../../lib/driver/prepare-ahead.ts';

const failure = { class: 'model_error', code: 'server-died', message: '' } as const;
const jobs = fc.record({ itemCount: fc.integer({ min: 1, max: 12 }), repeats: fc.integer({ min: 1, max: 4 }) }).chain((size) => {
  const samples = size.itemCount * size.repeats;
  const suspect = fc.record({ ordinal: fc.integer({ min: 0, max: samples - 1 }), deaths: fc.integer({ min: 0, max: 3 }) });
  return fc.record({
    ...{ itemCount: fc.constant(size.itemCount), repeats: fc.constant(size.repeats), arrivals: fc.integer({ min: 1, max: samples }) },
    suspects: fc.uniqueArray(suspect, { selector: (each) => each.ordinal }),
  });
});

describe('the work of an open-loop attempt', () => {
  it('is every arrival at its time, in order of issue, but for what has killed a server', () => {
    fc.assert(
      fc.property(jobs, ({ itemCount, repeats, arrivals, suspects }) => {
        const issued: number[] = [];
        for (let repeat = 0; repeat < repeats; repeat += 1)
          for (let item = 0; item < itemCount; item += 1) issued.push(item * repeats + repeat);
        const due = issued.slice(0, arrivals);
        const deathsOf = new Map(suspects.map(({ ordinal, deaths }) => [ordinal, deaths]));
        const named = suspects.map(({ ordinal, deaths }) => ({ sampleId: `s${ordinal}`, deaths, failure }));
        const timesMs = due.map((_, index) => index * 7);

        const work = openWork({ itemCount, repeats, timesMs, suspects: named, ordinalOf: (id) => Number(id.slice(1)) });

        const bySchedule = due.flatMap((ordinal, index) => ((deathsOf.get(ordinal) ?? 0) === 0 ? [[ordinal, index * 7]] : []));
        expect(work.ordinals.map((ordinal, index) => [ordinal, work.timesMs[index]])).toEqual(bySchedule);
        expect(work.alone).toEqual(due.filter((ordinal) => deathsOf.get(ordinal) === 1));
        expect(work.doomed.map(({ ordinal }) => ordinal)).toEqual(due.filter((ordinal) => (deathsOf.get(ordinal) ?? 0) > 1));
      }),
    );
  });
});

describe('requests made ahead', () => {
  const MIB = 1024 * 1024;

  it.each([
    ['by number', 1, 64],
    ['by size', 20 * MIB, 4],
  ])('are bounded %s, and come in order', async (_how, bytes, most) => {
    const made: number[] = [];
    const ahead = prepareAhead({
      ...{ count: 200, bytesOf: () => bytes },
      prepare: (index) => {
        made.push(index);
        return index;
      },
    });
    await ahead.full();
    expect(made.length).toBe(most);
    const taken: number[] = [];
    for (let index = 0; index < 200; index += 1) {
      taken.push(await ahead.take());
      await ahead.full();
      expect(made.length - taken.length).toBeLessThanOrEqual(most);
    }
    expect(taken).toEqual(Array.from({ length: 200 }, (_, index) => index));
    expect(made).toEqual(taken);
  });

  it('that wait for files are few at a time', async () => {
    let [open, most] = [0, 0];
    const ahead = prepareAhead({
      ...{ count: 100, bytesOf: () => 1 },
      prepare: async (index) => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        return index;
      },
    });
    await ahead.full();
    for (let index = 0; index < 100; index += 1) expect(await ahead.take()).toBe(index);
    expect(most).toBe(4);
  });

  it.each([
    ['later', async () => Promise.reject(new Error('no such file'))],
    [
      'at once',
      () => {
        throw new Error('no such file');
      },
    ],
  ])('that cannot be made, as is found %s, reject when they are taken, and no other does', async (_when, refuse) => {
    const prepare = (index: number): number | Promise<number> => (index === 1 ? refuse() : index);
    const ahead = prepareAhead({ count: 3, bytesOf: () => 1, prepare });
    await ahead.full();
    expect(await ahead.take()).toBe(0);
    await expect(ahead.take()).rejects.toThrow('no such file');
    expect(await ahead.take()).toBe(2);
  });
});
