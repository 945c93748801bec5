/** Published composites: constants and totals to the last published digit, and no total without every dimension. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dimensionsOf, type Profile } from '../../lib/core/profiles/profile.ts';
import { type ProfileTableOptions, profileTable } from '../../lib/core/profiles/profile-table.ts';
import { findProfile, PROFILES } from '../../lib/core/profiles/profiles.ts';
import { describePublished } from './published-data.ts';

const T2V = findProfile('vbench-t2v');
const profiles = [...PROFILES.values()];

function scored(text: string, changes: Partial<ProfileTableOptions> = {}) {
  const table = profileTable({ profile: T2V, scale: 'fraction', ignore: [], ...changes });
  table.write(text);
  const { count, row, warnings } = table.end();
  return { rows: Array.from({ length: count }, (_, index) => row(index)), warnings };
}

/** The result of one row of fractions; null leaves its cell empty. */
function scoreOf(profile: Profile, rawOf: (dimension: string) => number | null) {
  const names = dimensionsOf(profile);
  return scored(`model,${names.join(',')}\nm,${names.map((name) => rawOf(name) ?? '').join(',')}\n`, { profile }).rows[0] ?? {};
}

/** A file of one model with the same raw value everywhere. */
function uniform(profile: Profile, value: string): string {
  const names = dimensionsOf(profile);
  return `model,${names.join(',')}\nm,${names.map(() => value).join(',')}\n`;
}

describePublished('vbench-t2v-scores.csv', (text) => {
  const [head = '', ...lines] = text.trim().split('\r\n');
  const extra = head.split(',').slice(17);
  const rows = lines.map((line) => line.split(','));

  it('gives group scores to the fourth decimal and totals as the papers print them', () => {
    const { rows: results } = scored(text, { scale: 'percent', ignore: extra });

    expect(results.length).toBe(rows.length);
    for (const [index, row] of rows.entries()) {
      const { model, quality, semantic, total } = results[index] ?? {};
      expect(model).toBe(row[0]);
      const four = [quality, semantic, total].map((value) => Number(value).toFixed(4));
      expect(four).toEqual(row.slice(17, 20));
      if (row[20] !== '') expect(Number(total).toFixed(2)).toBe(row[20]);
    }
  });

  it('gives the same from fractions, a hundredth of it', () => {
    const percent = scored(text, { scale: 'percent', ignore: extra }).rows;
    const fractions = [
      head,
      ...rows.map((row) => row.map((cell, at) => (at > 0 && at < 17 ? String(Number(cell) / 100) : cell)).join(',')),
    ];
    for (const [index, row] of scored(fractions.join('\n'), { ignore: extra }).rows.entries()) {
      expect(row.total).toBeCloseTo(Number(percent[index]?.total) / 100, 14);
    }
  });
});

describePublished('vbench-constants.json', (text) => {
  const { t2v, i2v, vbench2 } = JSON.parse(text);
  const flat = (profile: Profile) => Object.assign({}, ...profile.groups.map(({ dimensions }) => dimensions));

  it('holds the bounds, weights and groups of vbench-t2v and vbench-i2v', () => {
    for (const [name, { group, ...bounds }] of Object.entries<{ group: string }>(t2v.dims)) {
      expect(T2V.groups.find((candidate) => candidate.name === group)?.dimensions[name]).toEqual(bounds);
    }
    expect(Object.keys(t2v.dims).sort()).toEqual(dimensionsOf(T2V).sort());
    expect(flat(findProfile('vbench-i2v'))).toEqual(i2v.dims);
  });

  it('divides by 6.5, 2.1 and 5.5, and weighs quality four times', () => {
    const weights = profiles.flatMap(({ groups }) =>
      groups.map((group) => [group.name, Object.values(group.dimensions).reduce((sum, { weight }) => sum + weight, 0)]),
    );
    expect(weights.slice(0, 4)).toEqual([
      ['quality', 6.5],
      ['semantic', 9],
      ['i2v_score', expect.closeTo(2.1, 12)],
      ['quality', 5.5],
    ]);
    expect(T2V.groups.map(({ weight }) => weight)).toEqual([4, 1]);
  });

  it('holds the groups of vbench-2.0', () => {
    const groups = findProfile('vbench-2.0').groups.map(({ name, dimensions }) => [name, Object.keys(dimensions)]);
    expect(Object.fromEntries(groups)).toEqual(vbench2.groups);
  });

  it('does not clamp, and shows what the official script makes of a missing dimension', () => {
    const quality = T2V.groups[0]?.dimensions ?? {};
    const atZero = Object.fromEntries(Object.entries(quality).map(([name, { min, max }]) => [name, (0 - min) / (max - min)]));
    expect(atZero).toMatchObject({
      subject_consistency: expect.closeTo(-0.1712, 4),
      background_consistency: expect.closeTo(-0.3541, 4),
      temporal_flickering: expect.closeTo(-1.6976, 4),
      motion_smoothness: expect.closeTo(-2.422, 4),
    });
    expect(scoreOf(T2V, () => 1).quality).toBeGreaterThan(1);
  });
});

describePublished('mlperf-rules.json', (text) => {
  const { accuracy } = JSON.parse(text).wan22_t2v;

  it('is the mean of the six raw dimensions', () => {
    const profile = findProfile('mlperf-wan22');
    expect(dimensionsOf(profile)).toEqual(accuracy.dims);
    const values = accuracy.dims.map((_: string, index: number) => 10 * (index + 1));
    const { rows } = scored(`model,${accuracy.dims.join(',')}\nwan,${values.join(',')}\n`, { profile, scale: 'percent' });
    expect(rows).toEqual([{ model: 'wan', total: expect.closeTo(35, 12) }]);
  });
});

describe('every profile', () => {
  it.each(profiles)('$name refuses the total when any one dimension is missing, and names it', (profile) => {
    for (const missing of dimensionsOf(profile)) {
      const score = scoreOf(profile, (dimension) => (dimension === missing ? null : 0.5));
      expect(score).toMatchObject({ total: null, reason: `missing: ${missing}` });
      if (!profile.hasSubtotals) continue;
      const without = profile.groups.find(({ dimensions }) => missing in dimensions)?.name;
      expect(Object.entries(score).filter(([, value]) => value === null)).toEqual([
        [without, null],
        ['total', null],
      ]);
    }
  });

  it.each(profiles)('$name grows with each dimension, and the order of columns and rows does not matter', (profile) => {
    const names = dimensionsOf(profile);
    const value = fc.double({ min: 0, max: 0.99, noNaN: true });
    const values = fc.array(value, { minLength: names.length, maxLength: names.length });
    const property = fc.property(
      values,
      fc.nat(names.length - 1),
      fc.shuffledSubarray(names, { minLength: names.length }),
      (raw, at, order) => {
        const rawOf = (dimension: string) => raw[names.indexOf(dimension)] ?? 0;
        const { total } = scoreOf(profile, rawOf);
        const raised = scoreOf(profile, (dimension) => rawOf(dimension) + (dimension === names[at] ? 0.01 : 0)).total;
        expect(raised).toBeGreaterThan(Number(total));
        const { rows } = scored(`${[...order, 'model'].join(',')}\n${[...order.map(rawOf), 'm'].join(',')}\n`, { profile });
        expect(rows[0]?.total).toBe(total);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  it.each(profiles)('$name says its formula, version and source', (profile) => {
    expect(profile.version).toMatch(/^\d+$/);
    expect(profile.formula).toContain('total = ');
    expect(profile.source).toMatch(/ [0-9a-f]{12}: /);
  });
});

describe('a file of raw dimensions', () => {
  const names = dimensionsOf(T2V).join(',');

  it('takes headers in the spelling of leaderboards', () => {
    const profile = findProfile('vbench-2.0');
    const spelt = dimensionsOf(profile).map((name) => name.replaceAll(/[ -]/g, '_').toLowerCase());
    const text = `model,${spelt.join(',')}\nm,${spelt.map(() => '0.5').join(',')}\n`;
    expect(scored(text, { profile }).rows[0]?.total).toBe(0.5);
  });

  it('leaves the total out when a cell is empty or a column is absent', () => {
    const cells = dimensionsOf(T2V).map((name) => (name === 'color' ? '' : '0.5'));
    expect(scored(`model,${names}\nm,${cells.join(',')}\n`).rows[0]).toMatchObject({ total: null, reason: 'missing: color' });
    expect(scored('model,color\nm,0.5\n').rows[0]).toMatchObject({ total: null, quality: null, semantic: null });
  });

  it.each([
    ['model,colour\nm,0.5\n', 'line 1: unknown column "colour"; did you mean "color"?'],
    ['color\n0.5\n', 'line 1: there is no column "model"'],
    ['model,color,Color\nm,0.5,0.5\n', 'line 1, column "Color": color has a column already'],
    ['model,color\nm,1.2\n', 'line 2, column "color": 1.2 is not within 0 to 1 (is the file in percent?)'],
    ['model,color\nm,-0.1\n', 'line 2, column "color": -0.1 is not within 0 to 1'],
    ['model,color\nm,0.5\n\nm,0.5\n', 'line 4, column "model": "m" has a row already'],
    ['model,color\n ,0.5\nn,NaN\n', 'line 2, column "model": the name is empty; line 3, column "color": "NaN" is no finite'],
    ['model,color\n', 'the file holds no rows'],
  ])('%j is refused by line and column', (text, message) => {
    expect(() => scored(text)).toThrow(message);
  });

  it('warns of fractions that are read as percent', () => {
    expect(scored(uniform(T2V, '0.5'), { scale: 'percent' }).warnings).toEqual([expect.stringContaining('--scale fraction')]);
    expect(scored(uniform(T2V, '50'), { scale: 'percent' }).warnings).toEqual([]);
  });

  it('is refused under an unknown profile, with the nearest', () => {
    expect(() => findProfile('vbench-20')).toThrow('did you mean vbench-2.0?');
  });
});
