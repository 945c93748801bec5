/**
 * What driver and model may do to each other on the two volumes of a task: real containers of the two users, real Docker volumes, the
 * driver's own code. Skips where isolation.test.ts does.
 */
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { USERS } from '../../lib/core/environment-names.ts';
import { whyNoIsolatedHost } from './isolated-host.ts';
import { docker, LABEL_OPTIONS, nodeImage, removeAll } from './test-containers.ts';

const here = import.meta.dirname;
const dockerfile = readFileSync(join(here, '../../lib/driver/image/Dockerfile'), 'utf8');
const folders = { outputsDir: '/outputs/1-a', inputsDir: '/inputs/1-a', scratchDir: '/inputs/1-a.driver' };
const LANE = '/outputs/1-a/1-0-1';

type Action = readonly [name: string, argument: unknown];

const state = { modelImage: '', driverImage: '', count: 0 };
const volumeOf = (name: string): string => `bakeoff-isolation-${process.pid}-${state.count}-${name}`;

/** One container of that user on the task's volumes, hardened as a task's are. */
function act(user: 'model' | 'driver', ...actions: Action[]): unknown[] {
  const isModel = user === 'model';
  const mounts = ['--volume', `${volumeOf('o')}:/outputs`, '--volume', `${volumeOf('i')}:/inputs${isModel ? ':ro' : ''}`];
  const ours = ['--volume', `${here}:/test:ro`, '--volume', `${join(here, '../../lib')}:/bakeoff/lib:ro`];
  const hardened = ['--network', 'none', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
  const uid = isModel ? USERS.modelUid : USERS.driverUid;
  const image = isModel ? state.modelImage : state.driverImage;
  const words = ['run', '--rm', ...LABEL_OPTIONS, ...mounts, ...ours, ...hardened, '--user', `${uid}:${USERS.sharedGid}`, image];
  return JSON.parse(docker([...words, '/node', '/test/volume-user.mjs', JSON.stringify(actions)]));
}

/** The folders of the driver's image, as its Dockerfile makes them. */
function addVolumeFolders(root: string): void {
  for (const name of ['outputs', 'inputs']) {
    const [, mode = ''] = new RegExp(`chmod (\\d+) /${name}\\b`).exec(dockerfile) ?? [];
    mkdirSync(join(root, name));
    chownSync(join(root, name), USERS.driverUid, USERS.sharedGid);
    chmodSync(join(root, name), Number.parseInt(mode, 8));
  }
}

describe.skipIf(whyNoIsolatedHost() !== null)('the volumes of a task', () => {
  beforeAll(() => {
    removeAll();
    state.modelImage = nodeImage('model');
    state.driverImage = nodeImage('driver', addVolumeFolders);
    process.once('exit', removeAll);
  });
  afterAll(removeAll);
  beforeEach(() => {
    state.count += 1;
    for (const name of ['o', 'i']) docker(['volume', 'create', ...LABEL_OPTIONS, volumeOf(name)]);
    // The model's container is there first, as ECS starts it.
    expect(act('model', ['write', '/outputs/early'])).toEqual(['EACCES']);
    expect(act('driver', ['make', folders], ['lane', folders.outputsDir])).toEqual(['done', '1-0-1']);
  });

  it("take owner and mode from the driver's image, though the model's container mounted them first", () => {
    expect(act('driver', ['mode', '/outputs'], ['mode', '/inputs'])).toEqual(['3775', '2750']);
  });

  it('let the model write where the driver asks it to, and the driver read that', () => {
    expect(act('model', ['write', `${LANE}/clip.webm`])).toEqual(['done']);
    expect(act('driver', ['read', `${LANE}/clip.webm`])).toEqual(['written']);
  });

  it("let the model read inputs, and nothing that is the driver's own", () => {
    act('driver', ['write', `${folders.inputsDir}/image`], ['write', `${folders.scratchDir}/copy`]);
    expect(act('model', ['read', `${folders.inputsDir}/image`])).toEqual(['written']);
    expect(act('model', ['read', `${folders.scratchDir}/copy`], ['list', folders.scratchDir])).toEqual(['EACCES', 'EACCES']);
  });

  it('let the model neither add to the inputs nor replace a folder of the driver', () => {
    expect(act('model', ['write', `${folders.inputsDir}/more`])).toEqual(['EROFS']);
    const replacing: Action[] = [
      ['rename', folders.outputsDir],
      ['rename', LANE],
      ['write', `${folders.outputsDir}/more`],
    ];
    expect(act('model', ...replacing)).toEqual(['EPERM', 'EACCES', 'EACCES']);
  });

  it('give the driver no folder that the model has put in its way', () => {
    const next = { outputsDir: '/outputs/2-b', inputsDir: '/inputs/2-b', scratchDir: '/inputs/2-b.driver' };
    expect(act('model', ['link', next.outputsDir])).toEqual(['done']);
    expect(act('driver', ['make', next])).toEqual(['task-folder-taken']);
  });

  it('stop no driver by folders that only the model can empty', () => {
    expect(act('model', ['closedFolder', `${LANE}/closed`])).toEqual(['done']);
    expect(act('driver', ['discard', folders.outputsDir], ['remove', folders])).toEqual(['done', 'done']);
  });
});
