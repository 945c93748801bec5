/** The report page in Chromium: opened from disk, on a desk and on a phone, light and dark, with friendly and hostile content. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from '../../lib/report/build-report.ts';
import { renderHtml } from '../../lib/report/html/render-html.ts';
import { hostileReport } from '../fixtures/hostile-report.ts';
import { reportFixture } from '../fixtures/report-fixture.ts';
import { loadFixture } from '../fixtures/report-load.ts';
import { browserIsRequired, chromiumIsHere, launchChromium } from './chromium.ts';

const PAGES = ['video', 'text', 'numbers', 'hostile', 'load'] as const;
type PageName = (typeof PAGES)[number];

if (!chromiumIsHere) console.warn('\nBROWSER LEVEL SKIPPED: there is no /usr/bin/chromium. Install it (apt-get install chromium).\n');

it.runIf(browserIsRequired)('has a browser where one is required', () => {
  expect(chromiumIsHere).toBe(true);
});

describe.skipIf(!chromiumIsHere)('the report page', () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bakeoff-report-'));
    for (const name of PAGES) {
      const report = name === 'hostile' ? await hostileReport() : await buildReport(name === 'load' ? loadFixture() : reportFixture(name));
      await writeFile(join(folder, `${name}.html`), await renderHtml(report));
    }
    browser = await launchChromium();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a page and collects whatever it complains of and asks the network for. */
  async function open(
    name: PageName,
    width: number,
    colorScheme: 'light' | 'dark',
    reducedMotion: 'reduce' | 'no-preference' = 'no-preference',
  ) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion });
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^data:/.test(request.url())) requests.push(request.url());
    });
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    await page.goto(url);
    return { page, complaints, requests: () => requests.filter((request) => request !== url), close: () => context.close() };
  }

  describe.each(PAGES)('%s', (name) => {
    it.each([
      [1280, 'light'],
      [1280, 'dark'],
      [390, 'light'],
      [390, 'dark'],
    ] as const)(
      'at %i pixels in %s: no complaint, no request, nothing wider than the window',
      async (width, scheme) => {
        const { page, complaints, requests, close } = await open(name, width, scheme);

        const overflow = await page.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
          return document.documentElement.scrollWidth - window.innerWidth;
        });

        expect(overflow).toBeLessThanOrEqual(0);
        expect(complaints).toEqual([]);
        expect(requests()).toEqual([]);
        await close();
      },
      60_000,
    );
  });

  it('shows the chart of its width only', async () => {
    for (const [width, shown] of [
      [1280, 'wide'],
      [800, 'medium'],
      [390, 'narrow'],
    ] as const) {
      const { page, close } = await open('video', width, 'light');
      const visible = await page.evaluate(() =>
        [...document.querySelectorAll('.chart svg')]
          .filter((svg) => svg.getBoundingClientRect().width > 0)
          .map((svg) => svg.getAttribute('class')),
      );
      expect(visible).toEqual([shown, shown, shown]);
      await close();
    }
  }, 60_000);

  it('draws charts in the colours of the theme', async () => {
    const inkOf = (page: Page) => page.evaluate(() => getComputedStyle(document.querySelector('.chart svg text[fill="var(--ink)"]')!).fill);
    const light = await open('video', 1280, 'light');
    const dark = await open('video', 1280, 'dark');
    expect(await inkOf(light.page)).not.toBe(await inkOf(dark.page));
    await light.close();
    await dark.close();
  }, 60_000);

  it('switches the theme by its button', async () => {
    const { page, close } = await open('text', 1280, 'light');
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await background();
    await page.click('[data-theme-button]');
    expect(await background()).not.toBe(before);
    await page.click('[data-theme-button]');
    expect(await background()).toBe(before);
    await close();
  }, 60_000);

  it('loads and plays clips in view, and pauses them by the button', async () => {
    const { page, close } = await open('video', 1280, 'light');
    await page.locator('video').first().scrollIntoViewIfNeeded();
    const isPlaying = () => page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0.1);
    await isPlaying();
    const loaded = await page.evaluate(() =>
      [...document.querySelectorAll('video')].map((clip) => ({
        width: clip.videoWidth,
        height: clip.videoHeight,
        failed: clip.error !== null,
      })),
    );
    expect(loaded.length).toBeGreaterThan(20);
    expect(loaded.filter((clip) => clip.failed || clip.width !== 32 || clip.height !== 32)).toEqual([]);
    await page.click('[data-clips]');
    expect(await page.evaluate(() => [...document.querySelectorAll('video')].every((clip) => clip.paused))).toBe(true);
    await close();
  }, 60_000);

  it('starts no clip for those who want less motion', async () => {
    const { page, close } = await open('video', 1280, 'light', 'reduce');
    await page.locator('video').first().scrollIntoViewIfNeeded();
    await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 2);
    expect(await page.evaluate(() => [...document.querySelectorAll('video')].every((clip) => clip.paused))).toBe(true);
    await close();
  }, 60_000);

  it('shows hostile text as text: one script, no handler, the title untouched', async () => {
    const { page, close } = await open('hostile', 1280, 'light');
    const seen = await page.evaluate(() => ({
      title: document.title,
      scripts: document.scripts.length,
      handlers: [...document.querySelectorAll('*')].flatMap((element) =>
        element.getAttributeNames().filter((attribute) => attribute.startsWith('on')),
      ),
      headings: document.querySelectorAll('h1').length,
      text: document.body.textContent.includes('</script><script>document.title="owned"</script>'),
    }));
    expect(seen).toEqual({ title: 'ocr-lines: Bakeoff report', scripts: 1, handlers: [], headings: 1, text: true });
    await close();
  }, 60_000);

  it('refuses a script that somebody adds to the file', async () => {
    const { page, close } = await open('text', 1280, 'light');
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.intruder = true';
      document.body.append(script);
      return 'intruder' in window;
    });
    expect(ran).toBe(false);
    await close();
  }, 60_000);

  it.each(['light', 'dark'] as const)(
    'keeps a contrast of 4.5 : 1 between text and ground in %s',
    async (scheme) => {
      for (const name of ['video', 'text', 'numbers'] as const) {
        const { page, close } = await open(name, 1280, scheme);
        expect(await page.evaluate(lowContrast)).toEqual([]);
        await close();
      }
    },
    120_000,
  );

  it('names every table and every chart', async () => {
    const { page, close } = await open('numbers', 1280, 'light');
    const nameless = await page.evaluate(() => ({
      tables: [...document.querySelectorAll('table')].filter((table) => !table.caption?.textContent.trim()).length,
      charts: [...document.querySelectorAll('.chart')].filter(
        (chart) => chart.getAttribute('role') !== 'img' || !chart.getAttribute('aria-label'),
      ).length,
      images: [...document.querySelectorAll('img')].filter((image) => !image.alt).length,
    }));
    expect(nameless).toEqual({ tables: 0, charts: 0, images: 0 });
    await close();
  }, 60_000);
});

/** Runs in the page: texts whose contrast with the colours painted behind them is below 4.5 (WCAG 2, relative luminance). */
function lowContrast(): string[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  const paint = (colors: string[]): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (rgb: number[]) => {
    const [red = 0, green = 0, blue = 0] = rgb.map((channel) =>
      channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const faint: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement!;
    const text = walker.currentNode.textContent!.trim();
    if (text === '' || element.closest('script, style, svg') !== null || element.getClientRects().length === 0) continue;
    const grounds: string[] = [];
    for (let at: Element | null = element; at !== null; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
    const ground = luminance(paint(grounds));
    const ink = luminance(paint([...grounds, getComputedStyle(element).color]));
    const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${text.slice(0, 40)}`);
  }
  return faint;
}
