/** Every alarm says where to read on, and the place exists: whoever is woken needs a next step. */
import { type Check, ofType } from './check.ts';

const LINK = /docs\/runbook\.md#([a-z0-9-]+)$/;

export const alarmRunbook: Check = {
  name: 'alarm-runbook',
  remedy: 'End the description with docs/runbook.md#<anchor>, and write that entry.',
  find: (stack) =>
    ofType(stack, 'AWS::CloudWatch::Alarm').flatMap((resource) => {
      const description = String(resource.Properties.AlarmDescription ?? '');
      const anchor = LINK.exec(description)?.[1];
      if (anchor === undefined) return [{ resource, message: `the description names no entry of the runbook: "${description}"` }];
      return anchorsOf(stack.runbook).has(anchor) ? [] : [{ resource, message: `the runbook has no entry #${anchor}` }];
    }),
};

/** Headings as their anchors: lower case, spaces to hyphens, nothing else but letters, digits and hyphens. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, text = '']) => text);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}
