/** Every action is one that exists: a misspelt one is deployed without complaint and grants nothing. */
import type { Check } from './check.ts';
import { KNOWN_ACTIONS } from './known-action-names.ts';
import { allowedStatements } from './policy-statements.ts';

export const knownActions: Check = {
  name: 'unknown-action',
  remedy: 'Correct the name, or add it to lib/infra/checks/known-action-names.ts after reading it in the Service Authorization Reference.',
  find: (stack) =>
    allowedStatements(stack).flatMap(({ resource, statement }) =>
      statement.Action.filter((action) => !KNOWN_ACTIONS.has(action)).map((action) => ({
        resource,
        what: action,
        message: `the action ${action} is not in the list of known ones`,
      })),
    ),
};
