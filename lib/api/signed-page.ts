/**
 * The report as a page whose links need no credentials: what it links relatively (media too large to embed, its own numbers) is signed for
 * the same time as the page. Only where a link opens one object alone, as on S3. Used by the route of the report.
 */
import { keys } from '../core/object-key.ts';
import type { ApiPorts } from './ports.ts';
import { contentTypeOf, isVisibleFile } from './visible-files.ts';

/** Above it the page is opened as it is stored: embedded media are at most 8 MiB, so it is text that nobody reads. */
const MOST_PAGE_BYTES = 64 << 20;
/** Attributes as the report writes them: text from outside never has an unescaped quote. */
const RELATIVE_LINK = / (src|href)="((?:\.\.\/|[A-Za-z0-9])[^"#:?&]*)"/g;

type PagePorts = Pick<ApiPorts, 'objects' | 'signLink'>;

/** The key of a page to open: the report itself where nothing in it needs a link. One copy a run, replaced by the next request for it. */
export async function signedPage(runId: string, seconds: number, { objects, signLink }: PagePorts): Promise<string> {
  const key = keys.report(runId, 'index.html');
  const page = await boundedText(objects, key);
  if (page === null) return key;
  const signed = new Map<string, string>();
  for (const [, , path = ''] of page.matchAll(RELATIVE_LINK)) {
    const linked = linkedKey(runId, path);
    if (linked === null || signed.has(path)) continue;
    signed.set(path, await signLink({ key: linked, contentType: contentTypeOf(linked), seconds }));
  }
  if (signed.size === 0) return key;
  const copy = page.replace(RELATIVE_LINK, (whole, name: string, path: string) => {
    const link = signed.get(path);
    return link === undefined ? whole : ` ${name}="${escaped(link)}"`;
  });
  await objects.put(keys.signedReport(runId), copy);
  return keys.signedReport(runId);
}

/** Null for what the API would not show by its own routes; inputs of items are shown, since the page shows them. */
function linkedKey(runId: string, path: string): string | null {
  const key = decoded(new URL(path, `http://store/runs/${runId}/report/`).pathname).slice(1);
  const own = `runs/${runId}/`;
  if (key.startsWith(own)) return isVisibleFile(key.slice(own.length)) ? key : null;
  return /^cache\/sha256\/[0-9a-f]{64}$/.test(key) ? key : null;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function escaped(link: string): string {
  return link.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

async function boundedText(objects: ApiPorts['objects'], key: string): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of objects.read(key, { startByte: 0, endByte: MOST_PAGE_BYTES + 1 })) {
    bytes += part.byteLength;
    parts.push(part);
  }
  return bytes > MOST_PAGE_BYTES ? null : Buffer.concat(parts).toString('utf8');
}
