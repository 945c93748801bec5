/** What holds results, or what a run in flight refers to, outlives its stack and its replacement. */
import { type Check, ofType } from './check.ts';

const KEPT = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::ECS::TaskDefinition'];

export const retainedData: Check = {
  name: 'retained-data',
  remedy: 'Set both policies of the resource to Retain.',
  find: (stack) =>
    ofType(stack, ...KEPT).flatMap((resource) => {
      const { DeletionPolicy = 'none', UpdateReplacePolicy = 'none' } = resource;
      if (DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain') return [];
      return [
        { resource, message: `policies on deletion and replacement are ${DeletionPolicy} and ${UpdateReplacePolicy}; expected Retain` },
      ];
    }),
};
