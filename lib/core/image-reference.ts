/** The reference of an image, as `docker pull` takes it, taken apart. Used by specs, by planning and where images are brought. */

/** `[registry/]name[:tag][@sha256:digest]`, lower case but for the tag. */
export const IMAGE_PATTERN =
  /^(?=.{1,500}$)(?:[a-z0-9][a-z0-9.-]{0,252}(?::[0-9]{1,5})?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** 64 hex digits; null for a reference by tag, which may move. */
export function digestOfReference(reference: string): string | null {
  return /@sha256:([0-9a-f]{64})$/.exec(reference)?.[1] ?? null;
}

/** Registry and repository, without tag and digest. */
export function nameOfReference(reference: string): string {
  return reference.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[^:/]*$/, '');
}

/** The name by its digest: the tag goes, because it says nothing any more. */
export function withDigest(reference: string, digest: string): string {
  return `${nameOfReference(reference)}@sha256:${digest}`;
}
