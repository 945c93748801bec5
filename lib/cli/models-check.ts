/**
 * `bakeoff models check TARGET`: the conformance rules against a package, which is started for it, or against a server that runs at a
 * URL. Exit code 1 when a rule is broken.
 */
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { startPackage } from '../compose/start-package.ts';
import { readLocalRegistry } from '../compose/local-registry.ts';
import { badgeOf } from '../conformance/badge.ts';
import { type CheckedRule, checkServer, detectProtocol, type ServerToCheck } from '../conformance/check-server.ts';
import type { Protocol, SampleInput } from '../conformance/rule.ts';
import { tasksOf } from '../conformance/tasks-of.ts';
import { BakeoffError, messageOf } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { RegisteredEvaluator, RegisteredModel, Registry } from '../core/registry.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { sampleInput, withPrompt } from './sample-input.ts';
import { safeText, wrapText } from './wrap-text.ts';

type CheckOptions = CommonOptions & { readonly task?: unknown; readonly prompt?: unknown; readonly badge?: unknown };

export async function modelsCheckVerb(args: readonly string[], options: CheckOptions, io: VerbIo): Promise<ExitCode> {
  const [target = ''] = args;
  const asked: Asked = {
    task: typeof options.task === 'string' ? options.task : null,
    prompt: typeof options.prompt === 'string' ? options.prompt : null,
  };
  const onRule = (rule: CheckedRule): void => {
    if (!options.json) io.stdout.write(describe(rule, io.columns));
  };
  const isUrl = /^https?:\/\//.test(target);
  const { protocol, rules } = isUrl ? await checkUrl(target, asked, io, onRule) : await checkPackage(target, asked, io, onRule);
  if (typeof options.badge === 'string') await writeBadge(resolve(io.cwd, options.badge), rules);
  const broken = rules.filter((rule) => rule.outcome === 'failed');
  const count = (outcome: CheckedRule['outcome']): number => rules.filter((rule) => rule.outcome === outcome).length;
  if (options.json) writeJson(io, { target, protocol, ok: broken.length === 0, rules });
  else
    io.stdout.write(
      `${safeText(target)} (${protocol}): ${count('passed')} rules hold, ${broken.length} broken, ${count('skipped')} skipped\n`,
    );
  return broken.length === 0 ? 0 : 1;
}

/** What the caller wants the model to be asked; null leaves it to the registered suites. */
interface Asked {
  readonly task: string | null;
  readonly prompt: string | null;
}

function inWords(input: SampleInput | null, { prompt }: Asked): SampleInput | null {
  return input === null || prompt === null ? input : withPrompt(input, prompt);
}

interface Checked {
  readonly protocol: Protocol;
  readonly rules: readonly CheckedRule[];
}

async function checkUrl(target: string, asked: Asked, io: VerbIo, onRule: (rule: CheckedRule) => void): Promise<Checked> {
  const origin = originOf(target);
  io.stderr.write(`asking ${origin}; a server that is still starting is waited for\n`);
  const protocol = await detectProtocol(origin);
  const registry = await readLocalRegistry({ root: io.root, extraModelFolders: io.settings.extraModelFolders });
  const { tasks, modelName } = await tasksOf(origin, protocol);
  const input = inWords(await sampleInput(registry, asked.task === null ? tasks : [asked.task], null), asked);
  const rules = await checkServer({ url: origin, protocol, modelName, input, started: null }, onRule);
  return { protocol, rules };
}

async function writeBadge(path: string, rules: readonly CheckedRule[]): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(badgeOf(rules), null, 2)}\n`);
  } catch (cause) {
    throw new BakeoffError({
      code: 'badge-unwritable',
      message: `the badge ${path} cannot be written: ${messageOf(cause)}`,
      remedy: 'Give --badge a path in a folder that exists and that you may write to.',
      cause,
    });
  }
}

/** A package has the task of `--task`, or it is said which it has. */
function tasksToAsk(tasks: readonly string[], task: string | null): readonly string[] {
  if (task === null) return tasks;
  if (tasks.includes(task)) return [task];
  throw new BakeoffError({
    code: 'bad-usage',
    message: `--task is ${task}; the package does ${tasks.join(', ')}`,
    remedy: 'Leave --task out, or name one of these tasks.',
  });
}

function originOf(target: string): string {
  if (URL.canParse(target)) return new URL(target).origin;
  throw new BakeoffError({
    code: 'bad-usage',
    message: `${JSON.stringify(target)} is not a URL`,
    remedy: 'Give the URL of a running server, for example http://127.0.0.1:8000.',
  });
}

async function checkPackage(target: string, asked: Asked, io: VerbIo, onRule: (rule: CheckedRule) => void): Promise<Checked> {
  const { found, registry } = await findPackage(target, io);
  const { manifest } = found;
  io.stderr.write(`starting ${manifest.id}; a first start installs its environment\n`);
  const started = await startPackage(found, io.settings, io.root);
  try {
    const tasks = manifest.kind === 'model' ? tasksToAsk(manifest.tasks, asked.task) : [];
    const input = inWords(await sampleInput(registry, tasks, started.inputsDir), asked);
    const server: ServerToCheck = { url: started.url, protocol: manifest.protocol, modelName: manifest.id, input, started };
    return { protocol: manifest.protocol, rules: await checkServer(server, onRule) };
  } finally {
    await started.close();
  }
}

async function findPackage(target: string, io: VerbIo): Promise<{ found: RegisteredModel | RegisteredEvaluator; registry: Registry }> {
  const isPath = target.includes('/') || target.startsWith('.');
  const folder = resolve(io.cwd, target);
  const extra = isPath && dirname(folder) !== join(io.root, 'models') ? [dirname(folder)] : [];
  const registry = await readLocalRegistry({ root: io.root, extraModelFolders: [...io.settings.extraModelFolders, ...extra] });
  const id = isPath ? basename(folder) : target;
  const found = registry.models.get(id) ?? registry.evaluators.get(id);
  if (found !== undefined && (!isPath || found.folder === folder)) return { found, registry };
  const fault = registry.faults.find((each) => each.kind === 'package' && (isPath ? each.folder === folder : each.id === id));
  if (fault !== undefined) throw fault.error;
  const nearest = nearestName(id, [...registry.models.keys(), ...registry.evaluators.keys()]);
  throw new BakeoffError({
    code: 'unknown-package',
    message: `no package ${JSON.stringify(target)} is registered${nearest === null ? '' : `; did you mean ${nearest}?`}`,
    remedy: 'Name a package that "bakeoff models list" shows, the path of its folder, or the URL of a running server.',
  });
}

const MARKS = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' } as const;

function describe(rule: CheckedRule, columns: number): string {
  const lines = [wrapText(`${MARKS[rule.outcome]} ${rule.id}: ${rule.title}`, columns, '', '     ')];
  lines.push(wrapText(`seen: ${safeText(rule.seen)}`, columns, '     ', '       '));
  if (rule.outcome === 'failed') lines.push(wrapText(`remedy: ${safeText(rule.remedy)}`, columns, '     ', '       '));
  return `${lines.join('\n')}\n`;
}
