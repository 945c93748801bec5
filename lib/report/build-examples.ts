/**
 * The side-by-side examples of a report: texts clipped, media embedded while they are small and the page has room, else
 * linked. Called by build-report.ts.
 */
import type { FrozenItem } from '../core/job.ts';
import type { MediaFile, SampleRow } from '../core/sample.ts';
import type { ExampleSource, MediaReader } from './build-report.ts';
import type { Example, ExampleOutput, SampleScore, ShownMedia, ShownText } from './report-model.ts';
import { clipText } from './safe-text.ts';

const TEXT_LIMIT = 4000;
const EMBEDDED_FILE_LIMIT = 256 * 1024;
const EMBEDDED_TOTAL_LIMIT = 8 * 1024 * 1024;
/** Media that a browser shows without running anything in them; an SVG or HTML file is never among them. */
const SHOWN_TYPE = /^(video\/(webm|mp4)|image\/(png|jpeg|gif|webp|apng)|audio\/(wav|mpeg|ogg|webm|mp4))$/;

/** A file as items and rows describe it. */
type MediaSource = Pick<MediaFile, 'key' | 'contentType' | 'bytes' | 'width' | 'height'>;
type MediaShower = (source: Pick<MediaSource, 'key' | 'contentType'> & Partial<MediaSource>) => Promise<ShownMedia | null>;

export async function buildExamples(sources: readonly ExampleSource[], runId: string, readMedia: MediaReader): Promise<Example[]> {
  const showMedia = createMediaShower(runId, readMedia);
  const examples: Example[] = [];
  for (const source of sources) examples.push(await buildExample(source, showMedia, readMedia));
  return examples;
}

async function buildExample(source: ExampleSource, showMedia: MediaShower, readMedia: MediaReader): Promise<Example> {
  const { item } = source;
  const media = await inOrder(item.input.files ?? [], (file) =>
    showMedia({ key: `cache/sha256/${file.sha256}`, contentType: file.contentType }),
  );
  const outputs: ExampleOutput[] = [];
  for (const output of source.outputs) outputs.push(await buildOutput(output, showMedia, readMedia));
  return {
    itemId: item.id,
    chosen: source.chosen,
    attributes: item.attributes,
    prompt: promptOf(item),
    row: item.input.row ?? null,
    media: media.filter((shown) => shown !== null),
    reference: referenceOf(source.reference),
    outputs,
  };
}

async function buildOutput(
  output: ExampleSource['outputs'][number],
  showMedia: MediaShower,
  readMedia: MediaReader,
): Promise<ExampleOutput> {
  const { row, jobId } = output;
  if (row === null) return { state: 'missing', jobId };
  if (row.state === 'failed') return { state: 'failed', jobId, sampleId: row.sampleId, failure: row.error };
  const files = row.output.files ?? [];
  const shown = await inOrder(files, async (file) => ({ file, media: await showMedia(file) }));
  return {
    state: 'succeeded',
    jobId,
    sampleId: row.sampleId,
    text: await textOf(row, readMedia),
    value: row.output.value ?? null,
    media: shown.flatMap(({ media }) => media ?? []),
    otherFiles: shown.filter(({ media }) => media === null).map(({ file }) => file.key),
    latencyMs: row.timings.latencyMs,
    scores: Object.entries(output.values).map(([metric, value]) => scoreOf(metric, value)),
  };
}

function scoreOf(metric: string, value: number | { readonly reason: string }): SampleScore {
  return typeof value === 'number' ? { metric, value, reason: null } : { metric, value: null, reason: value.reason };
}

async function textOf(row: Extract<SampleRow, { state: 'succeeded' }>, readMedia: MediaReader): Promise<ShownText | null> {
  if (row.output.text !== undefined) return clipText(row.output.text, TEXT_LIMIT);
  const file = row.output.files?.find(({ kind }) => kind === 'text');
  if (file === undefined) return null;
  const bytes = await readMedia(file.key, TEXT_LIMIT * 4);
  if (bytes === null) return null;
  const clipped = clipText(new TextDecoder('utf-8').decode(bytes), TEXT_LIMIT);
  // Counted in bytes beyond what was read: a floor for the characters left out.
  return { text: clipped.text, leftOutCharacters: clipped.leftOutCharacters + Math.max(0, Math.ceil((file.bytes - bytes.length) / 4)) };
}

/** Embeds until the page is full; the order of the calls decides who gets in. */
function createMediaShower(runId: string, readMedia: MediaReader): MediaShower {
  let roomBytes = EMBEDDED_TOTAL_LIMIT;
  return async ({ key, contentType, bytes, width, height }) => {
    if (!SHOWN_TYPE.test(contentType)) return null;
    const read = (bytes ?? 0) > EMBEDDED_FILE_LIMIT ? undefined : await readMedia(key, EMBEDDED_FILE_LIMIT + 1);
    const size = bytes ?? read?.length ?? 0;
    const head = { kind: kindOf(contentType), contentType, bytes: size, width: width ?? null, height: height ?? null };
    // Of unknown size and not read: too large to embed, as far as anyone knows.
    if (read === null && bytes === undefined) return { ...head, source: { kind: 'linked', href: hrefFromReport(key, runId) } };
    if (read === null) return { ...head, source: { kind: 'unreadable', reason: 'the file is no longer in the store' } };
    if (read === undefined || read.length > EMBEDDED_FILE_LIMIT || read.length * 1.34 > roomBytes) {
      return { ...head, source: { kind: 'linked', href: hrefFromReport(key, runId) } };
    }
    roomBytes -= read.length * 1.34;
    return { ...head, source: { kind: 'embedded', dataUrl: `data:${contentType};base64,${Buffer.from(read).toString('base64')}` } };
  };
}

function kindOf(contentType: string): ShownMedia['kind'] {
  if (contentType.startsWith('video/')) return 'video';
  return contentType.startsWith('image/') ? 'image' : 'audio';
}

/** Path of a key as seen from `runs/<run>/report/index.html`. */
export function hrefFromReport(key: string, runId: string): string {
  const own = `runs/${runId}/`;
  const path = key.startsWith(own) ? `../${key.slice(own.length)}` : `../../../${key}`;
  return path.split('/').map(encodeURIComponent).join('/');
}

function promptOf(item: FrozenItem): ShownText | null {
  if (item.input.prompt !== undefined) return clipText(item.input.prompt, TEXT_LIMIT);
  if (item.input.messages === undefined) return null;
  return clipText(JSON.stringify(item.input.messages, null, 1), TEXT_LIMIT);
}

function referenceOf(reference: Record<string, unknown> | null): Example['reference'] {
  if (reference === null) return { kind: 'none' };
  if (typeof reference.text === 'string') return { kind: 'text', text: clipText(reference.text, TEXT_LIMIT) };
  if (typeof reference.value === 'number') return { kind: 'value', value: reference.value };
  const fields = Object.entries(reference).map(([name, value]) => [
    name,
    clipText(typeof value === 'string' ? value : JSON.stringify(value), 200).text,
  ]);
  return { kind: 'fields', fields: Object.fromEntries(fields) };
}

/** One after the other: which media still find room must not depend on timing. */
async function inOrder<T, R>(values: readonly T[], step: (value: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const value of values) results.push(await step(value));
  return results;
}
