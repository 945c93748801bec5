/**
 * Starts a run from the text of a spec: once, however often and however concurrently it is asked to, and healed by the next call after a
 * crash at any point. A spec that is not valid becomes a rejected run with all of its problems. Called by the launcher and by the API.
 */
import { sha256Hex } from '../core/canonical-json.ts';
import type { Fleet } from '../core/fleet.ts';
import type { RunRecord } from '../core/job.ts';
import { keys } from '../core/object-key.ts';
import { parseSpec } from '../core/parse-spec.ts';
import { planRun } from '../core/plan.ts';
import type { Clock, EventSink, Executions, ObjectStore, RunStore } from '../core/ports.ts';
import type { Registry } from '../core/registry.ts';
import type { Spec } from '../core/spec.ts';
import type { SpecProblem } from '../core/spec-problem.ts';
import { publishRun } from './run-events.ts';
import { executionName, nameOfFile } from './run-id.ts';
import { readProblems, writeProblems } from './stored-problems.ts';

export interface LaunchRequest {
  readonly runId: string;
  /** At most one byte more than a spec may have is needed; bytes are checked for UTF-8. */
  readonly specText: string | Uint8Array;
  /** Names a run whose spec is too broken to have a name. */
  readonly fileName: string;
}

export interface LaunchPorts {
  readonly objects: ObjectStore;
  readonly runs: RunStore;
  readonly executions: Executions;
  readonly events: EventSink;
  readonly clock: Clock;
  /** What is registered, with the suite that this spec names. */
  readonly readRegistry: (specText: string | Uint8Array) => Promise<Registry>;
  /** Classes of the deployment: a spec that fits none is refused. */
  readonly fleet?: Fleet;
  readonly softwareVersion: string;
}

export type Launched =
  | { readonly kind: 'started' | 'already-started'; readonly runId: string }
  | { readonly kind: 'rejected'; readonly runId: string; readonly problems: readonly SpecProblem[] };

/** Throws only for faults of ours and of the services; the caller is expected to deliver again. */
export async function launchRun(request: LaunchRequest, ports: LaunchPorts): Promise<Launched> {
  const { runId } = request;
  const known = await ports.runs.getRun(runId);
  if (known !== null) return begin(known, ports);
  const registry = await ports.readRegistry(request.specText);
  const parsed = parseSpec(request.specText, { registry, ...(ports.fleet === undefined ? {} : { fleet: ports.fleet }) });
  return parsed.ok ? accept(runId, parsed.spec, registry, ports) : reject(request, parsed.problems, ports);
}

/** Whether or not this call put the record: the one who did may have died before it started the execution. */
async function begin(run: RunRecord, ports: LaunchPorts): Promise<Launched> {
  const { runId } = run;
  if (run.state === 'rejected') {
    // Again, because whoever rejected it may have died before it said so.
    await publishRun(ports.events, run);
    return { kind: 'rejected', runId, problems: await readProblems(ports.objects, runId) };
  }
  // A later start is a resume's; this delivery means the first.
  if (run.state !== 'accepted' || run.start !== 1) return { kind: 'already-started', runId };
  const end = await ports.executions.start(executionName(runId, 1), { run: runId, start: 1 });
  return { kind: end === 'started' ? 'started' : 'already-started', runId };
}

async function accept(runId: string, given: Spec, registry: Registry, ports: LaunchPorts): Promise<Launched> {
  const { spec, plan } = planRun({ spec: given, registry, runId, softwareVersion: ports.softwareVersion });
  // The spec first: a record without its spec could not be planned.
  await ports.objects.put(keys.spec(runId), `${JSON.stringify(spec, null, 2)}\n`, { ifAbsent: true });
  const run = newRun(runId, { name: spec.name, specSha256: plan.specSha256, state: 'accepted' }, ports.clock);
  if (await ports.runs.createRun(run)) {
    await publishRun(ports.events, run);
    return begin(run, ports);
  }
  return begin((await ports.runs.getRun(runId)) ?? run, ports);
}

async function reject(
  { runId, specText, fileName }: LaunchRequest,
  problems: readonly SpecProblem[],
  ports: LaunchPorts,
): Promise<Launched> {
  await writeProblems(ports.objects, runId, problems);
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  const message = first === undefined ? 'the spec is not valid' : `line ${first.line}: ${first.message}${more}`.slice(0, 4000);
  const rejected: RunRecord = {
    ...newRun(runId, { name: nameOfFile(fileName), specSha256: sha256Hex(specText), state: 'rejected' }, ports.clock),
    finishedAtMs: ports.clock.nowMs(),
    failure: { class: 'invalid_input', code: 'spec-invalid', message },
  };
  if (!(await ports.runs.createRun(rejected))) return begin((await ports.runs.getRun(runId)) ?? rejected, ports);
  await publishRun(ports.events, rejected);
  return { kind: 'rejected', runId, problems };
}

function newRun(runId: string, known: Pick<RunRecord, 'name' | 'specSha256' | 'state'>, clock: Clock): RunRecord {
  const nowMs = clock.nowMs();
  return {
    ...{ schema: 1, runId, version: 1, start: 1, createdAtMs: nowMs, updatedAtMs: nowMs, finishedAtMs: null },
    ...{ cancelRequested: false, owner: null, failure: null },
    ...known,
  };
}
