/**
 * The protocols that a model's server may speak to the driver. Read by the schemas of manifests, specs and jobs, and by whoever must know what a
 * protocol can do; how one is spoken is known to lib/driver/protocols alone.
 */
export const MODEL_PROTOCOLS = ['native', 'openai-chat', 'cog', 'oip-v2', 'sagemaker', 'openai-videos'] as const;
export type ModelProtocolName = (typeof MODEL_PROTOCOLS)[number];

/** Their servers can send an answer piece by piece. */
const STREAMED: ReadonlySet<string> = new Set<ModelProtocolName>(['native', 'openai-chat']);

export function canStream(protocol: ModelProtocolName): boolean {
  return STREAMED.has(protocol);
}
