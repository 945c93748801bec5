/**
 * What an importer of an older format makes: specs, the suites that they name, and a note of everything that could not be carried over. The importers
 * are pure; files are written by the adapter, specs are put together by assemble-spec.ts.
 */
import type { Task } from '../../builtin-scorers.ts';
import { BakeoffError } from '../../errors.ts';
import type { RegisteredModel } from '../../registry.ts';
import type { DraftItem } from '../draft-item.ts';
import type { RefusedEntry } from '../source-entry.ts';

export const OLD_FORMATS = ['run-plan', 'task-registry', 'run-request', 'regression'] as const;
export type OldFormat = (typeof OLD_FORMATS)[number];

export interface OldContext {
  readonly models: ReadonlyMap<string, RegisteredModel>;
  /** Registered suites with their tasks. */
  readonly suites: ReadonlyMap<string, Task>;
  /** Names of the old file -> ids of models, as the user gives them. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Models for files that name none. */
  readonly otherwise: readonly string[];
  /** The suite for everything that has no items of its own; null: none was given. */
  readonly suite: string | null;
  readonly task: Task | null;
  /** Of the specs; more than one get a suffix each. */
  readonly name: string;
  /** Base name of the file, for the notes. */
  readonly fileName: string;
}

export interface OldSuite {
  /** Its id, and the folder beside the specs. */
  readonly id: string;
  readonly task: Task;
  readonly drafts: readonly (DraftItem | RefusedEntry)[];
}

export interface OldSpec {
  readonly name: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

export interface OldImport {
  readonly specs: readonly OldSpec[];
  readonly suites: readonly OldSuite[];
}

/** Nothing of the file can become a spec. */
export function oldInvalid(message: string, remedy: string, cause?: unknown): BakeoffError {
  return new BakeoffError({ code: 'import-invalid', message, remedy, cause });
}

const TASK_WORDS: readonly (readonly [RegExp, Task])[] = [
  [/t2v|text.?(to|2).?video|video.?gen/i, 'text-to-video'],
  [/ocr|vqa|image.?(to|2).?text|img2txt|caption|vlm|vision/i, 'image-to-text'],
  [/regress|tabular/i, 'tabular-regression'],
];

/** The task that an old name means, or null. */
export function taskOfWords(...words: readonly (string | null | undefined)[]): Task | null {
  for (const word of words) {
    const found = TASK_WORDS.find(([pattern]) => pattern.test(word ?? ''));
    if (found !== undefined) return found[1];
  }
  return null;
}
