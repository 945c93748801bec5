/**
 * Finds and starts Debian's chromium for the browser level. Where there is none the level says so loudly and is skipped;
 * with BAKEOFF_REQUIRE_BROWSER=1 (continuous integration) it fails instead.
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATH = '/usr/bin/chromium';

export const chromiumIsHere = existsSync(PATH);
export const browserIsRequired = process.env.BAKEOFF_REQUIRE_BROWSER === '1';

export function launchChromium(): Promise<Browser> {
  const flags = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath: PATH, args: flags });
}
