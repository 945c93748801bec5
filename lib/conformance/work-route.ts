/** Where a protocol takes its work: for rules that send what is no request. */
import type { Protocol } from './rule.ts';

export function workRoute(protocol: Protocol): { readonly method: 'PUT' | 'POST'; readonly path: string } {
  if (protocol === 'openai-chat') return { method: 'POST', path: '/v1/chat/completions' };
  if (protocol === 'evaluator') return { method: 'POST', path: '/evaluate' };
  return { method: 'PUT', path: '/generate/check-body' };
}
