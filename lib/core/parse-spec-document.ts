/**
 * From the text of a spec to plain data with positions. The only file of core that knows YAML (1.2, core schema; JSON is a
 * part of it): syntax, anchors, depth and expansion are checked here. Called by parse-spec.ts.
 */
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type YAMLError,
} from 'yaml';
import type { PathStep, ProblemCode, ProblemDraft } from './spec-problem.ts';

export const MAX_SPEC_BYTES = 1_048_576;
const MAX_DEPTH = 32;
const MAX_ALIAS_COUNT = 1000;
const MAX_SYNTAX_PROBLEMS = 20;

export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface PositionedDraft {
  readonly draft: ProblemDraft;
  readonly position: Position;
}

export interface SpecDocument {
  /** Plain data, or undefined when the syntax does not allow to go on. */
  readonly data: unknown;
  readonly problems: readonly PositionedDraft[];
  /** Where a path stands; the nearest enclosing value when the path does not exist. */
  readonly positionOf: (path: readonly PathStep[], atKey: boolean) => Position;
}

const CODE_OF: Readonly<Record<string, ProblemCode>> = {
  TAB_AS_INDENT: 'yaml-tab',
  BAD_INDENT: 'yaml-indentation',
  BLOCK_AS_IMPLICIT_KEY: 'yaml-nested-mapping',
  MISSING_CHAR: 'yaml-unclosed',
  BAD_SCALAR_START: 'yaml-reserved-sign',
  BAD_DQ_ESCAPE: 'yaml-escape',
  BAD_ALIAS: 'yaml-unknown-anchor',
  TAG_RESOLVE_FAILED: 'yaml-tag',
  BAD_DIRECTIVE: 'yaml-directive',
  NON_STRING_KEY: 'yaml-key-not-text',
  RESOURCE_EXHAUSTION: 'document-too-deep',
};

/** Problems after which the data is still worth looking at. */
const SOFT_CODES: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'yaml-duplicate-key',
  'yaml-tag',
  'yaml-directive',
  'yaml-merge-key',
  'reserved-key',
]);

const START: Position = { line: 1, column: 1 };

/** Never throws, whatever the input. */
export function readSpecDocument(input: string | Uint8Array): SpecDocument {
  const refused = (code: ProblemCode, facts: Partial<ProblemDraft> = {}, position: Position = START): SpecDocument => ({
    data: undefined,
    problems: [{ draft: { code, path: [], ...facts }, position }],
    positionOf: () => START,
  });
  const bytes = typeof input === 'string' ? Buffer.byteLength(input) : input.length;
  if (bytes > MAX_SPEC_BYTES) return refused('document-too-large', { seen: `${bytes} bytes`, expected: `at most ${MAX_SPEC_BYTES} bytes` });
  const text = typeof input === 'string' ? input.replace(/^\uFEFF/, '') : decode(input);
  if (text === null) return refused('document-not-utf8');
  const control = findControlCharacter(text);
  if (control !== null) return refused('document-control-character', { seen: control.seen, expected: 'text' }, control.position);
  try {
    return readYaml(text) ?? refused('document-empty', { expected: 'a spec' });
  } catch (thrown) {
    if (thrown instanceof RangeError) return refused('document-too-deep', { expected: `at most ${MAX_DEPTH} levels` });
    return refused('yaml-syntax', { detail: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function findControlCharacter(text: string): { seen: string; position: Position } | null {
  const index = text.search(/(?![\t\n\r\u0085])\p{Cc}/u);
  if (index < 0) return null;
  const before = text.slice(0, index).split('\n');
  const seen = `U+${text.charCodeAt(index).toString(16).toUpperCase().padStart(4, '0')}`;
  return { seen, position: { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } };
}

function readYaml(text: string): SpecDocument | null {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    stringKeys: true,
    uniqueKeys: false, // looked at below: the parser's own check takes quadratic time
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(parsed)) return null;
  const [document, second] = parsed;
  if (document === undefined) return null;
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems: PositionedDraft[] = syntaxProblems(
    parsed.flatMap((each) => [...each.errors, ...each.warnings.filter(isNotAboutTags)]),
    at,
  );
  if (second !== undefined) problems.push({ draft: { code: 'yaml-several-documents', path: [] }, position: at(second.range[0]) });
  if (isNothing(document.contents) && problems.length === 0) return null;
  const isReadable = problems.every(({ draft }) => SOFT_CODES.has(draft.code));
  if (isReadable) problems.push(...structureProblems(document, at));
  const isSound = problems.every(({ draft }) => SOFT_CODES.has(draft.code));
  const data = isSound ? toPlainData(document, problems) : undefined;
  return { data, problems, positionOf: (path, atKey) => at(offsetOf(document, path, atKey)) };
}

function syntaxProblems(errors: readonly YAMLError[], at: (offset: number) => Position): PositionedDraft[] {
  const drafts = errors.map((error): PositionedDraft => {
    const code = CODE_OF[error.code] ?? 'yaml-syntax';
    const detail = code === 'yaml-syntax' ? { detail: error.message } : {};
    return { draft: { code, path: [], ...detail }, position: at(error.pos[0]) };
  });
  // How far the parser came depends on the stack that was left: the place would not be the same twice.
  const isTooDeep = drafts.some(({ draft }) => draft.code === 'document-too-deep');
  return isTooDeep ? [{ draft: { code: 'document-too-deep', path: [] }, position: START }] : drafts.slice(0, MAX_SYNTAX_PROBLEMS);
}

/** `---` alone; a null that is written out is a value. */
function isNothing(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && (contents.source ?? '') === '');
}

/** Tags are looked at node by node, where a warning of the parser would tell the same again. */
function isNotAboutTags(warning: YAMLError): boolean {
  return warning.code !== 'TAG_RESOLVE_FAILED';
}

/** Walks the nodes without recursion: depth, tags, keys, aliases. */
function structureProblems(document: Document.Parsed, at: (offset: number) => Position): PositionedDraft[] {
  const problems: PositionedDraft[] = [];
  const anchors = new Set<string>();
  const add: AddProblem = (code, node, seen) => {
    problems.push({ draft: { code, path: [], ...(seen === undefined ? {} : { seen }) }, position: at(node.range?.[0] ?? 0) });
  };
  const open: { node: unknown; depth: number }[] = [{ node: document.contents, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (isPair(node)) {
      if (isScalar(node.key)) checkKey(node.key, add);
      open.push({ node: node.value, depth }, { node: node.key, depth });
    } else if (isAlias(node)) {
      if (!anchors.has(node.source)) add('yaml-unknown-anchor', node, `*${node.source}`);
    } else if (isCollection(node) || isScalar(node)) {
      if (node.anchor !== undefined) anchors.add(node.anchor);
      if (node.tag !== undefined && !/^tag:yaml\.org,2002:(map|seq|str|int|float|bool|null)$/.test(node.tag))
        add('yaml-tag', node, node.tag);
      if (!isCollection(node)) continue;
      if (isMap(node)) checkUnique(node.items, add);
      if (depth > MAX_DEPTH) {
        add('document-too-deep', node, `${depth} levels`);
        return problems;
      }
      for (const item of [...node.items].reverse()) open.push({ node: item, depth: depth + 1 });
    }
  }
  return problems;
}

type AddProblem = (code: ProblemCode, node: Node, seen?: string) => void;

function checkUnique(pairs: readonly { readonly key: unknown }[], add: AddProblem): void {
  const seen = new Set<string>();
  for (const { key } of pairs) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) add('yaml-duplicate-key', key, JSON.stringify(name.slice(0, 60)));
    seen.add(name);
  }
}

function checkKey(key: { value: unknown } & Node, add: AddProblem): void {
  if (key.value === '<<') add('yaml-merge-key', key, '<<');
  if (key.value === '__proto__' || key.value === 'constructor' || key.value === 'prototype') add('reserved-key', key, key.value);
}

function toPlainData(document: Document.Parsed, problems: PositionedDraft[]): unknown {
  try {
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIAS_COUNT });
    JSON.stringify(data); // throws on an alias that contains itself
    return data;
  } catch (thrown) {
    if (thrown instanceof RangeError) throw thrown;
    problems.push({ draft: { code: 'yaml-alias-expansion', path: [] }, position: START });
    return undefined;
  }
}

function offsetOf(document: Document.Parsed, path: readonly PathStep[], atKey: boolean): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const [index, step] of path.entries()) {
    const collection = isAlias(node) ? node.resolve(document) : node;
    if (isMap(collection)) {
      const pair = collection.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return offset;
      const wantsKey = (atKey && index === path.length - 1) || pair.value === null;
      node = pair.value;
      offset = startOf(wantsKey ? pair.key : pair.value) ?? offset;
    } else if (isSeq(collection) && typeof step === 'number') {
      node = collection.items[step];
      if (node === undefined) return offset;
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) || isAlias(node) ? node.range?.[0] : undefined;
}
