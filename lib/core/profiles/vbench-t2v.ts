/** The total of VBench for text-to-video. Bounds and weights are the published ones; `profiles.ts` lists it. */
import type { Profile } from './profile.ts';

export const VBENCH_T2V: Profile = {
  name: 'vbench-t2v',
  version: '1',
  title: 'VBench, text to video',
  formula:
    'norm = (raw - min) / (max - min), not clamped; quality = sum(weight x norm) / 6.5; semantic = mean(norm); total = (4 x quality + semantic) / 5',
  source:
    'Vchitect/VBench 45e79ec14e69: scripts/constant.py, scripts/cal_final_score.py (which fills a missing dimension with 0; here it has no total)',
  hasSubtotals: true,
  groups: [
    {
      name: 'quality',
      weight: 4,
      dimensions: {
        subject_consistency: { min: 0.1462, max: 1, weight: 1 },
        background_consistency: { min: 0.2615, max: 1, weight: 1 },
        temporal_flickering: { min: 0.6293, max: 1, weight: 1 },
        motion_smoothness: { min: 0.706, max: 0.9975, weight: 1 },
        dynamic_degree: { min: 0, max: 1, weight: 0.5 },
        aesthetic_quality: { min: 0, max: 1, weight: 1 },
        imaging_quality: { min: 0, max: 1, weight: 1 },
      },
    },
    {
      name: 'semantic',
      weight: 1,
      dimensions: {
        object_class: { min: 0, max: 1, weight: 1 },
        multiple_objects: { min: 0, max: 1, weight: 1 },
        human_action: { min: 0, max: 1, weight: 1 },
        color: { min: 0, max: 1, weight: 1 },
        spatial_relationship: { min: 0, max: 1, weight: 1 },
        scene: { min: 0, max: 0.8222, weight: 1 },
        appearance_style: { min: 0.0009, max: 0.2855, weight: 1 },
        temporal_style: { min: 0, max: 0.364, weight: 1 },
        overall_consistency: { min: 0, max: 0.364, weight: 1 },
      },
    },
  ],
};
