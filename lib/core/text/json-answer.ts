/**
 * Finds the JSON of a model's answer: the whole text, or the content of its only fenced code block. Nothing else is guessed. Used by the scorers
 * of structured answers and of labels.
 */

const FENCE = /^[ \t]*```[^\n`]*$/gm;

/** The content of the only fenced block; null where there is none, or more than one. */
function fencedBlock(text: string): string | null {
  const [open, close, ...others] = text.matchAll(FENCE);
  if (open === undefined || close === undefined || others.length > 0) return null;
  return text.slice(open.index + open[0].length, close.index);
}

/** The parsed value in a box, since it may be null; null where the text holds no JSON. */
export function jsonAnswer(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(fencedBlock(text) ?? text) };
  } catch {
    // Not JSON, or nested so deeply that reading it took the whole stack: either way nothing that can be read.
    return null;
  }
}
