/** The total of VBench-2.0: means of means, nothing normalised. `profiles.ts` lists it. */
import type { Profile, ProfileGroup } from './profile.ts';

function meanOf(name: string, dimensions: readonly string[]): ProfileGroup {
  return { name, weight: 1, dimensions: Object.fromEntries(dimensions.map((dimension) => [dimension, { min: 0, max: 1, weight: 1 }])) };
}

export const VBENCH_2: Profile = {
  name: 'vbench-2.0',
  version: '1',
  title: 'VBench-2.0',
  formula: 'each group = mean(raw) of its dimensions; total = mean of the five groups',
  source: 'Vchitect/VBench 45e79ec14e69: VBench-2.0/scripts/constant.py, VBench-2.0/scripts/cal_final_score.py',
  hasSubtotals: true,
  groups: [
    meanOf('creativity', ['Composition', 'Diversity']),
    meanOf('commonsense', ['Instance Preservation', 'Motion Rationality']),
    meanOf('controllability', [
      ...['Camera Motion', 'Complex Landscape', 'Complex Plot', 'Dynamic Attribute', 'Dynamic Spatial Relationship'],
      ...['Human Interaction', 'Motion Order Understanding'],
    ]),
    meanOf('human_fidelity', ['Human Anatomy', 'Human Clothes', 'Human Identity']),
    meanOf('physics', ['Material', 'Mechanics', 'Multi-View Consistency', 'Thermotics']),
  ],
};
