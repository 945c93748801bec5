/** EC2 refuses user data above 16 KiB, at launch: the group would then never have an instance. Source: EC2 guide, "Run commands at launch". */
import { z } from 'zod';
import { type Check, ofType } from './check.ts';

const MAX_BYTES = 16 * 1024;
/** A reference is at most a cluster's name. */
const REFERENCE_BYTES = 255;

const userDataSchema = z.looseObject({
  LaunchTemplateData: z.looseObject({
    UserData: z
      .object({ 'Fn::Base64': z.union([z.string(), z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) })]) })
      .optional(),
  }),
});

export const userDataSize: Check = {
  name: 'user-data-size',
  remedy: 'Shorten the scripts below lib/infra/user-data.',
  find: (stack) =>
    ofType(stack, 'AWS::EC2::LaunchTemplate').flatMap((resource) => {
      const text = userDataSchema.parse(resource.Properties).LaunchTemplateData.UserData?.['Fn::Base64'] ?? '';
      const parts = typeof text === 'string' ? [text] : text['Fn::Join'][1];
      const bytes = parts.reduce<number>((sum, part) => sum + (typeof part === 'string' ? Buffer.byteLength(part) : REFERENCE_BYTES), 0);
      return bytes <= MAX_BYTES ? [] : [{ resource, message: `the user data may have ${bytes} bytes; expected at most ${MAX_BYTES}` }];
    }),
};
