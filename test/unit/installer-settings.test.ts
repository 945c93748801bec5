/** What the user has told pip, told to uv: from the words of `pip config list`. */
import { describe, expect, it } from 'vitest';
import { uvSettings } from '../../lib/adapters/local/process/installer-settings.ts';

describe('uv settings from pip’s', () => {
  it('are empty when pip was told nothing', () => {
    expect(uvSettings("global.fund='false'\n", {})).toEqual({});
  });

  it('hold indexes, certificates and time-outs', () => {
    const list = "global.cert='/etc/ca.pem'\nglobal.index-url='https://mirror.example/simple'\nglobal.timeout='180'\n";
    expect(uvSettings(list, {})).toEqual({
      UV_DEFAULT_INDEX: 'https://mirror.example/simple',
      SSL_CERT_FILE: '/etc/ca.pem',
      UV_HTTP_TIMEOUT: '180',
    });
  });

  it('let a variable win over a section, and the section of install over the global one', () => {
    const list =
      ":env:.index-url='https://c.example'\nglobal.index-url='https://a.example'\ninstall.index-url='https://b.example'\nglobal.find-links='/a'\ninstall.find-links='/b'\n";
    expect(uvSettings(list, {})).toEqual({ UV_DEFAULT_INDEX: 'https://c.example', UV_FIND_LINKS: '/b' });
  });

  it('take lists apart, and let any index serve a file, since its hash is pinned', () => {
    const list = "global.extra-index-url='\\nhttps://a.example\\nhttps://b.example'\n";
    expect(uvSettings(list, {})).toEqual({ UV_INDEX: 'https://a.example https://b.example', UV_INDEX_STRATEGY: 'unsafe-best-match' });
  });

  it('never replace what the user has told uv', () => {
    expect(
      uvSettings("global.cert='/pip.pem'\nglobal.extra-index-url='https://a.example'\n", {
        SSL_CERT_FILE: '/own.pem',
        UV_INDEX_STRATEGY: 'first-index',
      }),
    ).toEqual({
      UV_INDEX: 'https://a.example',
    });
  });
});
