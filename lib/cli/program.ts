/**
 * The command line: parses the arguments, calls one verb, maps errors to exit codes. Called by bin/bakeoff.ts and by tests.
 * `--help` loads this file and commander, nothing else: every other import waits until it is needed.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CommonOptions, ExitCode, TextSink, VerbIo } from './io.ts';
import { SOFTWARE_VERSION } from './software-version.ts';
import { VERBS, type Verb, type VerbDefinition, type VerbOption } from './verbs.ts';

/** What the process gives to the CLI. */
export interface Outside {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Default: that of the process. */
  readonly environment?: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The folder that holds `models/` and `examples/`. */
  readonly root: string;
  readonly isTty: boolean;
  readonly isStdoutTty: boolean;
  readonly columns: number;
}

type Call = (definition: VerbDefinition, args: readonly string[], options: Record<string, unknown>) => Promise<void>;

/** Runs one command line and returns its exit code; never throws. */
export async function main(argv: readonly string[], outside: Outside): Promise<ExitCode> {
  const json = argv.includes('--json');
  let exitCode: ExitCode = 0;
  const program = buildProgram(async (definition, args, options) => {
    exitCode = await callVerb(definition, args, options, outside);
  });
  const usage: string[] = [];
  configure(program, outside, usage);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : await refuseUsage(thrown, usage, outside, json);
    const [{ printError }, { environment }] = await Promise.all([import('./print-error.ts'), import('../settings.ts')]);
    return printError(thrown, outside, { json, debug: isDebug(outside.environment ?? environment()) });
  }
}

/** The commands, without anything that runs: also what docs/cli.md is made from. */
export function buildProgram(call: Call): Command {
  const program = addCommonOptions(new Command('bakeoff'))
    .description('Benchmarks generative models side by side, with numbers that anyone can recompute.')
    .version(SOFTWARE_VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXIT_CODES);
  const groups = new Map<string, Command>();
  for (const definition of VERBS) {
    const [first = '', second] = definition.name.split(' ');
    if (second === undefined) addVerb(program, first, definition, call);
    else {
      const group =
        groups.get(first) ??
        program
          .command(first)
          .description(GROUPS[first] ?? `list and show ${first}`)
          .helpCommand(false);
      groups.set(first, group);
      addVerb(group, second, definition, call);
    }
  }
  return program;
}

const GROUPS: Readonly<Record<string, string>> = {
  models: 'make, list, show and check model packages',
  score: "score a file of anybody's data",
  suites: 'list, show and import suites',
};

const EXIT_CODES = `
Exit codes: 0 done; 1 a gate failed, or a bug; 2 bad usage or spec;
3 the run is incomplete; 4 the machine is not able (run "bakeoff doctor");
130 interrupted, and resumable with --resume.`;

function addCommonOptions(command: Command): Command {
  return command
    .option('--dir <dir>', 'folder of the runs (default: BAKEOFF_DIR, else bakeoff-out)')
    .option('--json', 'print one JSON document on stdout, nothing else');
}

function addVerb(parent: Command, name: string, definition: VerbDefinition, call: Call): void {
  const command = addCommonOptions(parent.command(name).description(definition.description));
  for (const argument of definition.args) command.argument(argument.name, argument.description);
  for (const option of definition.options ?? []) command.addOption(toOption(option));
  command.action(() => call(definition, command.args, command.optsWithGlobals()));
}

function toOption({ flags, description, choices, default: initial, isCount, isRepeatable }: VerbOption): Option {
  const option = new Option(flags, description);
  if (choices !== undefined) option.choices([...choices]);
  if (initial !== undefined) option.default(initial);
  if (isCount === true) option.argParser(parseCount);
  if (isRepeatable === true) option.default([], 'none').argParser((text, given) => [...(Array.isArray(given) ? given : []), text]);
  return option;
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number of at least 1 is expected.');
}

/** Collects what commander says of wrong usage; it is printed in our own form. */
function configure(command: Command, outside: Outside, usage: string[]): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void outside.stdout.write(text),
    writeErr: (text) => void usage.push(text),
    getOutHelpWidth: () => outside.columns,
    getErrHelpWidth: () => outside.columns,
  });
  for (const child of command.commands) configure(child, outside, usage);
}

/** Verbs that the design has and this version has not. A name goes when its verb comes. */
const LATER_VERBS = new Set(['add']);

async function refuseUsage(error: CommanderError, usage: readonly string[], outside: Outside, json: boolean): Promise<ExitCode> {
  const { printError } = await import('./print-error.ts');
  const { BakeoffError } = await import('../core/errors.ts');
  const isHelp = error.code === 'commander.help';
  if (isHelp && !json) outside.stderr.write(usage.join(''));
  const message = isHelp ? 'no verb was given' : error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  const later = /^unknown command '([^']+)'/.exec(message)?.[1];
  const refused =
    later !== undefined && LATER_VERBS.has(later)
      ? new BakeoffError({
          code: 'not-available',
          message: `the verb "${later}" is not available in this version`,
          remedy: 'See "bakeoff --help" for what is.',
        })
      : new BakeoffError({ code: 'bad-usage', message, remedy: 'See "bakeoff --help".' });
  return isHelp && !json ? 2 : printError(refused, outside, { json, debug: false });
}

async function callVerb(
  definition: VerbDefinition,
  args: readonly string[],
  given: Readonly<Record<string, unknown>>,
  outside: Outside,
): Promise<ExitCode> {
  const [{ environment, readSettings }, { resolve }] = await Promise.all([import('../settings.ts'), import('node:path')]);
  const settings = readSettings(outside.environment ?? environment());
  const dir = typeof given.dir === 'string' ? given.dir : (settings.dir ?? 'bakeoff-out');
  const common: CommonOptions = { dir: resolve(outside.cwd, dir), json: given.json === true };
  const io: VerbIo = { ...outside, settings };
  return (await loadVerb(definition))(args, { ...given, givenDir: given.dir, ...common }, io);
}

async function loadVerb({ load, exportName, name }: VerbDefinition): Promise<Verb> {
  const loaded = await load();
  const verb: unknown = Object.entries(loaded ?? {}).find(([key]) => key === exportName)?.[1];
  if (isVerb(verb)) return verb;
  throw new TypeError(`the verb "${name}" has no export ${exportName}`);
}

function isVerb(value: unknown): value is Verb {
  return typeof value === 'function';
}

function isDebug(environment: NodeJS.ProcessEnv): boolean {
  return environment.BAKEOFF_DEBUG === '1' || environment.BAKEOFF_DEBUG === 'true';
}
