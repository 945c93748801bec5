/** The environment: parsed once, all problems at once. */
import { expect, test } from 'vitest';
import { BakeoffError } from '../../lib/core/errors.ts';
import { readSettings, settingsHelp } from '../../lib/settings.ts';

test('an empty environment has defaults', () => {
  expect(readSettings({ HOME: '/home/u', PATH: '/bin' })).toEqual({
    dir: null,
    cacheDir: '/home/u/.cache/bakeoff',
    python: null,
    baseImage: null,
    dockerHost: null,
    extraModelFolders: [],
    stack: null,
    token: null,
    hasAwsSettings: false,
    debug: false,
    path: '/bin',
    home: '/home/u',
    noColor: false,
  });
});

test('what is set is taken', () => {
  const settings = readSettings({
    HOME: '/home/u',
    BAKEOFF_DIR: 'runs',
    BAKEOFF_CACHE: '/cache',
    BAKEOFF_PYTHON: '/opt/python3.11',
    BAKEOFF_MODELS: '/a:/b',
    BAKEOFF_STACK: 'bakeoff-service',
    AWS_REGION: 'us-east-1',
    BAKEOFF_DEBUG: '1',
    NO_COLOR: '1',
  });
  expect(settings).toMatchObject({
    dir: 'runs',
    cacheDir: '/cache',
    python: '/opt/python3.11',
    extraModelFolders: ['/a', '/b'],
    stack: 'bakeoff-service',
    hasAwsSettings: true,
    debug: true,
    noColor: true,
  });
});

test('every wrong variable is named at once', () => {
  const read = () => readSettings({ BAKEOFF_DEBUG: 'yes', BAKEOFF_DIR: '', BAKEOFF_CACHE: '/cache' });
  expect(read).toThrow(BakeoffError);
  expect(read).toThrow(/BAKEOFF_DIR is ""; .*BAKEOFF_DEBUG is "yes"/);
});

test('every variable has a description', () => {
  expect(settingsHelp().filter(({ how }) => how === '')).toEqual([]);
});
