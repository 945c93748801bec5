/** `report.json`: the report itself, indented for diffs. */
import type { Report } from './report-model.ts';

export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 1)}\n`;
}
