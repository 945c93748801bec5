/**
 * `bakeoff models check TARGET`: the conformance rules against a package, which is started for it, or against a server that runs at a
 * URL. Exit code 1 when a rule is broken.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { startPackage } from '../compose/start-package.ts';
import { readLocalRegistry } from '../compose/local-registry.ts';
import { type CheckedRule, checkServer, detectProtocol, type ServerToCheck } from '../conformance/check-server.ts';
import type { Protocol, SampleInput } from '../conformance/rule.ts';
import { tasksOf } from '../conformance/tasks-of.ts';
import { BakeoffError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { RegisteredEvaluator, RegisteredModel, RegisteredSuite, Registry } from '../core/registry.ts';
import { type CommonOptions, type ExitCode, type VerbIo, writeJson } from './io.ts';
import { safeText, wrapText } from './wrap-text.ts';

export async function modelsCheckVerb(args: readonly string[], options: CommonOptions, io: VerbIo): Promise<ExitCode> {
  const [target = ''] = args;
  const onRule = (rule: CheckedRule): void => {
    if (!options.json) io.stdout.write(describe(rule, io.columns));
  };
  const isUrl = /^https?:\/\//.test(target);
  const { protocol, rules } = isUrl ? await checkUrl(target, io, onRule) : await checkPackage(target, io, onRule);
  const broken = rules.filter((rule) => rule.outcome === 'failed');
  const count = (outcome: CheckedRule['outcome']): number => rules.filter((rule) => rule.outcome === outcome).length;
  if (options.json) writeJson(io, { target, protocol, ok: broken.length === 0, rules });
  else
    io.stdout.write(
      `${safeText(target)} (${protocol}): ${count('passed')} rules hold, ${broken.length} broken, ${count('skipped')} skipped\n`,
    );
  return broken.length === 0 ? 0 : 1;
}

interface Checked {
  readonly protocol: Protocol;
  readonly rules: readonly CheckedRule[];
}

async function checkUrl(target: string, io: VerbIo, onRule: (rule: CheckedRule) => void): Promise<Checked> {
  const origin = originOf(target);
  io.stderr.write(`asking ${origin}; a server that is still starting is waited for\n`);
  const protocol = await detectProtocol(origin);
  const registry = await readLocalRegistry({ root: io.root, extraModelFolders: io.settings.extraModelFolders });
  const { tasks, modelName } = await tasksOf(origin, protocol);
  const input = inputOf(suiteOf(registry, tasks), null);
  const rules = await checkServer({ url: origin, protocol, modelName, input, started: null }, onRule);
  return { protocol, rules };
}

function originOf(target: string): string {
  if (URL.canParse(target)) return new URL(target).origin;
  throw new BakeoffError({
    code: 'bad-usage',
    message: `${JSON.stringify(target)} is not a URL`,
    remedy: 'Give the URL of a running server, for example http://127.0.0.1:8000.',
  });
}

async function checkPackage(target: string, io: VerbIo, onRule: (rule: CheckedRule) => void): Promise<Checked> {
  const { found, registry } = await findPackage(target, io);
  const { manifest } = found;
  io.stderr.write(`starting ${manifest.id}; a first start installs its environment\n`);
  const started = await startPackage(found, io.settings, io.root);
  try {
    const suite = manifest.kind === 'model' ? suiteOf(registry, manifest.tasks) : null;
    const input = inputOf(suite, started.inputsDir);
    await copyInputs(suite, input, started.inputsDir);
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

function suiteOf(registry: Registry, tasks: readonly string[]): RegisteredSuite | null {
  return [...registry.suites.values()].find((suite) => tasks.includes(suite.manifest.task)) ?? null;
}

/** The first item of the suite; its files by the folder that the server reads, or where they lie. */
function inputOf(suite: RegisteredSuite | null, inputsDir: string | null): SampleInput | null {
  const [item] = suite?.items ?? [];
  if (suite === null || item === undefined) return null;
  const { prompt, row, files } = item.input;
  return {
    task: suite.manifest.task,
    ...(prompt === undefined ? {} : { prompt }),
    ...(row === undefined ? {} : { row }),
    ...(files === undefined
      ? {}
      : {
          files: files.map(({ path, sha256, contentType }) => {
            return { path: inputsDir === null ? join(suite.folder, path) : join(inputsDir, sha256), sha256, contentType };
          }),
        }),
  };
}

async function copyInputs(suite: RegisteredSuite | null, input: SampleInput | null, inputsDir: string): Promise<void> {
  if (suite === null || input === null) return;
  await mkdir(inputsDir, { recursive: true });
  for (const file of suite.items[0]?.input.files ?? []) await copyFile(join(suite.folder, file.path), join(inputsDir, file.sha256));
}

const MARKS = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' } as const;

function describe(rule: CheckedRule, columns: number): string {
  const lines = [wrapText(`${MARKS[rule.outcome]} ${rule.id}: ${rule.title}`, columns, '', '     ')];
  lines.push(wrapText(`seen: ${safeText(rule.seen)}`, columns, '     ', '       '));
  if (rule.outcome === 'failed') lines.push(wrapText(`remedy: ${safeText(rule.remedy)}`, columns, '     ', '       '));
  return `${lines.join('\n')}\n`;
}
