/** The lock can be installed anywhere: it lists every platform's packages, none of which demands a newer Node than Debian's, and no host. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Locked {
  readonly optional?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly engines?: { readonly node?: string };
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};

/** Where Node would find a package that one at `from` names: beside it, or in any folder above. */
function placesOf(name: string, from: string): string[] {
  const folders = [...from.matchAll(/node_modules\//g)].map((match) => from.slice(0, match.index));
  return [`${from}/node_modules/${name}`, ...folders.map((folder) => `${folder}node_modules/${name}`)];
}

it('lists every optional package that a locked package names', () => {
  const named = Object.entries(packages).flatMap(([from, locked]) =>
    Object.keys(locked.optionalDependencies ?? {}).map((name) => ({ name, from })),
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ name, from }) => placesOf(name, from).every((place) => packages[place] === undefined))).toEqual([]);
});

it('has digests for Linux on x86-64, and no address of a host', () => {
  const linux = Object.entries(packages).filter(([, { os, cpu }]) => os?.includes('linux') && cpu?.includes('x64'));
  expect(linux.filter(([name, { integrity }]) => integrity === undefined && !name.includes('musl'))).toEqual([]);
  expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([]);
});

it('holds no native package that npm would skip on an old Node', () => {
  const demanding = Object.entries(packages).filter(([, { optional, os, engines }]) => {
    const oldest = Number(/\d+/.exec(engines?.node ?? '0')?.[0]);
    return optional === true && os?.includes('linux') && oldest > 18;
  });
  expect(demanding.map(([name]) => name)).toEqual([]);
});
