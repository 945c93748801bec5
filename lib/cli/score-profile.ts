/** `bakeoff score profile NAME [FILE]`: a published composite for every row of a CSV file, or what the composite is made of. */
import { countNoun } from '../core/count-noun.ts';
import { type Profile, dimensionsOf } from '../core/profiles/profile.ts';
import { type ProfileResult, profileTable, type Scale } from '../core/profiles/profile-table.ts';
import { findProfile } from '../core/profiles/profiles.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { optionList } from './option-list.ts';
import { readText } from './read-text.ts';
import { writeJsonRows } from './write-json-rows.ts';
import { alignColumns, safeText, wrapText } from './wrap-text.ts';

export async function scoreProfileVerb(
  args: readonly string[],
  options: CommonOptions & Record<string, unknown>,
  io: VerbIo,
): Promise<ExitCode> {
  const [name = '', file] = args;
  const profile = findProfile(name);
  if (file === undefined) {
    if (options.json) writeJson(io, profile);
    else io.stdout.write(`${describe(profile, io.columns).join('\n')}\n`);
    return 0;
  }
  const scale: Scale = options.scale === 'percent' ? 'percent' : 'fraction';
  const table = profileTable({ profile, scale, ignore: optionList(options.ignore) });
  for await (const text of readText(file, io)) table.write(text);
  const result = table.end();
  if (options.json) writeJsonRows(io, null, result);
  else io.stdout.write(`${layOut(profile, result, scale, io.columns).join('\n')}\n`);
  for (const warning of result.warnings) io.stderr.write(`${wrapText(`warning: ${warning}`, io.columns, '', '  ')}\n`);
  return 0;
}

function describe(profile: Profile, columns: number): string[] {
  const facts = [
    ['profile', `${profile.name}, version ${profile.version}: ${profile.title}`],
    ['formula', profile.formula],
    ['source', profile.source],
  ];
  const rows = profile.groups.flatMap((group) =>
    Object.entries(group.dimensions).map(([name, { min, max, weight }]) => [name, group.name, String(min), String(max), String(weight)]),
  );
  return [
    ...facts.map(([name = '', text = '']) => wrapText(text, columns, name.padEnd(9), ' '.repeat(9))),
    '',
    ...alignColumns([['DIMENSION', 'GROUP', 'MIN', 'MAX', 'WEIGHT'], ...rows]),
  ];
}

/** A table, or where that is too wide a paragraph for each model. */
function layOut(profile: Profile, result: ProfileResult, scale: Scale, columns: number): string[] {
  const rows = Array.from({ length: result.count }, (_, index) => result.row(index));
  const figures = [...(profile.hasSubtotals ? profile.groups.map(({ name }) => name) : []), 'total'];
  const digits = scale === 'percent' ? 2 : 4;
  const shown = (value: unknown): string => (typeof value === 'number' ? value.toFixed(digits) : '-');
  const cells = rows.map((row) => [safeText(String(row.model)), ...figures.map((figure) => shown(row[figure]))]);
  const lines = alignColumns([['MODEL', ...figures.map((figure) => figure.toUpperCase())], ...cells]);
  const fits = lines.every((line) => line.length <= columns);
  const paragraphs = cells.map(([model = '', ...values]) =>
    wrapText(`${model}: ${figures.map((figure, index) => `${figure} ${values[index] ?? '-'}`).join(', ')}`, columns, '', '  '),
  );
  const without = rows.filter(({ total }) => total === null);
  return [
    ...(fits ? lines : paragraphs),
    '',
    ...without.map(({ model, reason }) => wrapText(`${model} has no total; ${reason}`, columns, '', '  ')),
    wrapText(
      `${profile.name}, version ${profile.version}, ${countNoun(dimensionsOf(profile).length, 'dimension')}; in ${unitOf(scale)}`,
      columns,
      '',
      '  ',
    ),
  ];
}

function unitOf(scale: Scale): string {
  return scale === 'percent' ? 'percent' : 'fractions of 1';
}
