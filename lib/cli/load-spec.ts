/**
 * Reads a spec file and the registry that it is checked against. Called by every verb that takes a SPEC; problems of the spec
 * come back as a value, what is wrong with the machine or a suite's files is thrown.
 */
import { dirname, resolve } from 'node:path';
import { readLocalRegistry } from '../compose/local-registry.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import { oneMachineNotes } from '../core/one-machine-notes.ts';
import { parseSpec, suiteNameOf, suitePathOf } from '../core/parse-spec.ts';
import type { Registry } from '../core/registry.ts';
import type { Spec } from '../core/spec.ts';
import type { SpecProblem } from '../core/spec-problem.ts';
import type { VerbIo } from './io.ts';
import { readDocument } from './read-document.ts';
import { readTrace } from './read-trace.ts';

export type LoadedSpec =
  | {
      readonly ok: true;
      readonly spec: Spec;
      readonly registry: Registry;
      readonly source: Uint8Array;
      readonly path: string;
      /** What the spec asks for that one machine has not, a sentence each. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] };

/** Throws `spec-unreadable`, and the error of a suite whose files are corrupt. */
export async function loadSpec(specPath: string, io: Pick<VerbIo, 'cwd' | 'settings' | 'root'>): Promise<LoadedSpec> {
  const path = resolve(io.cwd, specPath);
  const source = await readSpecFile(path, specPath);
  const suitePath = suitePathOf(source);
  const registry = await readLocalRegistry({
    root: io.root,
    extraModelFolders: io.settings.extraModelFolders,
    suitePaths: suitePath === null ? [] : [{ name: suitePath, folder: resolve(dirname(path), suitePath) }],
  });
  throwSuiteFault(registry, suiteNameOf(source));
  const trace = await readTrace(source, dirname(path));
  const parsed = parseSpec(source, { registry, ...(trace === undefined ? {} : { trace }) });
  if (!parsed.ok) return parsed;
  return { ok: true, spec: parsed.spec, registry, source, path, notes: oneMachineNotes(parsed.spec) };
}

/** The registry as it is, for verbs without a spec. */
export function loadRegistry(io: Pick<VerbIo, 'settings' | 'root'>): Promise<Registry> {
  return readLocalRegistry({ root: io.root, extraModelFolders: io.settings.extraModelFolders });
}

/** At most one byte more than a spec may have. Throws `spec-unreadable`. */
export async function readSpecFile(path: string, asGiven: string): Promise<Uint8Array> {
  try {
    return await readDocument(path);
  } catch (thrown) {
    throw new BakeoffError({
      code: 'spec-unreadable',
      message: unreadable(asGiven, thrown),
      remedy: 'Give the path of a YAML or JSON file, for example examples/diabetes.yaml.',
      cause: thrown,
    });
  }
}

function unreadable(asGiven: string, thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'ENOENT') return `there is no file ${asGiven}`;
  if (code === 'EISDIR') return `${asGiven} is a folder; a spec is a file`;
  return `the spec ${asGiven} cannot be read: ${messageOf(thrown)}`;
}

/** A suite whose files are not what they should be is not a mistake in the spec. */
function throwSuiteFault(registry: Registry, suite: string | null): void {
  const fault = registry.faults.find(({ kind, id, error }) => kind === 'suite' && id === suite && error.kind === 'environment');
  if (fault !== undefined) throw fault.error;
}
