/** Where one run of the emulator level keeps what it makes outside Docker, and the port it uses: one run at a time on a machine. */
import { mkdirSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const DEFAULT_PORT = 4566;

/** Of the emulated AWS, on loopback. */
export const PORT = Number(process.env.BAKEOFF_E2E_PORT ?? DEFAULT_PORT);

/** The label that MiniStack gives the containers of its tasks: the one that holds the port is their owner. */
export const OWNER_LABEL = `ministack.instance=${hostname()}:${PORT}`;

/** In the environment of every process that a run of the level starts. */
export const RUN_MARK = `BAKEOFF_E2E_RUN=${PORT}`;

export const WORK_FOLDER = join(tmpdir(), `bakeoff-e2e-${PORT}`);

/** Shared by the containers of all tasks: each task makes folders of its own below. */
export const VOLUME = { outputs: join(WORK_FOLDER, 'volume/outputs'), inputs: join(WORK_FOLDER, 'volume/inputs') } as const;

export function makeWorkFolder(): void {
  mkdirSync(WORK_FOLDER, { recursive: true });
}
