/** No right holds for every resource, unless the action is acknowledged by name: those that AWS cannot restrict. */
import type { Check } from './check.ts';
import { allowedStatements } from './policy-statements.ts';

export const noStarResources: Check = {
  name: 'star-resource',
  remedy: 'Name the resources, or acknowledge the action with a reason in lib/infra/acknowledged.ts.',
  find: (stack) =>
    allowedStatements(stack)
      .filter(({ statement }) => statement.Resource.includes('*'))
      .flatMap(({ resource, statement }) =>
        statement.Action.map((action) => ({ resource, what: action, message: `${action} is allowed on every resource` })),
      ),
};
