/**
 * A spec file as it is sent to a deployment: its text, with a suite's folder replaced by the suite's id once the suite is there, and a
 * trace's file by its times. Called by submit. Whether models and params are known is for the deployment to say: it has a registry of its own.
 */
import { dirname, resolve } from 'node:path';
import { readLocalSuite } from '../compose/local-registry.ts';
import { BakeoffError } from '../core/errors.ts';
import { suiteNameOf, suitePathOf, traceProblems } from '../core/parse-spec.ts';
import { MAX_SPEC_BYTES } from '../core/parse-spec-document.ts';
import type { RegisteredSuite } from '../core/registry.ts';
import type { SpecProblem } from '../core/spec-problem.ts';
import type { DeploymentApi, SpecText } from './deployment-api.ts';
import type { VerbIo } from './io.ts';
import { readSpecFile } from './load-spec.ts';
import type { DeploymentConnection } from './open-deployment.ts';
import { readTrace } from './read-trace.ts';
import { withTimes } from './with-times.ts';

export type PreparedSpec =
  | { readonly kind: 'ready'; readonly spec: SpecText }
  /** The file of its trace cannot be used, which only this machine can tell. */
  | { readonly kind: 'refused'; readonly problems: readonly SpecProblem[] };

/** Throws `spec-unreadable`, what is wrong with a suite's folder, `suite-id-taken`, and where a value cannot be replaced. */
export async function prepareSpec(specPath: string, connection: DeploymentConnection, io: VerbIo): Promise<PreparedSpec> {
  const path = resolve(io.cwd, specPath);
  const source = await readSpecFile(path, specPath);
  const written = textOf(source, specPath);
  const contentType = path.endsWith('.json') ? 'application/json' : 'application/yaml';
  const trace = await readTrace(source, dirname(path));
  if (trace?.ok === false) return { kind: 'refused', problems: traceProblems(source, trace) };
  const text = trace === undefined ? written : withTimes(written, trace.timesMs);
  const suitePath = suitePathOf(source);
  if (suitePath === null) return { kind: 'ready', spec: { text, contentType } };
  const suite = await readLocalSuite(resolve(dirname(path), suitePath));
  await bringSuite(suite, connection, io);
  return { kind: 'ready', spec: { text: withSuite(text, suitePath, suite.manifest.id), contentType } };
}

function textOf(source: Uint8Array, specPath: string): string {
  try {
    if (source.byteLength > MAX_SPEC_BYTES) throw new RangeError(`it has more than ${MAX_SPEC_BYTES} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch (thrown) {
    throw new BakeoffError({
      code: 'spec-unreadable',
      message: `the spec ${specPath} cannot be sent: ${thrown instanceof RangeError ? thrown.message : 'it is not UTF-8 text'}`,
      remedy: `Give a text file of at most ${MAX_SPEC_BYTES} bytes; move items into a suite's folder.`,
    });
  }
}

async function bringSuite(suite: RegisteredSuite, { api, open }: DeploymentConnection, io: VerbIo): Promise<void> {
  const { id, version } = suite.manifest;
  if ((await digestThere(api, id)) === suite.digest) return;
  const { uploadLocalSuite } = await import('../compose/deployment.ts');
  const { sent, kept, sentBytes } = await uploadLocalSuite(suite, open);
  const unchanged = kept === 0 ? '' : `; ${kept} were there`;
  io.stderr.write(
    `uploaded suite ${id} ${version}: ${sent} ${sent === 1 ? 'file' : 'files'}, ${(sentBytes / 1e6).toFixed(1)} MB${unchanged}\n`,
  );
  const there = await digestThere(api, id);
  if (there === null || there === suite.digest) return;
  throw new BakeoffError({
    code: 'suite-id-taken',
    message: `the deployment has a suite ${id} of its own (digest ${there.slice(0, 12)}; yours is ${suite.digest.slice(0, 12)})`,
    remedy: 'Give your suite another id in its suite.yaml.',
  });
}

async function digestThere(api: DeploymentApi, id: string): Promise<string | null> {
  return (await api.listSuites()).find((suite) => suite.id === id)?.digest ?? null;
}

/** The text stays as it is but for that one value, so that the places of problems are those of the user's file. */
export function withSuite(text: string, suitePath: string, id: string): string {
  const value = suitePath.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const replaced = text.replace(new RegExp(`(["']?suite["']?\\s*:\\s*)(["']?)${value}\\2(?=\\s|,|}|$)`, 'm'), `$1$2${id}$2`);
  if (suiteNameOf(replaced) === id) return replaced;
  throw new BakeoffError({
    code: 'suite-not-replaced',
    message: `the suite ${JSON.stringify(suitePath)} could not be replaced by its id ${id} in the text of the spec`,
    remedy: `Write "suite: ${suitePath}" on a line of its own, unquoted.`,
  });
}
