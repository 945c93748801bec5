/** The Score step with its adapters. lambdas/score.ts is its only caller. */
import { type ScoreAnswer, scoreStep } from '../workflow/steps/score-step.ts';
import { jobInputSchema } from '../workflow/steps/step-input.ts';
import { awsStores } from './aws-stores.ts';
import { functionSettings, readFunctionSettings } from './function-settings.ts';

export function awsScore(environment: NodeJS.ProcessEnv): (event: unknown) => Promise<ScoreAnswer> {
  const { objects, runs } = awsStores(readFunctionSettings(environment, functionSettings.pick({ bucket: true, table: true })));
  return (event) => scoreStep(jobInputSchema.parse(event), { objects, runs });
}
