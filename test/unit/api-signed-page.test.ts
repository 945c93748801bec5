/** A report that is opened by one link shows its large media too, where that link opens nothing else by itself. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keys } from '../../lib/core/object-key.ts';
import { type ApiFixture, apiFixture, storeRun } from '../fixtures/api-fixture.ts';

const DIGEST = 'c'.repeat(64);
const MEDIA = 'jobs/job-1/outputs/1/one.0/clip.webm';
const page = (...links: string[]): string => `<!doctype html>\n${links.join('\n')}\n<p>src=&quot;../jobs/job-1/job.json&quot;</p>\n`;

let api: ApiFixture;
beforeEach(async () => {
  api = await apiFixture({ signsPages: true });
  await storeRun(api, { runId: 'done-1' });
});
afterEach(() => api.close());

const opened = async (format = 'html'): Promise<{ readonly key: string; readonly text: string }> => {
  const response = await api.request(`/v1/runs/done-1/report?format=${format}`);
  expect(response.status).toBe(303);
  const key = new URL(response.headers.get('location') ?? '').pathname.slice(1);
  return { key, text: Buffer.from((await api.stores.objects.get(key)) ?? []).toString('utf8') };
};
const stored = (...links: string[]): Promise<boolean> => api.stores.objects.put(keys.report('done-1', 'index.html'), page(...links));
const signed = (key: string): string => `https://links.test/${key}?for=900&amp;signature=secret`;

describe('the page behind the link of a report', () => {
  it('has links signed for the same time to its media, the inputs it shows and its numbers', async () => {
    await stored(`<video src="../${MEDIA}"></video>`, `<img src="../../../cache/sha256/${DIGEST}">`, '<a href="report.json">numbers</a>');
    const { key, text } = await opened();

    expect(key).toBe('runs/done-1/report/signed.html');
    const numbers = `<a href="${signed('runs/done-1/report/report.json')}">numbers</a>`;
    expect(text).toBe(
      page(`<video src="${signed(`runs/done-1/${MEDIA}`)}"></video>`, `<img src="${signed(`cache/sha256/${DIGEST}`)}">`, numbers),
    );
    expect(Buffer.from((await api.stores.objects.get(keys.report('done-1', 'index.html'))) ?? []).toString()).not.toContain('signature');
  });

  it.each([
    '<img src="../references.jsonl">',
    '<img src="../placements.json">',
    '<img src="../../other-1/jobs/job-1/outputs/1/one.0/clip.webm">',
    '<img src="../jobs/..%2f..%2f..%2fother-1/plan.json">',
    '<img src="../../../specs/mine.yaml">',
    '<img src="https://elsewhere.test/x.png">',
    '<img src="data:image/png;base64,AA==">',
    '<a href="#cost">Cost</a>',
  ])('signs nothing that the API would not show: %s', async (link) => {
    await stored(link);
    const { key, text } = await opened();
    expect(key).toBe('runs/done-1/report/index.html');
    expect(text).toBe(page(link));
  });

  it('is the real report, whole, but for its links', async () => {
    const before = Buffer.from((await api.stores.objects.get(keys.report('done-1', 'index.html'))) ?? []).toString('utf8');
    const { text } = await opened();
    expect(text).toContain(signed('runs/done-1/report/leaderboard.csv'));
    expect(text.replaceAll(/https:\/\/links\.test\/runs\/done-1\/report\/([\w.]+)\?for=900&amp;signature=secret/g, '$1')).toBe(before);
  });

  it('is no file of the run: nobody finds the links of another', async () => {
    await opened();
    expect((await api.request('/v1/runs/done-1/files/report/signed.html')).status).toBe(404);
  });

  it('is not made for the other formats', async () => {
    expect((await opened('json')).key).toBe('runs/done-1/report/report.json');
    expect(await api.stores.objects.get(keys.signedReport('done-1'))).toBeNull();
  });
});

it('is the stored page where a link reaches what lies beside it, as on one machine', async () => {
  const local = await apiFixture();
  await storeRun(local, { runId: 'done-1' });
  const response = await local.request('/v1/runs/done-1/report');
  expect(response.headers.get('location')).toContain('/runs/done-1/report/index.html?');
  expect(await local.stores.objects.get(keys.signedReport('done-1'))).toBeNull();
  await local.close();
});
