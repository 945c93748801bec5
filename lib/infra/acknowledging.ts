/**
 * Takes out of a plug-in's findings what is acknowledged. One list for cdk-nag's rules and ours, matched by construct and finding, because
 * findings contain names that only a deployment knows.
 */
import type { IPolicyValidationPlugin, PolicyViolation } from 'aws-cdk-lib';
import type { Acknowledgement } from './acknowledged.ts';

export function acknowledging(inner: IPolicyValidationPlugin, acknowledged: readonly Acknowledgement[]): IPolicyValidationPlugin {
  return {
    name: inner.name,
    ...(inner.ruleIds === undefined ? {} : { ruleIds: inner.ruleIds }),
    validate: (context) => {
      const violations = inner.validate(context).violations.flatMap((violation) => remaining(violation, acknowledged));
      return { success: violations.length === 0, violations };
    },
  };
}

/** True when an entry is about this finding at this construct; `path` starts with the stack's name, which a prefix may change. */
export function covers({ rule, where }: Acknowledgement, ruleName: string, path: string): boolean {
  return matches(rule, ruleName) && matches(where, path.split('/').slice(1).join('/'));
}

function remaining(violation: PolicyViolation, acknowledged: readonly Acknowledgement[]): PolicyViolation[] {
  const violatingResources = violation.violatingResources.filter(
    ({ constructPath = '' }) => !acknowledged.some((entry) => covers(entry, violation.ruleName, constructPath)),
  );
  return violatingResources.length === 0 ? [] : [{ ...violation, violatingResources }];
}

/** `…` in the pattern stands for any text; stars are themselves, since findings are full of them. */
function matches(pattern: string, text: string): boolean {
  const escaped = pattern.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(text);
}
