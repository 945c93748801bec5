/** Who may speak to the local server: its own names and pages, and nobody that a page of another site sends. */
import { describe, expect, it } from 'vitest';
import { isLoopbackHost, refusalOf } from '../../lib/compose/serve-guard.ts';

const loopback = { host: '127.0.0.1', port: 8080 };
const remote = { host: '0.0.0.0', port: 8080 };
const request = (headers: Record<string, string>, method = 'GET') => ({ method, headers: new Headers(headers) });

describe('the Host header', () => {
  it.each(['127.0.0.1:8080', 'localhost:8080', 'LOCALHOST:8080', '[::1]:8080', '127.0.0.2:8080'])('%s is ours', (host) => {
    expect(refusalOf(request({ host }), loopback)).toBeNull();
  });

  it.each([
    'evil.test',
    'evil.test:8080',
    '127.0.0.1',
    '127.0.0.1:80',
    '127.0.0.1.evil.test:8080',
    '10.0.0.5:8080',
    '',
    'localhost:8080@evil.test',
    'localhost:99999999',
  ])('%j is not', (host) => {
    expect(refusalOf(request({ host }), loopback)).toBe('host-not-allowed');
  });

  it('may be any address of this machine where others are let in, but no name', () => {
    expect(refusalOf(request({ host: '10.0.0.5:8080' }), remote)).toBeNull();
    expect(refusalOf(request({ host: 'evil.test:8080' }), remote)).toBe('host-not-allowed');
  });
});

describe('the Origin header', () => {
  it.each(['https://evil.test', 'http://localhost:3000', 'http://127.0.0.1:8080.evil.test', 'null', 'https://127.0.0.1:8080'])(
    '%s is refused',
    (origin) => {
      expect(refusalOf(request({ host: '127.0.0.1:8080', origin }, 'POST'), loopback)).toBe('origin-not-allowed');
    },
  );

  it('of a page of this server is let in', () => {
    expect(refusalOf(request({ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }, 'POST'), loopback)).toBeNull();
  });

  it('that is missing does not help a form of another site', () => {
    const form = { host: '127.0.0.1:8080', 'sec-fetch-site': 'cross-site' };
    expect(refusalOf(request(form, 'POST'), loopback)).toBe('origin-not-allowed');
    expect(refusalOf(request(form, 'DELETE'), loopback)).toBe('origin-not-allowed');
    expect(refusalOf(request(form), loopback)).toBeNull();
  });
});

describe('a loopback address', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('%s is one', (host) => expect(isLoopbackHost(host)).toBe(true));
  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.test', '1270.0.0.1', 'example.test'])('%s is none', (host) =>
    expect(isLoopbackHost(host)).toBe(false),
  );
});
