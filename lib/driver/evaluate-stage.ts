/** Stage evaluate (placeholder until the next commit). */
import type { StageContext, StageEnd } from './stage-context.ts';

export async function evaluateStage(_context: StageContext): Promise<StageEnd> {
  throw new Error('not yet');
}
