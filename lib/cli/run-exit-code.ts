/** How a verb that follows a run to its end ends: the state of the run, and the verdict of its gates. Called by run and watch. */
import type { GateVerdict } from '../core/gates/gate-verdict.ts';
import type { RunState } from '../core/job.ts';
import type { ExitCode } from './io.ts';

/**
 * 2 for a spec that is not valid; 1 for a run that failed, and for a gate that failed even where the run is not whole; 3 for a run that is
 * less than whole, and where a gate could not be judged; else 0.
 */
export function runExitCode(state: RunState, verdict: Pick<GateVerdict, 'outcome'> | undefined): ExitCode {
  if (state === 'rejected') return 2;
  if (state === 'failed' || verdict?.outcome === 'failed') return 1;
  return state === 'succeeded' && verdict?.outcome !== 'unjudged' ? 0 : 3;
}
