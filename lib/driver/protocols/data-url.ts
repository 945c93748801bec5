/** Files inside JSON, for protocols whose servers share no folder with the driver. Called by the adapters that send or receive such files. */
import { readFile } from 'node:fs/promises';

export interface DataFile {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** Rejects when the file cannot be read. */
export async function dataUrlOf(path: string, contentType: string): Promise<string> {
  return `data:${contentType};base64,${(await readFile(path)).toString('base64')}`;
}

const HEAD = /^data:([\w.+-]{1,64}\/[\w.+-]{1,64})(?:;[\w.+-]{1,64}=[\w.+-]{1,64})*;base64,/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Null for whatever is not a whole data URL in base64; a text that only begins like one is a text. */
export function readDataUrl(text: string): DataFile | null {
  const head = HEAD.exec(text.slice(0, 512));
  const contentType = head?.[1];
  if (head === null || contentType === undefined) return null;
  const data = text.slice(head[0].length);
  return BASE64.test(data) ? { contentType: contentType.toLowerCase(), bytes: Buffer.from(data, 'base64') } : null;
}
