/**
 * Every problem that a spec can have, by its stable code: what it means and what to do. The parser makes problems from this
 * table alone; the CLI prints them; docs/spec-problems.md is generated from it.
 */

interface ProblemKind {
  readonly meaning: string;
  readonly remedy: string;
}

export const PROBLEM_KINDS = {
  // The document
  'document-empty': { meaning: 'the document is empty', remedy: 'Write a spec; examples/diabetes.yaml is a short one.' },
  'document-too-large': { meaning: 'the document is too large', remedy: 'Move items into a suite folder and name it under suite.' },
  'document-not-utf8': { meaning: 'the document is not UTF-8 text', remedy: 'Save the file as UTF-8.' },
  'document-control-character': { meaning: 'the document holds a control character', remedy: 'Remove the character.' },
  'document-too-deep': { meaning: 'the document is nested too deeply', remedy: 'Flatten the document; no key of a spec lies this deep.' },
  'document-not-a-mapping': { meaning: 'the document is not a mapping of keys', remedy: 'Start with "apiVersion: bakeoff/v1".' },
  'yaml-syntax': { meaning: 'this is not YAML', remedy: 'Correct the syntax at this place.' },
  'yaml-duplicate-key': { meaning: 'a key is given twice', remedy: 'Keep one of the two.' },
  'yaml-tab': { meaning: 'a tab is used for indentation', remedy: 'Indent with spaces.' },
  'yaml-indentation': {
    meaning: 'the indentation does not fit, or a bracket is not closed',
    remedy: 'Align the line with its neighbours, or close the bracket.',
  },
  'yaml-nested-mapping': {
    meaning: 'a second ": " stands in one line',
    remedy: 'Quote the value, or put the inner mapping on lines of its own.',
  },
  'yaml-unclosed': {
    meaning: 'something is opened and not closed, or a sign is missing',
    remedy: 'Close the quote or bracket, or add the sign.',
  },
  'yaml-reserved-sign': { meaning: 'a value starts with a sign that YAML reserves', remedy: 'Quote the value.' },
  'yaml-escape': { meaning: 'an unknown escape stands in a quoted text', remedy: 'Write \\\\ for a back-slash, or use single quotes.' },
  'yaml-several-documents': {
    meaning: 'the file holds several documents',
    remedy: 'Keep one document per file; remove the "---" between them.',
  },
  'yaml-unknown-anchor': { meaning: 'an alias names no earlier anchor', remedy: 'Define the anchor with "&name" before it is used.' },
  'yaml-alias-expansion': { meaning: 'aliases expand to too much, or to themselves', remedy: 'Write the values out.' },
  'yaml-tag': { meaning: 'a tag is not supported', remedy: 'Remove the tag; only plain text, numbers, true, false and null are known.' },
  'yaml-directive': { meaning: 'a directive is not supported', remedy: 'Remove the line that starts with "%".' },
  'yaml-key-not-text': { meaning: 'a key is a list or a mapping', remedy: 'Use plain text as the key.' },
  'yaml-merge-key': { meaning: 'the merge key "<<" is not part of YAML 1.2', remedy: 'Write the keys out, or alias the whole value.' },
  'reserved-key': { meaning: 'this key is reserved', remedy: 'Use another name.' },
  // Shape
  'unknown-key': { meaning: 'this key is not known here', remedy: 'Remove or rename the key.' },
  'missing-key': { meaning: 'a key is missing', remedy: 'Add the key.' },
  'wrong-type': { meaning: 'the value has the wrong type', remedy: 'Write a value of the expected type.' },
  'not-one-of': { meaning: 'the value is not one of those allowed', remedy: 'Choose one of the allowed values.' },
  'unsupported-version': { meaning: 'this version of the spec is not known', remedy: 'Write "apiVersion: bakeoff/v1".' },
  'not-available': { meaning: 'not available in this version', remedy: 'Remove it, or wait for a version that has it.' },
  'number-too-small': { meaning: 'the number is too small', remedy: 'Raise the number.' },
  'number-too-large': { meaning: 'the number is too large', remedy: 'Lower the number.' },
  'number-not-whole': { meaning: 'the number is not whole', remedy: 'Write a whole number.' },
  'number-not-finite': { meaning: 'this is not a finite number', remedy: 'Write a finite number.' },
  'text-too-short': { meaning: 'the text is too short', remedy: 'Write a text.' },
  'text-too-long': { meaning: 'the text is too long', remedy: 'Shorten the text.' },
  'list-too-short': { meaning: 'the list has too few entries', remedy: 'Add an entry, or remove the key.' },
  'list-too-long': { meaning: 'the list has too many entries', remedy: 'Shorten the list.' },
  'mapping-empty': { meaning: 'the mapping has no keys', remedy: 'Add a key, or remove the empty mapping.' },
  'invalid-name': {
    meaning: 'this is not a name',
    remedy: 'Use lower-case letters, digits and hyphens, at most 48, starting with a letter or digit.',
  },
  'invalid-id': { meaning: 'this is not an id', remedy: 'Start with a letter or digit; go on with at most 63 of A-Z a-z 0-9 . _ -' },
  'invalid-duration': { meaning: 'this is not a duration', remedy: 'Write a whole number and a unit, for example 500ms, 15s, 15m or 6h.' },
  'invalid-image': {
    meaning: 'this does not name an image',
    remedy: 'Write [registry/]name, then :tag or @sha256: and 64 hex digits, in lower case but for the tag.',
  },
  'invalid-metric-name': { meaning: 'this is not the name of a metric', remedy: 'Write <scorer>.<metric>, for example text.cer.' },
  // Suite, items, selection
  'suite-missing': { meaning: 'there is nothing to send', remedy: 'Name a suite, or write items.' },
  'suite-and-items': { meaning: 'a suite and items are both given', remedy: 'Keep one of the two.' },
  'unknown-suite': {
    meaning: 'no suite of this name is registered',
    remedy: 'Name a suite that `bakeoff suites list` shows, or the path of a suite folder.',
  },
  'suite-broken': { meaning: 'the suite cannot be used', remedy: 'Mend the suite.' },
  'duplicate-item-id': { meaning: 'two items have the same id', remedy: 'Give every item an id of its own.' },
  'item-ids-differ-in-case': { meaning: 'two ids differ in case only', remedy: 'Rename one of the two: ids must be unique ignoring case.' },
  'item-without-input': { meaning: 'an item lacks the input that its task needs', remedy: 'Add the input.' },
  'item-without-reference': {
    meaning: 'an item lacks the reference that a scorer compares with',
    remedy: 'Add the reference, or leave the scorer out.',
  },
  'unknown-attribute': { meaning: 'no item has this attribute', remedy: 'Filter by an attribute that the items have.' },
  'unknown-attribute-value': { meaning: 'no item has this value of the attribute', remedy: 'Choose a value that occurs.' },
  'filter-matches-nothing': { meaning: 'no item passes all filters together', remedy: 'Loosen the filter.' },
  'too-many-samples': { meaning: 'a job would have too many samples', remedy: 'Lower samples.perItem or samples.limit.' },
  // Models
  'unknown-model': { meaning: 'no model of this name is registered', remedy: 'Name a model that `bakeoff models list` shows.' },
  'evaluator-as-model': { meaning: 'this package is an evaluator, not a model', remedy: 'Name its scorers under scorers instead.' },
  'package-broken': { meaning: 'the package cannot be used', remedy: 'Mend the package.' },
  'task-mismatch': { meaning: 'the model cannot do the task of the suite', remedy: 'Choose a model for this task, or another suite.' },
  'protocol-mismatch': { meaning: 'the model does not speak this protocol', remedy: 'Leave protocol out: the manifest names it.' },
  'key-needs-image': { meaning: 'this key tells of an image, and no image is given', remedy: 'Add image, or remove the key.' },
  'unknown-param': { meaning: 'the model has no param of this name', remedy: 'Name a param that `bakeoff models show` lists.' },
  'missing-param': { meaning: 'a param without a default is not given', remedy: 'Give the param under params or matrix.' },
  'param-wrong-type': { meaning: 'the param has the wrong type', remedy: 'Write a value of the expected type.' },
  'param-out-of-range': { meaning: 'the param is out of range', remedy: 'Choose a value within the range.' },
  'param-not-allowed': { meaning: 'the param is not one of its allowed values', remedy: 'Choose one of the allowed values.' },
  'param-given-twice': { meaning: 'the param is given under params and under matrix', remedy: 'Keep it in one of the two.' },
  'matrix-repeats-value': { meaning: 'a value is repeated in the matrix', remedy: 'Remove the repetition.' },
  'duplicate-job': {
    meaning: 'two jobs are the same: model and params',
    remedy: 'Remove one of them; to repeat samples use samples.perItem.',
  },
  'too-many-jobs': { meaning: 'the matrix makes too many jobs', remedy: 'Shorten the matrix.' },
  'above-max-concurrency': {
    meaning: 'the load is above what the model serves at once',
    remedy: 'Lower the load, or run this model in a spec of its own.',
  },
  // Scorers, score, limits
  'unknown-scorer': {
    meaning: 'no scorer of this name exists',
    remedy: 'Name latency, resources, text, numbers, overlap, fields, labels, or a scorer of an evaluator package.',
  },
  'duplicate-scorer': { meaning: 'a scorer is listed twice', remedy: 'Remove the repetition.' },
  'ambiguous-scorer': { meaning: 'several evaluators offer a scorer of this name', remedy: 'Rename the scorer in one of the packages.' },
  'scorer-task-mismatch': {
    meaning: 'the scorer cannot read the outputs of this task',
    remedy: 'Remove the scorer, or choose one for this task.',
  },
  'scorer-not-listed': { meaning: 'the metric belongs to a scorer that is not listed', remedy: 'Add the scorer under scorers.' },
  'unknown-metric': { meaning: 'the scorer has no metric of this name', remedy: 'Name a metric that the scorer offers.' },
  'metric-without-direction': {
    meaning: 'the metric is a diagnostic without direction',
    remedy: 'Choose a metric for which higher or lower is better.',
  },
  'metric-not-measured': {
    meaning: 'the run will not have this metric',
    remedy: 'Ask for what it needs under load, samples, slo or score, or remove the gate.',
  },
  'metric-unbounded': {
    meaning: 'the metric has no finite range, so it cannot be weighed',
    remedy: 'Use rankBy for it, or weigh metrics with a finite range.',
  },
  'metric-not-of-samples': {
    meaning: 'the metric is made of all samples together and says nothing of a single one, which this score needs',
    remedy: 'Use rankBy or mean-win-rate for it, or another metric.',
  },
  'score-rule-missing': {
    meaning: 'the score names neither a profile nor a metric to rank by',
    remedy: 'Give profile: weighted with weights, another profile, or rankBy.',
  },
  'score-rule-ambiguous': { meaning: 'the score names both a profile and a metric to rank by', remedy: 'Keep one of the two.' },
  'weights-missing': { meaning: 'the weighted profile has no weights', remedy: 'Add weights: { <scorer>.<metric>: 1 }.' },
  'profile-missing': {
    meaning: 'the score names no profile for what it gives',
    remedy: 'Add the profile: weighted for weights, mean-win-rate for metrics, bradley-terry for metric, a published one for dimensions.',
  },
  'metrics-missing': { meaning: 'the mean win rate has no metrics', remedy: 'Add metrics: [<scorer>.<metric>, …].' },
  'metric-missing': { meaning: 'the battles have no metric to be won by', remedy: 'Add metric: <scorer>.<metric>.' },
  'duplicate-metric': { meaning: 'a metric is listed twice', remedy: 'Remove the repetition.' },
  'score-key-misplaced': { meaning: 'this key belongs to another profile', remedy: 'Remove the key, or change the profile.' },
  'dimensions-missing': {
    meaning: 'the profile has no total without all of its dimensions',
    remedy: 'Add dimensions: { <dimension>: <scorer>.<metric> } for those that are missing.',
  },
  'unknown-dimension': {
    meaning: 'the profile has no dimension of this name',
    remedy: 'Name a dimension that `bakeoff score profile NAME` lists.',
  },
  'duplicate-dimension': { meaning: 'a dimension is given twice', remedy: 'Keep one of the two.' },
  'metric-not-a-fraction': {
    meaning: 'a dimension needs a metric within 0 to 1, or of range 0 to 100, of which more is better',
    remedy: 'Choose another metric for the dimension.',
  },
  'limit-is-zero': { meaning: 'the limit is zero', remedy: 'Write a duration above zero.' },
  'limit-too-long': { meaning: 'the limit is too long', remedy: 'Write a duration of at most 168h.' },
  'limits-out-of-order': { meaning: 'a sample may take longer than its whole job', remedy: 'Raise limits.job or lower limits.sample.' },
  // Load and objectives
  'duration-is-zero': { meaning: 'the duration is zero', remedy: 'Write a duration above zero, or remove the key.' },
  'duration-too-long': { meaning: 'the duration is too long', remedy: 'Write a duration of at most 168h.' },
  'ramp-covers-load': {
    meaning: 'the ramp leaves nothing to measure',
    remedy: 'Shorten load.ramp, or let the load last longer.',
  },
  'schedule-empty': { meaning: 'nothing is due within the duration', remedy: 'Raise load.duration, or let requests come earlier.' },
  'load-exceeds-job': {
    meaning: 'the load takes longer than its job may',
    remedy: 'Raise limits.job, or make the load shorter.',
  },
  'trace-without-times': { meaning: 'the trace has no times', remedy: 'Name a file of times under load.file, or write load.timesMs.' },
  'trace-file-and-times': { meaning: 'a file of times and the times are both given', remedy: 'Keep one of the two.' },
  'trace-not-ascending': { meaning: 'a time is before the one that precedes it', remedy: 'Sort the times.' },
  'trace-line-invalid': {
    meaning: 'a line of the trace is not a time',
    remedy: 'Write one time a line, seconds from the start of the load, such as 12.5; # starts a comment.',
  },
  'trace-file-unusable': { meaning: 'the file of the trace cannot be used', remedy: 'Name a text file with one time a line.' },
  'trace-file-outside': {
    meaning: "the file of the trace lies outside the spec's folder",
    remedy: 'Put the file beside the spec, or into a folder below.',
  },
  'trace-file-not-read': {
    meaning: 'the spec came without the file of its trace',
    remedy: 'Send it by `bakeoff submit`, which puts the times into the spec, or write load.timesMs.',
  },
  'trace-too-long': {
    meaning: 'the trace is too long for a spec, which holds its times',
    remedy: 'Cut the trace, or give its times fewer digits.',
  },
  'slo-without-stream': {
    meaning: 'the time to the first token is known only of answers that are streamed',
    remedy: 'Add stream: true to the load, or remove slo.ttftMs.',
  },
  'stream-not-spoken': {
    meaning: 'the protocol of this model has no streamed answers',
    remedy: 'Remove stream from the load, or choose a model that speaks native or openai-chat.',
  },
  'slo-of-offline': {
    meaning: 'offline load has no latency that an objective could bound',
    remedy: 'Remove slo, or choose another mode of load.',
  },
  // A deployment's fleet
  'unknown-class': { meaning: 'the fleet has no class of this name', remedy: 'Name a class of the deployment, or auto.' },
  'no-class-fits': {
    meaning: 'no class of the fleet has what the package needs',
    remedy: 'Leave the package out, choose another class, or add a larger one to the fleet of the deployment.',
  },
  'budget-without-price': {
    meaning: 'a budget cannot be kept on a class without a price',
    remedy: 'Remove the budget, or choose a class whose price is known.',
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEM_KINDS;

/** A step of a path: key of a mapping, or index of a list. */
export type PathStep = string | number;

/** A problem by its place in the document; the parser turns the place into line and column. */
export interface ProblemDraft {
  readonly code: ProblemCode;
  readonly path: readonly PathStep[];
  readonly seen?: string;
  readonly expected?: string;
  readonly nearest?: string | null;
  /** Said after the meaning, where the values alone do not tell enough. */
  readonly detail?: string;
  /** The key is what is wrong, not its value. */
  readonly atKey?: boolean;
}

export interface SpecProblem {
  readonly code: ProblemCode;
  /** For example `models[1].params.steps`; empty for the whole document. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly seen: string | null;
  readonly expected: string | null;
  readonly message: string;
  readonly nearest: string | null;
  readonly remedy: string;
}

/** The problem that a user sees. */
export function problemAt(draft: ProblemDraft, position: { readonly line: number; readonly column: number }): SpecProblem {
  const kind = PROBLEM_KINDS[draft.code];
  return {
    code: draft.code,
    path: formatPath(draft.path),
    ...position,
    seen: draft.seen ?? null,
    expected: draft.expected ?? null,
    message: messageOf(draft),
    nearest: draft.nearest ?? null,
    remedy: kind.remedy,
  };
}

function messageOf({ code, detail }: ProblemDraft): string {
  if (detail === undefined) return PROBLEM_KINDS[code].meaning;
  return code === 'not-available' ? detail : `${PROBLEM_KINDS[code].meaning}: ${detail}`;
}

/** `models[1].params.steps`; keys that are not plain are quoted. */
function formatPath(path: readonly PathStep[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) return index === 0 ? step : `.${step}`;
      return `[${clip(JSON.stringify(step), 80)}]`;
    })
    .join('');
}

/** A value as a short JSON text, for `seen`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value === undefined) return 'nothing';
  if (Array.isArray(value) && value.length > 4) return `a list of ${value.length}`;
  return clip(JSON.stringify(value) ?? typeof value, 60);
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
