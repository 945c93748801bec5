/** The formats that `bakeoff suites import` reads. */
export const SUITE_FORMATS = ['vbench', 'jsonl', 'csv', 'dataset', 'images'] as const;
export type SuiteFormat = (typeof SUITE_FORMATS)[number];
