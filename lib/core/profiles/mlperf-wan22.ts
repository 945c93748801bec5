/** The accuracy figure of MLPerf's Wan2.2 text-to-video task: six raw dimensions of VBench, not its total. `profiles.ts` lists it. */
import type { Profile } from './profile.ts';

const DIMENSIONS = [
  ...['subject_consistency', 'background_consistency', 'motion_smoothness', 'dynamic_degree', 'appearance_style', 'scene'],
];

export const MLPERF_WAN22: Profile = {
  name: 'mlperf-wan22',
  version: '1',
  title: 'MLPerf Inference, Wan2.2 text to video',
  formula: 'total = mean of six raw dimensions, unweighted and not normalised',
  source: 'mlcommons/inference b66003e10e2d: text_to_video/wan-2.2-t2v-a14b (where it is called the VBench score, in percent)',
  note: "It is not VBench's total: six of its dimensions, raw and unweighted.",
  hasSubtotals: false,
  groups: [{ name: 'mean', weight: 1, dimensions: Object.fromEntries(DIMENSIONS.map((name) => [name, { min: 0, max: 1, weight: 1 }])) }],
};
