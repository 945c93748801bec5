/**
 * ANLS* of structured answers (Peer et al., 2024, arXiv:2402.03848), as the authors' implementation defines it: texts by their normalised
 * Levenshtein similarity (below one half it is 0), lists by the best matching of their items, dictionaries by key, `null` by being empty.
 */
import { bestAssignment } from './assignment.ts';
import { areEqual, type JsonTree, type Leaf, NONE } from './json-tree.ts';
import { levenshtein } from './levenshtein.ts';
import { codePoints } from './normalise.ts';
import { collapseSpace } from './white-space.ts';

export const ANLS_STAR_VERSION = '1.0.0';
const THRESHOLD = 0.5;

/** How a truth compares with a prediction: similarities of its leaves, how many leaves they are divided by, the truth that was taken. */
interface Match {
  readonly similarities: readonly number[];
  readonly leaves: number;
  readonly chosen: JsonTree;
}

function mean({ similarities, leaves }: Match): number {
  if (leaves === 0) return 1;
  let sum = 0;
  for (const similarity of similarities) sum += similarity;
  return sum / leaves;
}

/** Leaves of a tree; of a choice the most. An empty list or dictionary has none. */
function leavesOf(tree: JsonTree): number {
  if (tree.kind === 'leaf' || tree.kind === 'none') return 1;
  if (tree.kind === 'one-of') return Math.max(...tree.options.map(leavesOf));
  let sum = 0;
  for (const inner of tree.kind === 'list' ? tree.items : tree.fields.values()) sum += leavesOf(inner);
  return sum;
}

/** No answer: null, an empty text, list or dictionary. */
function isEmpty(tree: JsonTree): boolean {
  if (tree.kind === 'leaf') return tree.number === null && tree.text === '';
  if (tree.kind === 'list') return tree.items.length === 0;
  return tree.kind === 'none' || (tree.kind === 'dict' && tree.fields.size === 0);
}

const symbolsOfLeaf = new WeakMap<Leaf, readonly number[]>();

function symbolsOf(leaf: Leaf): readonly number[] {
  const known = symbolsOfLeaf.get(leaf);
  if (known !== undefined) return known;
  const symbols = codePoints(collapseSpace(leaf.text.toLowerCase()));
  symbolsOfLeaf.set(leaf, symbols);
  return symbols;
}

function textSimilarity(truth: Leaf, prediction: Leaf): number {
  const [a, b] = [symbolsOf(truth), symbolsOf(prediction)];
  const length = Math.max(a.length, b.length);
  const similarity = length === 0 ? 1 : 1 - levenshtein(a, b) / length;
  return similarity < THRESHOLD ? 0 : similarity;
}

/** Nothing agrees: one zero over the leaves of the larger side. */
function mismatch(truth: JsonTree, prediction: JsonTree): Match {
  return { similarities: [0], leaves: Math.max(leavesOf(truth), leavesOf(prediction)), chosen: truth };
}

/** The next double above a similarity: an exact match wins a tie. */
function justAbove(value: number): number {
  const bits = new BigUint64Array(new Float64Array([value]).buffer);
  bits[0] = (bits[0] ?? 0n) + 1n;
  return new Float64Array(bits.buffer)[0] ?? value;
}

function matchLists(truth: JsonTree & { kind: 'list' }, prediction: JsonTree & { kind: 'list' }): Match {
  const matches = truth.items.map((item) => prediction.items.map((other) => compare(item, other)));
  const profits = matches.map((row) =>
    row.map((match, column) => (areEqual(match.chosen, prediction.items[column] ?? NONE) ? justAbove(mean(match)) : mean(match))),
  );
  const pairs = truth.items.length === 0 || prediction.items.length === 0 ? [] : bestAssignment(profits);
  const taken = pairs.flatMap(([row, column]) => {
    const match = matches[row]?.[column];
    return match === undefined ? [] : [{ match, column }];
  });
  const [rows, columns] = [new Set(pairs.map(([row]) => row)), new Set(pairs.map(([, column]) => column))];
  const missed = truth.items.filter((_, row) => !rows.has(row));
  const invented = prediction.items.filter((_, column) => !columns.has(column));
  const leaves = [...taken.map(({ match }) => match.leaves), ...missed.map(leavesOf), ...invented.map(leavesOf)];
  return {
    similarities: taken.flatMap(({ match }) => match.similarities),
    leaves: leaves.reduce((sum, each) => sum + each, 0),
    chosen: { kind: 'list', items: [...taken.toSorted((a, b) => a.column - b.column).map(({ match }) => match.chosen), ...missed] },
  };
}

function matchDictionaries(truth: JsonTree & { kind: 'dict' }, prediction: JsonTree & { kind: 'dict' }): Match {
  const similarities: number[] = [];
  const chosen = new Map<string, JsonTree>();
  let leaves = 0;
  for (const key of new Set([...truth.fields.keys(), ...prediction.fields.keys()])) {
    const [wanted, given] = [truth.fields.get(key), prediction.fields.get(key)];
    const match = compare(wanted ?? NONE, given ?? NONE);
    leaves += match.leaves;
    // A key that the truth lacks, without an answer: it earns nothing, and its leaf is counted.
    if (wanted === undefined && given !== undefined && isEmpty(given)) continue;
    similarities.push(...match.similarities);
    if (given !== undefined || !isEmpty(match.chosen)) chosen.set(key, match.chosen);
  }
  return { similarities, leaves, chosen: { kind: 'dict', fields: chosen } };
}

function bestOption(options: readonly JsonTree[], prediction: JsonTree): Match {
  let best: { readonly match: Match; readonly mean: number; readonly equal: boolean } | null = null;
  for (const option of options) {
    const match = compare(option, prediction);
    const candidate = { match, mean: mean(match), equal: areEqual(match.chosen, prediction) };
    if (best === null || candidate.mean > best.mean || (candidate.mean === best.mean && candidate.equal && !best.equal)) best = candidate;
  }
  return best?.match ?? mismatch(NONE, prediction);
}

function compare(truth: JsonTree, prediction: JsonTree): Match {
  switch (truth.kind) {
    case 'one-of':
      return bestOption(truth.options, prediction);
    case 'list':
      return prediction.kind === 'list' ? matchLists(truth, prediction) : mismatch(truth, prediction);
    case 'dict':
      return prediction.kind === 'dict' ? matchDictionaries(truth, prediction) : mismatch(truth, prediction);
    case 'none': {
      const leaves = Math.max(1, leavesOf(prediction));
      return isEmpty(prediction) ? { similarities: [1], leaves, chosen: prediction } : { similarities: [0], leaves, chosen: NONE };
    }
    case 'leaf':
      if (prediction.kind !== 'leaf') return { ...mismatch(truth, prediction), leaves: Math.max(1, leavesOf(prediction)) };
      return { similarities: [textSimilarity(truth, prediction)], leaves: 1, chosen: truth };
  }
}

function isText(tree: JsonTree): boolean {
  return tree.kind === 'leaf' && tree.number === null;
}

/**
 * From 0 to 1. Several references are alternatives. A single one that is a list of texts stands for alternatives, too, when the prediction is
 * a text: so the authors read data sets of plain questions.
 */
export function anlsStar(prediction: JsonTree, references: readonly JsonTree[]): number {
  const [only] = references;
  const isPlainQuestion =
    references.length === 1 && only?.kind === 'list' && only.items.every(isText) && isText(prediction) && only.items.length > 0;
  const options = isPlainQuestion ? only.items : references;
  return mean(compare({ kind: 'one-of', options }, prediction));
}
