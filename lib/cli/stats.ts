/** `bakeoff stats FILE`: mean, spread and percentiles of one number a line, with intervals; `--power`: what so many numbers can resolve. */
import { numberLines } from '../core/measures/number-lines.ts';
import { type NumberSummary, type PowerPlan, summariseNumbers } from '../core/measures/number-summary.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { positiveNumber } from './positive-number.ts';
import { readText } from './read-text.ts';
import { alignColumns, wrapText } from './wrap-text.ts';

export async function statsVerb(args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo): Promise<ExitCode> {
  const [file = ''] = args;
  const power = powerOf(options);
  const lines = numberLines();
  for await (const text of readText(file, io)) lines.write(text);
  const summary = summariseNumbers(lines.end(), power === null ? {} : { power });
  if (options.json) writeJson(io, summary);
  else io.stdout.write(`${layOut(summary, io.columns).join('\n')}\n`);
  return 0;
}

function powerOf(options: Record<string, unknown>) {
  const difference = positiveNumber(options.difference, '--difference', 'the file');
  const precision = positiveNumber(options.precision, '--precision', 'the file');
  return options.power === true || difference !== null || precision !== null ? { difference, precision } : null;
}

function shown(value: number | null): string {
  return value === null ? '-' : String(Number(value.toPrecision(6)));
}

function layOut(summary: NumberSummary, columns: number): string[] {
  const { n, mean, meanReason, ci, ciReason, sd, percentiles, power } = summary;
  const facts = [
    ['n', String(n)],
    ['mean', mean === null ? `none: ${meanReason}` : shown(mean)],
    ['interval', ci === null ? `none: ${ciReason}` : `${shown(ci.low)} to ${shown(ci.high)} (${100 * ci.confidence} %, ${ci.method})`],
    ['sd', shown(sd)],
  ];
  const rows = Object.entries(percentiles).map(([name, { empirical, certified, certifiedReason, empiricalReason }]) => [
    name,
    shown(empirical),
    certified === null ? (certifiedReason ?? '-') : shown(certified),
    empiricalReason ?? '',
  ]);
  return [
    ...facts.map(([name = '', text = '']) => wrapText(text, columns, name.padEnd(10), ' '.repeat(10))),
    '',
    ...alignColumns([['', 'EMPIRICAL', 'CERTIFIED AT 99 %', ''], ...rows]),
    ...(power === undefined ? [] : ['', ...powerLines(power, n, columns)]),
  ];
}

function powerLines(
  { confidence, power, resolvable, forDifference, forPrecision, reason }: PowerPlan,
  n: number,
  columns: number,
): string[] {
  if (reason !== null) return [`power: none: ${reason}`];
  const odds = `${100 * power} % power, ${100 * confidence} % confidence`;
  const sentences = [
    `${n} numbers resolve (${odds}): a mean ${shown(resolvable.paired)} off 0, as of paired differences; ${shown(resolvable.independent)} between two such sets`,
    ...(forDifference === null
      ? []
      : [
          `a difference of ${shown(forDifference.difference)} needs ${forDifference.paired} pairs, or two sets of ${forDifference.independent}`,
        ]),
    ...forPrecision.map(
      ({ halfWidth, n: needed }) => `an interval of ${shown(halfWidth)} to each side of the mean needs ${needed} numbers`,
    ),
  ];
  return sentences.map((sentence) => wrapText(sentence, columns, '', '  '));
}
