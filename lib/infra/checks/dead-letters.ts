/** Nothing that is delivered asynchronously can vanish: targets of rules, functions that rules call, and queues have dead letters. */
import { z } from 'zod';
import { type Check, type CheckedStack, type Finding, ofType, referenced } from './check.ts';

const targetSchema = z.looseObject({
  Arn: z.unknown().optional(),
  DeadLetterConfig: z.looseObject({ Arn: z.unknown().optional() }).optional(),
});
const ruleSchema = z.looseObject({ Targets: z.array(targetSchema).default([]) });
const invokeSchema = z.looseObject({
  FunctionName: z.unknown().optional(),
  MaximumRetryAttempts: z.number().optional(),
  DestinationConfig: z.looseObject({ OnFailure: z.looseObject({}).optional() }).optional(),
});

export const deadLetterCheck: Check = {
  name: 'dead-letters',
  remedy: 'Give the rule, the function or the queue the dead letters of the stack.',
  find: (stack) => [...ofTargets(stack), ...ofFunctions(stack), ...ofQueues(stack)],
};

function ofTargets(stack: CheckedStack): Finding[] {
  return ofType(stack, 'AWS::Events::Rule').flatMap((resource) =>
    ruleSchema
      .parse(resource.Properties)
      .Targets.filter(({ DeadLetterConfig }) => DeadLetterConfig === undefined)
      .map(() => ({ resource, what: 'target', message: 'a target of the rule has no dead letters' })),
  );
}

function ofFunctions(stack: CheckedStack): Finding[] {
  const guarded = new Set(
    ofType(stack, 'AWS::Lambda::EventInvokeConfig').flatMap(({ Properties }) => {
      const { FunctionName, MaximumRetryAttempts, DestinationConfig } = invokeSchema.parse(Properties);
      const isWhole = MaximumRetryAttempts !== undefined && DestinationConfig?.OnFailure !== undefined;
      return isWhole ? (referenced(FunctionName) ?? []) : [];
    }),
  );
  const functions = new Map(ofType(stack, 'AWS::Lambda::Function').map((resource) => [resource.logicalId, resource]));
  return ofType(stack, 'AWS::Events::Rule')
    .flatMap(({ Properties }) => ruleSchema.parse(Properties).Targets.map(({ Arn }) => referenced(Arn)))
    .flatMap((id) => functions.get(id ?? '') ?? [])
    .filter(({ logicalId }) => !guarded.has(logicalId))
    .map((resource) => ({ resource, what: 'function', message: 'a rule calls the function, which has no destination for failures' }));
}

/** Queues that functions read: what fails again and again has to leave them. */
function ofQueues(stack: CheckedStack): Finding[] {
  const read = new Set(
    ofType(stack, 'AWS::Lambda::EventSourceMapping').flatMap(({ Properties }) => referenced(Properties.EventSourceArn) ?? []),
  );
  return ofType(stack, 'AWS::SQS::Queue')
    .filter(({ logicalId, Properties }) => read.has(logicalId) && Properties.RedrivePolicy === undefined)
    .map((resource) => ({ resource, what: 'queue', message: 'a function reads the queue, which has no dead letters' }));
}
