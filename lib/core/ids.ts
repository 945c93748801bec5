/**
 * Identifiers: their grammar, and how the ids of jobs and samples are made. Nothing unvalidated reaches a path or a key.
 */
import { z } from 'zod';

export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const idSchema = z.string().regex(ID_PATTERN, 'an id: a letter or digit, then at most 63 of A-Z a-z 0-9 . _ -');
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 digest: 64 lower-case hex digits');

/** `<itemId>.<repeat>`: one unit of work inside a job. */
export function sampleIdOf(itemId: string, repeat: number): string {
  return `${itemId}.${repeat}`;
}

/** `<sample>.<attempt>.<try>`: what a model server is asked to be idempotent by. */
export function generationIdOf(sampleId: string, attempt: number, tryNumber: number): string {
  return `${sampleId}.${attempt}.${tryNumber}`;
}
