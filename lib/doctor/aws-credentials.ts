/** Credentials and a Region, found as AWS's own tools find them. */
import type { CloudCheck } from './finding.ts';

export const awsCredentials: CloudCheck = {
  id: 'aws-credentials',
  check: async (cloud) => {
    const { account, arn, region } = await cloud.caller();
    return { id: 'aws-credentials', status: 'ok', found: `account ${account}, ${region}, as ${arn}`, remedy: null };
  },
};
