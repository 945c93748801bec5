/**
 * Reads the label of an answer, and what the model says of its certainty. The answer is the label itself, or JSON with a `label`; labels are
 * compared after one normalisation, which reports tell.
 */
import { jsonAnswer } from '../text/json-answer.ts';
import { normaliseText } from '../text/normalise.ts';

export const LABEL_NORMALISATION = 'Unicode NFC, ends trimmed, white space one blank, lower case; punctuation counts';

/** A label as it is compared and shown. */
export function normaliseLabel(text: string): string {
  return normaliseText(text).toLowerCase();
}

/** The label that a reference holds, normalised; null where it holds none. */
export function labelTruth(reference: Readonly<Record<string, unknown>> | null): string | null {
  const label = typeof reference?.label === 'string' ? normaliseLabel(reference.label) : '';
  return label === '' ? null : label;
}

export interface LabelAnswer {
  /** Normalised; null where the JSON names none. */
  readonly label: string | null;
  /** From 0 to 1; NaN where the answer tells none. */
  readonly confidence: number;
  /** By normalised label, as far as they are numbers; null where the answer has none. */
  readonly scores: ReadonlyMap<string, number> | null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function scoresOf(value: unknown): LabelAnswer['scores'] {
  if (!isObject(value)) return null;
  const scores = new Map<string, number>();
  for (const [label, score] of Object.entries(value))
    if (typeof score === 'number' && Number.isFinite(score)) scores.set(normaliseLabel(label), score);
  return scores;
}

/** A JSON object is read by its keys; any other text is a label as a whole. */
export function readLabelAnswer(text: string): LabelAnswer {
  const json = text.includes('{') ? (jsonAnswer(text)?.value ?? null) : null;
  if (!isObject(json)) return { label: normaliseLabel(text), confidence: Number.NaN, scores: null };
  const { label, confidence, scores } = json;
  const isShare = typeof confidence === 'number' && confidence >= 0 && confidence <= 1;
  return {
    label: typeof label === 'string' ? normaliseLabel(label) : null,
    confidence: isShare ? confidence : Number.NaN,
    scores: scoresOf(scores),
  };
}
