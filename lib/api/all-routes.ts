/** Every route but that of the document itself, in the order of the document. */
import type { ApiRoute } from './route.ts';
import { COMPARISON_ROUTES } from './routes/comparison.ts';
import { EVALUATION_ROUTES } from './routes/evaluations.ts';
import { FILE_ROUTES } from './routes/files.ts';
import { GATE_ROUTES } from './routes/gates.ts';
import { HEALTH_ROUTES } from './routes/health.ts';
import { JOB_ROUTES } from './routes/jobs.ts';
import { LEADERBOARD_ROUTES } from './routes/leaderboard.ts';
import { MODEL_ROUTES } from './routes/models.ts';
import { RUN_ROUTES } from './routes/runs.ts';
import { SPEC_ROUTES } from './routes/specs.ts';
import { SUITE_ROUTES } from './routes/suites.ts';

export const ROUTES: readonly ApiRoute[] = [
  ...RUN_ROUTES,
  ...EVALUATION_ROUTES,
  ...JOB_ROUTES,
  ...FILE_ROUTES,
  ...COMPARISON_ROUTES,
  ...GATE_ROUTES,
  ...LEADERBOARD_ROUTES,
  ...MODEL_ROUTES,
  ...SUITE_ROUTES,
  ...SPEC_ROUTES,
  ...HEALTH_ROUTES,
];
