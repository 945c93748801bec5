/**
 * Every verb of the CLI: its arguments, its options, and the file that does the work, loaded only when the verb is called.
 * program.ts builds the commands from this table; docs/cli.md is generated from it. One table, so that options stay alike; hence its length.
 */
import type { CommonOptions, ExitCode, VerbIo } from './io.ts';

export type Verb = (args: readonly string[], options: CommonOptions & Record<string, unknown>, io: VerbIo) => Promise<ExitCode>;

export interface VerbOption {
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly default?: string;
  /** A whole number of at least 1. */
  readonly isCount?: boolean;
  /** May be given several times: a list. */
  readonly isRepeatable?: boolean;
}

export interface VerbDefinition {
  /** One word, or two for the verbs of a group. */
  readonly name: string;
  readonly args: readonly { readonly name: string; readonly description: string }[];
  readonly description: string;
  readonly options?: readonly VerbOption[];
  readonly load: () => Promise<unknown>;
  /** The export of the loaded file. */
  readonly exportName: string;
}

const SPEC = { name: '<spec>', description: 'the spec: a YAML or JSON file' };
const RUN = { name: '<run>', description: 'id of a run, the start of an id, or "latest"' };
const LIMIT: VerbOption = { flags: '--limit <n>', description: 'send at most so many items', isCount: true };

const IGNORE: VerbOption = { flags: '--ignore <column>', description: 'pass over this column; repeatable', isRepeatable: true };

/** Of every verb that can speak to a deployment. */
const DEPLOYMENT: readonly VerbOption[] = [
  { flags: '--stack <name>', description: 'the deployment: name of its service stack (default: BAKEOFF_STACK)' },
  { flags: '--region <region>', description: 'its AWS region (default: AWS_REGION, or that of the profile)' },
  { flags: '--profile <name>', description: 'the AWS profile (default: AWS_PROFILE, or the usual credential chain)' },
];

const ENV = {
  flags: '--env <env>',
  description: 'where models run: docker is containers; auto is containers for images, processes for packages',
  choices: ['auto', 'process', 'docker'],
  default: 'auto',
};

export const VERBS: readonly VerbDefinition[] = [
  {
    name: 'run',
    args: [SPEC],
    description: 'run a spec to its report',
    options: [ENV, { flags: '--resume', description: 'go on with the newest unfinished run of this spec' }, LIMIT],
    load: () => import('./run.ts'),
    exportName: 'runVerb',
  },
  {
    name: 'validate',
    args: [SPEC],
    description: 'tell all problems of a spec',
    load: () => import('./validate.ts'),
    exportName: 'validateVerb',
  },
  {
    name: 'plan',
    args: [SPEC],
    description: 'print what a run would do, and start nothing',
    options: [
      ENV,
      LIMIT,
      { flags: '--class <name>', description: 'forecast hours and dollars on a class of the default fleet, or an instance type' },
      {
        flags: '--difference <x>',
        description: 'how many items find a difference of x between two jobs, in the unit of the ranked metric',
      },
      { flags: '--precision <x>', description: "how many items place a job's ranked metric within x to each side" },
    ],
    load: () => import('./plan.ts'),
    exportName: 'planVerb',
  },
  {
    name: 'submit',
    args: [{ name: '[spec]', description: 'the spec: a YAML or JSON file' }],
    description: 'start a run in a deployment',
    options: [
      { flags: '--watch', description: 'follow the run to its end' },
      { flags: '--resume <run>', description: 'instead of a spec: go on with a run that has ended unfinished' },
      { flags: '--key <key>', description: 'idempotency key: the same key never starts a second run (default: a new one)' },
      ...DEPLOYMENT,
    ],
    load: () => import('./submit.ts'),
    exportName: 'submitVerb',
  },
  {
    name: 'watch',
    args: [RUN],
    description: 'follow a run of a deployment; Ctrl-C leaves it alone',
    options: DEPLOYMENT,
    load: () => import('./watch.ts'),
    exportName: 'watchVerb',
  },
  {
    name: 'cancel',
    args: [RUN],
    description: 'end a run of a deployment; what was answered is kept',
    options: DEPLOYMENT,
    load: () => import('./cancel.ts'),
    exportName: 'cancelVerb',
  },
  {
    name: 'list',
    args: [],
    description: 'list the runs, newest first',
    options: DEPLOYMENT,
    load: () => import('./list.ts'),
    exportName: 'listVerb',
  },
  {
    name: 'show',
    args: [RUN],
    description: 'show a run: its jobs, scores and failures',
    options: DEPLOYMENT,
    load: () => import('./show.ts'),
    exportName: 'showVerb',
  },
  {
    name: 'report',
    args: [RUN],
    description: 'write the report of a run again; of a deployment: download it',
    options: [
      { flags: '--media', description: 'of a deployment: download the outputs that the report links, too' },
      { flags: '--link', description: 'of a deployment: print a link that opens in a browser until it expires; keep it to yourself' },
      ...DEPLOYMENT,
    ],
    load: () => import('./report.ts'),
    exportName: 'reportVerb',
  },
  {
    name: 'rescore',
    args: [RUN],
    description: 'compute the scores again from the stored rows',
    options: [{ flags: '--score <file>', description: 'a score section of its own: print what it makes of the rows, and change nothing' }],
    load: () => import('./rescore.ts'),
    exportName: 'rescoreVerb',
  },
  {
    name: 'evaluate',
    args: [RUN],
    description: 'score the saved outputs of a run by more scorers; nothing is sent to a model',
    options: [
      { flags: '--scorers <names>', description: 'required: built-in scorers and those of evaluators, between commas' },
      { flags: '--again', description: 'evaluate once more what the same evaluator has evaluated already' },
      { flags: '--watch', description: 'of a deployment: follow it to its end' },
      ...DEPLOYMENT,
    ],
    load: () => import('./evaluate.ts'),
    exportName: 'evaluateVerb',
  },
  {
    name: 'compare',
    args: [
      { name: '<a>', description: 'a run: its id, the start of an id, or "latest"' },
      { name: '<b>', description: 'the run to compare it with' },
    ],
    description: 'compare the jobs that two runs share, paired by sample',
    options: DEPLOYMENT,
    load: () => import('./compare.ts'),
    exportName: 'compareVerb',
  },
  {
    name: 'gate',
    args: [RUN],
    description: 'judge a run by bounds and against baselines; exit code 1 when a gate fails',
    options: [
      { flags: '--gates <file>', description: 'the rules, YAML or JSON; see docs/gates.md (default: those of its spec)' },
      { flags: '--baseline <run>', description: 'a run, or "latest", in place of the baselines that the rules name' },
      { flags: '--junit <file>', description: 'write the verdict as JUnit XML, too' },
      { flags: '--markdown <file>', description: 'write it as Markdown for a pull request, too' },
      ...DEPLOYMENT,
    ],
    load: () => import('./gate.ts'),
    exportName: 'gateVerb',
  },
  {
    name: 'score text',
    args: [{ name: '<file>', description: 'JSON lines {"id", "prediction", "references": […]}; - for standard input' }],
    description: "score anybody's texts by one metric, with its interval and all its settings",
    options: [
      { flags: '--metric <name>', description: 'required: wer, cer, bleu, chrf, anls, anls-star, exact or field-accuracy' },
      { flags: '--variant <name>', description: 'of the metric; default: the first of docs/measures.md' },
      { flags: '--rows', description: 'the value of each row, too' },
    ],
    load: () => import('./score-text.ts'),
    exportName: 'scoreTextVerb',
  },
  {
    name: 'score profile',
    args: [
      { name: '<name>', description: 'vbench-t2v, vbench-i2v, vbench-2.0 or mlperf-wan22' },
      { name: '[file]', description: 'CSV: "model" and one column per dimension; - for standard input' },
    ],
    description: 'compute a published composite from raw dimensions; without a file: show its formula',
    options: [
      { flags: '--scale <scale>', description: 'of the values and of the results', choices: ['percent', 'fraction'], default: 'fraction' },
      IGNORE,
    ],
    load: () => import('./score-profile.ts'),
    exportName: 'scoreProfileVerb',
  },
  {
    name: 'stats',
    args: [{ name: '<file>', description: 'one number a line, inf for a failed sample; - for standard input' }],
    description: 'mean with interval, spread, and percentiles, empirical and certified',
    options: [
      { flags: '--power', description: 'which difference so many numbers resolve, and how many a precision needs' },
      { flags: '--difference <x>', description: 'with --power: how many numbers resolve a difference of x' },
      { flags: '--precision <x>', description: 'with --power: how many place the mean within x to each side' },
    ],
    load: () => import('./stats.ts'),
    exportName: 'statsVerb',
  },
  {
    name: 'rank',
    args: [{ name: '<file>', description: 'CSV; - for standard input' }],
    description: 'rank models: by mean win rate over columns of scores, or by Bradley-Terry over "winner,loser,count"',
    options: [
      { flags: '--method <method>', description: 'required', choices: ['win-rate', 'bradley-terry'] },
      { flags: '--lower <column>', description: 'win-rate: lower is better here; repeatable', isRepeatable: true },
      IGNORE,
    ],
    load: () => import('./rank.ts'),
    exportName: 'rankVerb',
  },
  {
    name: 'models list',
    args: [],
    description: 'list the model packages',
    load: () => import('./models.ts'),
    exportName: 'modelsListVerb',
  },
  {
    name: 'models show',
    args: [{ name: '<id>', description: 'id of a package' }],
    description: 'show a package: params, requirements, digest',
    load: () => import('./models.ts'),
    exportName: 'modelsShowVerb',
  },
  {
    name: 'models new',
    args: [{ name: '<name>', description: 'of the new package: lower-case letters, digits, hyphens and dots' }],
    description: 'make a package that passes "models check", to write a model into',
    options: [
      { flags: '--task <task>', description: 'required: what the model does', choices: ['text-to-video', 'chat', 'tabular'] },
      { flags: '--into <folder>', description: 'where to make it (default: the first folder of BAKEOFF_MODELS, else models)' },
    ],
    load: () => import('./models-new.ts'),
    exportName: 'modelsNewVerb',
  },
  {
    name: 'models check',
    args: [{ name: '<target>', description: 'id or folder of a package, or the URL of a running server' }],
    description: 'check a model against the contract; exit code 1 when a rule is broken',
    options: [
      {
        flags: '--task <task>',
        description: 'what to ask, where the server cannot tell its task (default for chat servers: image-to-text)',
        choices: ['text-to-video', 'image-to-text', 'chat', 'tabular-regression'],
      },
      { flags: '--prompt <text>', description: 'ask this, instead of the words of the first item of a suite' },
      { flags: '--badge <file>', description: 'write the outcome as JSON for a badge of shields.io, too' },
    ],
    load: () => import('./models-check.ts'),
    exportName: 'modelsCheckVerb',
  },
  { name: 'suites list', args: [], description: 'list the suites', load: () => import('./suites.ts'), exportName: 'suitesListVerb' },
  {
    name: 'suites show',
    args: [{ name: '<suite>', description: 'id or folder of a suite' }],
    description: 'show a suite: items, attributes, digest',
    load: () => import('./suites.ts'),
    exportName: 'suitesShowVerb',
  },
  {
    name: 'suites import',
    args: [
      { name: '<format>', description: 'vbench, jsonl, csv, dataset (a folder of Parquet, JSON lines, CSV or images) or images' },
      { name: '<source>', description: 'the file or the folder; - for standard input' },
    ],
    description: 'make a suite folder from the files of others; see docs/suites.md',
    options: [
      { flags: '--out <folder>', description: 'the new folder (default: the id)' },
      { flags: '--id <id>', description: 'of the suite (default: after the source)' },
      { flags: '--task <task>', description: 'what models are asked for; known for vbench and images' },
      { flags: '--map <part=column>', description: 'which column is what: prompt=caption; repeatable', isRepeatable: true },
      { flags: '--attribute <column>', description: 'keep only these columns as attributes; repeatable', isRepeatable: true },
      { flags: '--category <attribute>', description: 'break scores down by this attribute; repeatable', isRepeatable: true },
      { flags: '--filter <name=value>', description: 'only entries with this attribute; repeatable', isRepeatable: true },
      { flags: '--limit <n>', description: 'at most so many items: the first of the order of --seed', isCount: true },
      { flags: '--seed <n>', description: 'of the order, as samples.seed of a spec (default: 0)' },
      { flags: '--split <name>', description: 'of a dataset: train, validation or test' },
      { flags: '--prompt <text>', description: 'what to send with entries that have no prompt' },
      { flags: '--title <text>', description: 'of the suite (default: name of the source)' },
      { flags: '--license <name>', description: 'of the entries (default: unknown)' },
      { flags: '--skip-refused', description: 'leave out entries that are no items, and name them; otherwise nothing is written' },
    ],
    load: () => import('./suites-import.ts'),
    exportName: 'suitesImportVerb',
  },
  {
    name: 'import',
    args: [
      { name: '<format>', description: 'run-plan (CSV), task-registry (YAML), run-request (JSON) or regression (JSON lines)' },
      { name: '<file>', description: 'the file; - for standard input' },
    ],
    description: 'make specs, and suites, from a file of an older format; see docs/suites.md',
    options: [
      { flags: '--out <folder>', description: 'the new folder (default: the name)' },
      { flags: '--name <name>', description: 'of the spec (default: after the file)' },
      {
        flags: '--model <old=id>',
        description: 'the registered model that a name means; an id alone: for files that name none; repeatable',
        isRepeatable: true,
      },
      { flags: '--suite <suite>', description: 'for tasks without items of their own: an id or a folder' },
      { flags: '--task <task>', description: 'what the models are asked for, where the file does not say' },
      { flags: '--skip-refused', description: 'leave out entries that are no items, and name them; otherwise nothing is written' },
    ],
    load: () => import('./import.ts'),
    exportName: 'importVerb',
  },
  {
    name: 'teardown',
    args: [],
    description: 'remove a deployment; its data stays unless --data',
    options: [
      { flags: '--data', description: 'remove the bucket and the table, too: specs, results and records, for good' },
      { flags: '--yes', description: 'confirm; without it, it is only said what would be done' },
      ...DEPLOYMENT,
    ],
    load: () => import('./teardown.ts'),
    exportName: 'teardownVerb',
  },
  {
    name: 'serve',
    args: [],
    description: 'serve the API over the runs of this machine, on loopback',
    options: [
      { flags: '--port <port>', description: 'port to listen on; 0 takes a free one', default: '8080' },
      { flags: '--host <host>', description: 'address to listen on', default: '127.0.0.1' },
      { flags: '--allow-remote', description: 'let other machines in; they are not asked who they are' },
    ],
    load: () => import('./serve.ts'),
    exportName: 'serveVerb',
  },
  {
    name: 'doctor',
    args: [],
    description: 'say what is missing on this machine and in a deployment, with the remedy',
    options: DEPLOYMENT,
    load: () => import('./doctor.ts'),
    exportName: 'doctorVerb',
  },
  {
    name: 'clean',
    args: [],
    description: 'remove what killed runs left, and environments unused for 30 days',
    options: [
      { flags: '--all', description: 'remove every environment and download that is not in use' },
      { flags: '--runs', description: 'remove the runs as well, results included; needs --yes' },
      { flags: '--yes', description: 'confirm --runs' },
    ],
    load: () => import('./clean.ts'),
    exportName: 'cleanVerb',
  },
];
