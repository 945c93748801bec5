/**
 * The shape of a check at synth: one rule of ours over the resources of a synthesised stack. Each lies in a file of its own here;
 * lib/infra/own-checks.ts runs them as a plug-in of the CDK's validation.
 */
import { z } from 'zod';

/** A resource as CloudFormation will see it. */
export const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
export const templateSchema = z.looseObject({ Resources: z.record(z.string(), resourceSchema).default({}) });

export interface CheckedResource extends z.infer<typeof resourceSchema> {
  readonly logicalId: string;
  /** Path of the construct without the stack's name: `Plan/Role/DefaultPolicy/Resource`. */
  readonly path: string;
}

export interface CheckedStack {
  readonly resources: readonly CheckedResource[];
  /** Size of the template as it is uploaded. */
  readonly bytes: number;
  /** The runbook's text. */
  readonly runbook: string;
  /** GPUs of the largest instance type that a fleet can have. */
  readonly maxGpus: number;
}

export interface Finding {
  readonly resource: CheckedResource;
  /** What exactly, where a resource can have several: acknowledgements name it. */
  readonly what?: string;
  /** What was seen, and what is expected. */
  readonly message: string;
}

export interface Check {
  /** Kebab-case: the id in acknowledgements is `bakeoff-<name>`. */
  readonly name: string;
  /** An imperative sentence. */
  readonly remedy: string;
  readonly find: (stack: CheckedStack) => Finding[];
}

export function ofType(stack: CheckedStack, ...types: readonly string[]): CheckedResource[] {
  return stack.resources.filter(({ Type }) => types.includes(Type));
}

/** Logical id that a Ref or a GetAtt names; null for anything else. */
export function referenced(value: unknown): string | null {
  const parsed = z
    .union([z.object({ Ref: z.string() }), z.object({ 'Fn::GetAtt': z.tuple([z.string()]).rest(z.unknown()) })])
    .safeParse(value);
  if (!parsed.success) return null;
  return 'Ref' in parsed.data ? parsed.data.Ref : parsed.data['Fn::GetAtt'][0];
}
