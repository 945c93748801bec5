/**
 * The rules of the fleet's instances, set by the very script of their user data, against real containers: what each user of a task reaches
 * before and after. Nothing leaves the machine. Without root and Docker it skips and says so; BAKEOFF_REQUIRE_DOCKER=1 makes that a failure.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USERS } from '../../lib/core/environment-names.ts';
import {
  CLOSED_PORTS,
  CREDENTIALS,
  type IsolatedHost,
  isolatedHost,
  METADATA,
  MODEL_PORT,
  OUTSIDE,
  type Target,
  whyNoIsolatedHost,
} from './isolated-host.ts';

const why = whyNoIsolatedHost();
const isRequired = process.env.BAKEOFF_REQUIRE_DOCKER === '1';
if (why !== null && !isRequired) console.warn(`\nNOT TESTED: the isolation of users on a host, for ${why}.\n`);

const DRIVER_PORT = 20124;
const both = (port: number): Target[] => [
  { host: '127.0.0.1', port },
  { host: '::1', port },
];
const loopback = [...both(MODEL_PORT), ...both(DRIVER_PORT)];
const closed = CLOSED_PORTS.flatMap(both);
const names = ['127.0.0.1', '::1', OUTSIDE.v4, OUTSIDE.v6].map((host): Target => ({ host, port: 53, udp: true }));
const outside = [OUTSIDE.v4, OUTSIDE.v6].flatMap((host) => [80, 443].map((port) => ({ host, port })));
const https = outside.filter(({ port }) => port === 443);
const metadata = [METADATA.v4, METADATA.v6].map((host) => ({ host, port: 80 }));
const credentials: Target[] = [{ host: CREDENTIALS, port: 80 }];
const everything = [...loopback, ...closed, ...names, ...outside, ...metadata, ...credentials];

/** What was reached, as `host port`. */
function reached(host: IsolatedHost, uid: number, targets: readonly Target[]): string[] {
  const results = host.probe(uid, targets);
  return wordsOf(targets.filter((_, index) => results[index] === 'reached'));
}

function wordsOf(targets: readonly Target[]): string[] {
  return targets.map(({ host, port, udp }) => `${host} ${port}${udp ? ' udp' : ''}`);
}

it.runIf(isRequired)('the machine can test the isolation of users', () => {
  expect(why).toBeNull();
});

describe.skipIf(why !== null)('the users of a task on one host', () => {
  const given: { host: IsolatedHost | null } = { host: null };
  const host = (): IsolatedHost => given.host!;

  beforeAll(() => {
    given.host = isolatedHost();
    process.once('exit', host().close);
    host().serve(USERS.modelUid, MODEL_PORT);
    host().serve(USERS.driverUid, DRIVER_PORT);
  }, 120_000);
  afterAll(() => given.host?.close());

  it('reach everything before the rules are set: what follows is their doing', () => {
    expect(reached(host(), USERS.modelUid, everything)).toEqual(wordsOf(everything));
  });

  describe('once the rules are set', () => {
    beforeAll(() => {
      host().applyRules();
    });

    it('let a model reach its driver on loopback, and nothing else', () => {
      expect(reached(host(), USERS.modelUid, everything)).toEqual(wordsOf(loopback));
    });

    it('let the driver reach its model, the outside and its credentials, but not the metadata service', () => {
      const expected = everything.filter((target) => !metadata.some((other) => other === target));
      expect(reached(host(), USERS.driverUid, everything)).toEqual(wordsOf(expected));
    });

    it('let a model that declares network reach HTTPS and names besides, on no address of the cloud', () => {
      const nameServers: Target[] = [...both(53), ...names];
      const expected = everything.filter((target) => [...loopback, ...https, ...nameServers].some((other) => same(other, target)));
      expect(reached(host(), USERS.networkModelUid, everything)).toEqual(wordsOf(expected));
    });

    it('leave the users of the host itself alone', () => {
      expect(reached(host(), 0, everything)).toEqual(wordsOf(everything));
    });

    it('are the same when the script runs again', () => {
      host().applyRules();
      expect(reached(host(), USERS.modelUid, everything)).toEqual(wordsOf(loopback));
    });
  });
});

function same(a: Target, b: Target): boolean {
  return a.host === b.host && a.port === b.port && (a.udp ?? false) === (b.udp ?? false);
}
