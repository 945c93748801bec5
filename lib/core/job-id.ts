/** The id of a job: the same model, package, protocol and params have the same id in every run. */
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import type { Params } from './params.ts';

const MAX_ID_LENGTH = 64;
const HASH_LENGTH = 8;

export interface JobIdentity {
  readonly model: string;
  /** Digest of the package. */
  readonly digest: string;
  readonly protocol: string;
  /** With the defaults filled in. */
  readonly params: Params;
}

/** `<model>-<8 hex of the hash of model, package, protocol and params>`; a long model name is cut to fit. */
export function jobIdOf(identity: JobIdentity): string {
  const { model, digest, protocol, params } = identity;
  const hash = sha256Hex(canonicalJson({ model, digest, protocol, params })).slice(0, HASH_LENGTH);
  return `${model.slice(0, MAX_ID_LENGTH - HASH_LENGTH - 1)}-${hash}`;
}
