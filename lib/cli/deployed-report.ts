/** Files of a run's report, fetched over signed links that are never printed but on demand. Used by watch, show and report. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BakeoffError, messageOf } from '../core/errors.ts';
import { isKey } from '../core/object-key.ts';
import { type Report, reportSchema } from '../report/report-model.ts';
import type { DeploymentApi } from './deployment-api.ts';

const TIMEOUT_MS = 600_000;
const MOST_REPORT_BYTES = 256 << 20;
const REPORT_JSON = 'report/report.json';

function filePath(runId: string, name: string): string {
  const segments = name.split('/').map(encodeURIComponent).join('/');
  return `/v1/runs/${encodeURIComponent(runId)}/files/${segments}`;
}

/** The report of a run; null when the deployment has none. Throws `report-unreadable`. */
export async function fetchReport(api: DeploymentApi, runId: string): Promise<Report | null> {
  const link = await linkOrNull(api, filePath(runId, REPORT_JSON));
  if (link === null) return null;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of await bodyOf(link, REPORT_JSON)) {
    bytes += chunk.byteLength;
    if (bytes > MOST_REPORT_BYTES) throw unfetched(REPORT_JSON, `more than ${MOST_REPORT_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return reportSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch (cause) {
    throw new BakeoffError({
      code: 'report-unreadable',
      message: `the report of ${runId} is not in the form of this version`,
      remedy: 'Read it in the browser: "bakeoff report RUN --stack NAME".',
      kind: 'environment',
      cause,
    });
  }
}

/** Writes aside and renames; false when the deployment has no such file. Throws `download-failed`. */
export async function downloadFile(api: DeploymentApi, runId: string, name: string, path: string): Promise<boolean> {
  const link = await linkOrNull(api, filePath(runId, name));
  if (link === null) return false;
  const body = await bodyOf(link, name);
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.part`;
  try {
    await pipeline(body, createWriteStream(aside));
    await rename(aside, path);
    return true;
  } catch (thrown) {
    await rm(aside, { force: true });
    throw unfetched(name, messageOf(thrown));
  }
}

/** Null for a file or report that the deployment says it has not. */
async function linkOrNull(api: DeploymentApi, path: string): Promise<string | null> {
  try {
    return await api.link(path);
  } catch (thrown) {
    if (thrown instanceof BakeoffError && MISSING.has(thrown.code)) return null;
    throw thrown;
  }
}

const MISSING: ReadonlySet<string> = new Set(['file-missing', 'report-missing', 'object-missing']);

/** The link holds a signature: no message repeats it, nor a cause that might. */
async function bodyOf(link: string, name: string): Promise<AsyncIterable<Uint8Array>> {
  let response: Response;
  try {
    response = await fetch(link, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (thrown) {
    throw unfetched(name, thrown instanceof Error && thrown.name === 'TimeoutError' ? 'no answer in time' : 'the store cannot be reached');
  }
  if (response.ok && response.body !== null) return response.body;
  throw unfetched(name, `the store answered ${response.status}`);
}

function unfetched(name: string, seen: string): BakeoffError {
  return new BakeoffError({
    code: 'download-failed',
    message: `${name} could not be downloaded: ${seen}`,
    remedy: 'Try again; what was downloaded before is kept.',
    kind: 'environment',
  });
}

/** Files that the report links instead of holding them, by their names below the run; anything that would leave its folder is left out. */
export function linkedFiles(report: Report): string[] {
  const outputs = report.examples.flatMap((example) => [
    ...example.media,
    ...example.outputs.flatMap((output) => (output.state === 'succeeded' ? output.media : [])),
  ]);
  const names = outputs.flatMap(({ source }) => (source.kind === 'linked' ? [nameBelowRun(source.href, report.run.runId)] : []));
  return [...new Set(names.filter((name) => name !== null))];
}

/** `../jobs/…` as seen from the report, or the API's own route. */
function nameBelowRun(href: string, runId: string): string | null {
  const route = `/v1/runs/${runId}/files/`;
  const at = href.indexOf(route);
  const name = at >= 0 ? href.slice(at + route.length) : href.startsWith('../') ? href.slice(3) : null;
  return name !== null && isKey(name) ? name : null;
}
