/** No identity is allowed a whole service, or a family of actions: each action is written out. */
import type { Check } from './check.ts';
import { allowedStatements } from './policy-statements.ts';

export const noStarActions: Check = {
  name: 'star-action',
  remedy: 'Write out the actions that are needed.',
  find: (stack) =>
    allowedStatements(stack).flatMap(({ resource, statement }) =>
      statement.Action.filter((action) => action.includes('*')).map((action) => ({
        resource,
        what: action,
        message: `a statement allows ${action}; expected single actions`,
      })),
    ),
};
