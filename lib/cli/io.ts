/**
 * What a verb of the CLI may use of the outside: where to write, where it runs, what the user set. bin/bakeoff.ts makes the
 * real one, tests make their own. Results go to stdout, progress and prose to stderr.
 */
import type { Settings } from '../settings.ts';

export interface TextSink {
  readonly write: (text: string) => unknown;
}

export interface VerbIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** What `-` reads; default: that of the process. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly settings: Settings;
  /** The installation: the folder that holds `models/` and `examples/`. */
  readonly root: string;
  /** Paths that the user gives are relative to it. */
  readonly cwd: string;
  /** True when stderr is a terminal: live progress may redraw lines. */
  readonly isTty: boolean;
  /** True when stdout is one: results may be coloured. */
  readonly isStdoutTty: boolean;
  /** Width of the terminal, 80 where there is none. */
  readonly columns: number;
}

/** Options that every verb understands. */
export interface CommonOptions {
  /** The folder of runs, absolute. */
  readonly dir: string;
  /** Exactly one JSON document on stdout, nothing else. */
  readonly json: boolean;
}

/** 0 done, 1 gate failed or internal, 2 usage or spec, 3 incomplete, 4 environment, 130 interrupted. */
export type ExitCode = number;

/** Writes the one JSON document of a `--json` call. */
export function writeJson(io: Pick<VerbIo, 'stdout'>, document: unknown): void {
  io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}
