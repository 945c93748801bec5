/** The total of VBench for image-to-video. Bounds and weights are the published ones; `profiles.ts` lists it. */
import type { Profile } from './profile.ts';

export const VBENCH_I2V: Profile = {
  name: 'vbench-i2v',
  version: '1',
  title: 'VBench, image to video',
  formula:
    'norm = (raw - min) / (max - min), not clamped; i2v_score = sum(weight x norm) / 2.1; quality = sum(weight x norm) / 5.5; total = (quality + i2v_score) / 2',
  source:
    'Vchitect/VBench 45e79ec14e69: scripts/constant.py, scripts/cal_i2v_final_score.py (temporal_flickering is in the published table and not in the score)',
  hasSubtotals: true,
  groups: [
    {
      name: 'i2v_score',
      weight: 1,
      dimensions: {
        video_text_camera_motion: { min: 0, max: 1, weight: 0.1 },
        video_image_subject_consistency: { min: 0.1462, max: 1, weight: 1 },
        video_image_background_consistency: { min: 0.2615, max: 1, weight: 1 },
      },
    },
    {
      name: 'quality',
      weight: 1,
      dimensions: {
        subject_consistency: { min: 0.1462, max: 1, weight: 1 },
        background_consistency: { min: 0.2615, max: 1, weight: 1 },
        motion_smoothness: { min: 0.706, max: 0.9975, weight: 1 },
        dynamic_degree: { min: 0, max: 1, weight: 0.5 },
        aesthetic_quality: { min: 0, max: 1, weight: 1 },
        imaging_quality: { min: 0, max: 1, weight: 1 },
      },
    },
  ],
};
