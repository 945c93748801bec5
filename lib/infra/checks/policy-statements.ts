/** The statements of IAM policies in a stack, for the checks that look at rights. */
import { z } from 'zod';
import type { CheckedResource, CheckedStack } from './check.ts';

const oneOrMany = <T extends z.ZodType>(schema: T) => z.union([schema.transform((one) => [one]), z.array(schema)]);

const statementSchema = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMany(z.string()).default([]),
  Resource: oneOrMany(z.union([z.string(), z.record(z.string(), z.unknown())])).default([]),
});
export type PolicyStatementText = z.infer<typeof statementSchema>;

const documentSchema = z.looseObject({ Statement: z.array(statementSchema) });
const policySchema = z.looseObject({ PolicyDocument: documentSchema });
const roleSchema = z.looseObject({ Policies: z.array(z.looseObject({ PolicyDocument: documentSchema })).default([]) });

/** What identities are allowed: statements of roles and their policies. */
export function allowedStatements(stack: CheckedStack): { readonly resource: CheckedResource; readonly statement: PolicyStatementText }[] {
  return stack.resources.flatMap((resource) =>
    documentsOf(resource)
      .flatMap(({ Statement }) => Statement)
      .filter(({ Effect }) => Effect === 'Allow')
      .map((statement) => ({ resource, statement })),
  );
}

function documentsOf({ Type, Properties }: CheckedResource): z.infer<typeof documentSchema>[] {
  if (Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy') return [policySchema.parse(Properties).PolicyDocument];
  if (Type !== 'AWS::IAM::Role') return [];
  return roleSchema.parse(Properties).Policies.map(({ PolicyDocument }) => PolicyDocument);
}
