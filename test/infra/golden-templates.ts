/** The templates of a deployment as committed copies keep them: hashes of assets masked, since they change with every function. */
import { type CfnTemplate, place } from './synth-fixture.ts';

export const GOLDEN_FOLDER = 'test/infra/golden';

/** Path relative to the repository -> content. */
export function goldenTemplates(): ReadonlyMap<string, string> {
  const templates = place({ alarmEmail: 'team@example.com', tags: { team: 'video' } }).templates();
  return new Map(Object.entries(templates).map(([name, template]) => [`${GOLDEN_FOLDER}/${name}.json`, masked(template)]));
}

function masked(template: CfnTemplate): string {
  return `${JSON.stringify(template, null, 1).replace(/[0-9a-f]{64}/g, '<hash>')}\n`;
}
